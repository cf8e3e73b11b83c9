import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchingRows, parseSpanFilter } from './span-filter.ts';
import { sampleTrace } from './testing/sample-trace.ts';
import { nameOf } from './trace-model.ts';

const model = sampleTrace(`
  kong 0+9000
    kong.router 10+5
    kong.phase.access 20+6000
      kong.access.plugin.cors 21+5
      kong.access.plugin.key-auth 30+5500 !
    kong.phase.log 9000+10
      kong.log.plugin.http-log 9001+5
`);

function found(text: string): string[] {
  const filter = parseSpanFilter(text);
  if (filter === null || !filter.ok) throw new Error(`not a filter: ${text}`);
  const rows = matchingRows(model, filter.matches, () => null);
  return [...rows].flatMap((matches, row) => (matches === 1 ? [nameOf(model, row)] : []));
}

describe('parseSpanFilter()', () => {
  it.each([
    ['ROUTER', ['kong.router']],
    ['plugin:auth', ['kong.access.plugin.key-auth']],
    ['plugin:', ['kong.access.plugin.cors', 'kong.access.plugin.key-auth', 'kong.log.plugin.http-log']],
    ['phase:log', ['kong.phase.log', 'kong.log.plugin.http-log']],
    ['dur>5.4ms', ['kong', 'kong.phase.access', 'kong.access.plugin.key-auth']],
    ['duration<=5us', ['kong.router', 'kong.access.plugin.cors', 'kong.log.plugin.http-log']],
    ['dur>=9ms', ['kong']],
    ['dur<6µs cors', ['kong.access.plugin.cors']],
    ['status=error', ['kong.access.plugin.key-auth']],
    ['phase:access -status:error !cors', ['kong.phase.access']],
    ['nothing-like-it', []],
  ])('%s', (text, names) => expect(found(text)).toEqual(names));

  it('is null for no words', () => {
    expect(parseSpanFilter('')).toBeNull();
    expect(parseSpanFilter('  \t ')).toBeNull();
  });

  it('says what is wrong', () => {
    expect(parseSpanFilter('dur>5')).toEqual({
      ok: false,
      message: '“dur>5” is no duration: write dur>5ms, dur<=200us',
    });
    expect(parseSpanFilter('status=bad')).toEqual({
      ok: false,
      message: '“bad” is no status: write status=error, status=ok or status=unset',
    });
  });

  it('asks for attributes where a word is about one, and holds quoted words together', () => {
    const filter = parseSpanFilter('phase:access attr.note="two words" -cors');
    expect(filter).toMatchObject({ ok: true, needsAttributes: true });
    if (filter?.ok !== true) return;
    const facts = {
      span_id: '',
      kind: '',
      status_message: '',
      attributes: { note: 'Two words' },
      events: [],
    };
    const rows = matchingRows(model, filter.matches, (row) => (row % 2 === 0 ? facts : null));
    expect([...rows].flatMap((one, row) => (one === 1 ? [nameOf(model, row)] : []))).toEqual([
      'kong.phase.access',
      'kong.access.plugin.key-auth',
    ]);
    expect(parseSpanFilter('cors')).toMatchObject({ needsAttributes: false });
    expect(parseSpanFilter('"" "')).toBeNull();
  });

  it('takes any text, and a negated word matches exactly what the word does not', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseSpanFilter(text);
        const word = text.replace(/[\s"]|^[-!]+/g, '');
        fc.pre(word !== '' && !/^[-!]/.test(word));
        const plain = parseSpanFilter(word);
        const negated = parseSpanFilter(`-${word}`);
        fc.pre(plain?.ok === true && negated?.ok === true);
        if (plain?.ok !== true || negated?.ok !== true) return;
        for (let row = 0; row < model.count; row++)
          expect(plain.matches(model, row, () => null)).toBe(!negated.matches(model, row, () => null));
      }),
    );
  });
});
