import { describe, expect, it } from 'vitest';
import { complete, ruleCompletions } from './rule-completion.ts';

const names = (text: string, caret = text.length) =>
  ruleCompletions(text, caret).map(({ field }) => field.name);

describe('ruleCompletions()', () => {
  it('offers fields that begin with the word before the caret, then those that contain it', () => {
    expect(names('http.meth')).toEqual(['http.method']);
    expect(names('a == 1 && tls.client.s')).toContain('tls.client.subject');
    expect(names('status')).toEqual(['http.response.status_code', 'proxy.kong.upstream_status_code']);
  });

  it('looks at what is before the caret alone', () => {
    expect(names('http.methXXX', 9)).toEqual(['http.method']);
  });

  it('finds fields by their other names', () => expect(names('url.sch')).toEqual(['net.protocol']));

  it.each(['', 'http.method == "http.me', "a == 'it\\'s http.me", 'http.method', 'zzz'])(
    'offers nothing after %j',
    (text) => {
      expect(names(text)).toEqual([]);
    },
  );

  it('offers at most so many', () => {
    expect(ruleCompletions('h', 1).length).toBe(8);
    expect(ruleCompletions('h', 1, 2).length).toBe(2);
  });
});

describe('complete()', () => {
  it('writes the field in place of the word', () => {
    const text = 'http.meth == GET';
    expect(complete(text, ruleCompletions(text, 9)[0]!)).toEqual({ text: 'http.method == GET', caret: 11 });
  });
});
