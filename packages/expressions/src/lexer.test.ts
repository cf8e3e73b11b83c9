import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from './diagnostic.ts';
import { TOKENS_MAX, tokenize } from './lexer.ts';

/** The tokens of a text as `kind:value`, without the last, and what was said about it as `line:column+length message (suggestion)`. */
function lex(text: string): { tokens: string[]; told: string[] } {
  const diagnostics = new Diagnostics(text);
  const tokens = tokenize(text, diagnostics);
  return {
    tokens: tokens.slice(0, -1).map(({ kind, value }) => (kind === value ? kind : `${kind}:${value}`)),
    told: diagnostics.list.map(
      ({ line, column, length, message, suggestion }) =>
        `${line}:${column}+${length} ${message}${suggestion === null ? '' : ` (${suggestion})`}`,
    ),
  };
}

describe('tokenize()', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' \t\r\n', []],
    ['http.method == GET', ['word:http.method', 'operator:==', 'word:GET']],
    ['a==1', ['word:a', 'operator:==', 'number:1']],
    ['a!=1', ['word:a', 'operator:!=', 'number:1']],
    [
      'a ~ b ^= c =^ d > e >= f < g <= h',
      [
        'word:a',
        'operator:~',
        'word:b',
        'operator:^=',
        'word:c',
        'operator:=^',
        'word:d',
        'operator:>',
        'word:e',
        'operator:>=',
        'word:f',
        'operator:<',
        'word:g',
        'operator:<=',
        'word:h',
      ],
    ],
    ['a not in b', ['word:a', 'not', 'operator:in', 'word:b']],
    ['contains containsx', ['operator:contains', 'word:containsx']],
    ['!(a&&b)||c', ['not:!', '(', 'word:a', 'and:&&', 'word:b', ')', 'or:||', 'word:c']],
    ['not a and b or c', ['not', 'word:a', 'and', 'word:b', 'or', 'word:c']],
    ['notes android oracle inn', ['word:notes', 'word:android', 'word:oracle', 'word:inn']],
    ['[GET, "b"]', ['[', 'word:GET', ',', 'string:b', ']']],
    ['rate-limiting a-b.c-d', ['word:rate-limiting', 'word:a-b.c-d']],
  ])('cuts %j', (text, tokens) => {
    expect(lex(text)).toEqual({ tokens, told: [] });
  });

  it.each<[string, string]>([
    ['"a\\"b\\\\c\\n\\r\\t"', 'a"b\\c\n\r\t'],
    ['"it\'s"', "it's"],
    ['\'say "hi"\'', 'say "hi"'],
    ["'it\\'s'", "it's"],
    ['""', ''],
    ['"two\nlines"', 'two\nlines'],
    ['r#"^/v\\d+"x"#', '^/v\\d+"x'],
    ['r#""#', ''],
    ['r#"#"#', '#'],
    ['"\u{1f600}"', '\u{1f600}'],
  ])('reads the text %j', (text, value) => {
    expect(lex(text)).toEqual({ tokens: [`string:${value}`], told: [] });
  });

  it.each<[string, number]>([
    ['0', 0],
    ['-17', -17],
    ['1.5', 1.5],
    ['0x1F', 31],
    ['-0xff', -255],
    ['017', 15],
    ['-010', -8],
    ['08', 8],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['20us', 0.02],
    ['1ns', 0.000_001],
    ['7b', 7],
    ['10kb', 10_240],
    ['2MB', 2_097_152],
    ['1gb', 1_073_741_824],
  ])('reads the number %s', (text, value) => {
    expect(lex(text)).toEqual({ tokens: [`number:${value}`], told: [] });
  });

  it.each([
    '10.0.0.1',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '::',
    '::1',
    '::/0',
    'fe80::1',
    '2001:db8::/32',
    '1:2:3:4:5:6:7:8',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1/96',
    'dead:beef::cafe',
  ])('takes %s for an address', (text) => {
    expect(lex(text)).toEqual({ tokens: [`address:${text}`], told: [] });
  });

  it.each<[string, string[], string[]]>([
    ['a = 1', ['word:a', 'operator:==', 'number:1'], ['1:3+1 unexpected "=" (equality is written ==)']],
    ['a & b', ['word:a', 'and:&&', 'word:b'], ['1:3+1 unexpected "&" (and is written &&)']],
    ['a | b', ['word:a', 'or:||', 'word:b'], ['1:3+1 unexpected "|" (or is written ||)']],
    ['a == #', ['word:a', 'operator:=='], ['1:6+1 unexpected "#"']],
    ['a == -', ['word:a', 'operator:==', 'number:0'], ['1:6+1 unexpected "-"']],
    ['a\n&& é', ['word:a', 'and:&&'], ['2:4+1 unexpected "é"']],
    ['a == \u{1f600}', ['word:a', 'operator:=='], ['1:6+2 unexpected "\u{1f600}"']],
    [
      '5parsecs',
      ['number:5'],
      ['1:1+8 unknown unit parsecs (units are ns, us, ms, s, m, h and b, kb, mb, gb)'],
    ],
    [
      '5constructor',
      ['number:5'],
      ['1:1+12 unknown unit constructor (units are ns, us, ms, s, m, h and b, kb, mb, gb)'],
    ],
    ['0x1Fms', ['number:31'], ['1:1+6 unknown unit ms (a hexadecimal number has no unit)']],
    ['0xyz', ['number:0'], ['1:1+4 unknown unit xyz (units are ns, us, ms, s, m, h and b, kb, mb, gb)']],
    [
      '"a\\d"',
      ['string:a'],
      ['1:3+2 unknown escape \\d (escapes are \\" \\\\ \\n \\r \\t; use r#"…"# for a pattern)'],
    ],
    ['"open', ['string:open'], ['1:1+5 the text has no closing quote (add ")']],
    ["x == 'open", ['word:x', 'operator:==', 'string:open'], ["1:6+5 the text has no closing quote (add ')"]],
    ['"open\\', ['string:open'], ['1:1+6 the text has no closing quote (add ")']],
    ['r#"open"', ['string:open"'], ['1:1+8 the raw text has no closing "# (add "#)']],
  ])('says what is wrong in %j and goes on', (text, tokens, told) => {
    expect(lex(text)).toEqual({ tokens, told });
  });

  it('refuses a number that is out of range', () => {
    const digits = '9'.repeat(400);
    expect(lex(digits).told).toEqual(['1:1+400 number out of range']);
  });

  it('reads a bounded number of tokens', () => {
    expect(lex('('.repeat(TOKENS_MAX))).toEqual({ tokens: Array(TOKENS_MAX).fill('('), told: [] });
    expect(lex('('.repeat(TOKENS_MAX + 2))).toEqual({
      tokens: Array(TOKENS_MAX).fill('('),
      told: [`1:${TOKENS_MAX + 1}+1 a rule has ${TOKENS_MAX} words and signs at most`],
    });
  });

  it('never fails, and its tokens are pieces of the text, in order', () => {
    const rule = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'ab1.:/-="\'\\#r!&|()[], x~^<>\n') }),
    );
    fc.assert(
      fc.property(rule, (text) => {
        const diagnostics = new Diagnostics(text);
        const tokens = tokenize(text, diagnostics);
        let end = 0;
        for (const token of tokens) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(token.start, token.end)).toBe(token.text);
          end = token.end;
        }
        expect(tokens.at(-1)).toMatchObject({ kind: 'end', start: text.length, end: text.length });
        const lines = text.split('\n');
        for (const { line, column } of diagnostics.list)
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      }),
      { numRuns: 1_000 },
    );
  });
});
