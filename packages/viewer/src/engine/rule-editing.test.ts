import { describe, expect, it } from 'vitest';
import { ruleProposals } from './rule-editing.ts';

const at = (text: string, isAsked = false) =>
  ruleProposals(text, text.length, { routes: ['checkout'] }, isAsked);

describe('ruleProposals()', () => {
  it('proposes fields with their type and when they are known, and a blank behind them', () =>
    expect(at('http.meth')[0]).toEqual({
      label: 'http.method',
      detail: 'string',
      about: expect.stringMatching(/\nKnown when the request is read\.\nFor example /) as string,
      from: 0,
      text: 'http.method ',
      caret: 12,
      isUnfinished: true,
    }));

  it('proposes operators and then values of the configuration', () => {
    expect(at('route.name ').map(({ label }) => label)).toContain('==');
    expect(at('route.name == ').map(({ label }) => label)).toContain('checkout');
  });

  it('stays inside what is not finished: a header has a name, a function an argument', () => {
    expect(at('http.heade').find(({ label }) => label.startsWith('http.headers'))).toMatchObject({
      isUnfinished: false,
    });
    expect(at('any').find(({ label }) => label === 'any(…)')).toMatchObject({ text: 'any()', caret: 4 });
  });

  it('is silent at the beginning of a word until it is asked', () => {
    expect(at('')).toEqual([]);
    expect(at('', true).length).toBeGreaterThan(10);
  });
});
