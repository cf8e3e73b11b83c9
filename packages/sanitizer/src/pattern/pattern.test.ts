import { ManualClock } from '@gatescope/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULES_MS_MAX, WorkLimit, WorkLimitExceeded } from '../work-limit.ts';
import { MATCH_BYTES_MAX, PATTERN_CHARACTERS_MAX, Pattern } from './pattern.ts';

/** For as long as it takes: the machine may be busy. */
const unhurried = () => new WorkLimit(new ManualClock());

function compiled(text: string): Pattern {
  const pattern = Pattern.compile(text);
  if (!(pattern instanceof Pattern)) throw new Error(pattern.message);
  return pattern;
}

function matches(pattern: string, text: string | Uint8Array, limit = unhurried()): string[] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const found: string[] = [];
  compiled(pattern).find(bytes, limit, (start, end) => {
    found.push(new TextDecoder().decode(bytes.subarray(start, end)));
  });
  return found;
}

describe('Pattern.compile() says what is wrong, where, and how to mend it', () => {
  test.each([
    ['', 1, 'the pattern is empty', /what to mask/],
    ['a(b', 2, 'missing closing )', /close the group/],
    ['ab)', 3, 'unexpected )', /open the group/],
    ['a[b', 2, 'missing closing ]', /close the class/],
    ['pin(?=\\d)', 4, 'invalid or unsupported Perl syntax', /no look-around/],
    ['(?<!x)y', 1, 'invalid named capture', /no look-around/],
    ['(a)\\1', 4, 'invalid escape sequence', /no back-references/],
    ['a**', 2, 'repetition', /once/],
    ['a{2,1}', 2, 'repeat count', /1000/],
    ['ab\\', 3, 'trailing backslash', /\\\\/],
    ['\\p{Foo}', 1, 'invalid character class range', /RE2/],
    ['(?:a{500}b){2}', 1, 'invalid repeat count|too large', /./],
    ['a{900}', 1, 'too large', /as often as they repeat/],
    ['x'.repeat(PATTERN_CHARACTERS_MAX + 1), PATTERN_CHARACTERS_MAX + 1, 'more than', /several/],
  ])('%#: %.40s', (text, column, message, suggestion) => {
    const error = Pattern.compile(text);
    expect(error).toMatchObject({
      message: expect.stringMatching(message.replace(/[)\]]/g, '\\$&')),
      suggestion: expect.stringMatching(suggestion),
    });
    if (!message.includes('|')) expect(error).toMatchObject({ column });
  });
});

describe('Pattern.find() finds', () => {
  test.each([
    ['all matches', 'ab+', 'abbb cab', ['abbb', 'ab']],
    ['letters beyond ASCII', 'é+', 'aéébé', ['éé', 'é']],
    ['at word boundaries and the beginning', '^a|\\bb', 'a ab b', ['a', 'b']],
    ['no empty match', 'x*', 'axxa', ['xx']],
    ['nothing that is masked', '.+', '****', []],
    ['nothing in nothing', 'x', '', []],
  ])('%s', (_what, pattern, text, expected) => {
    expect(matches(pattern, text)).toEqual(expected);
  });

  test('beside bytes that are no UTF-8', () => {
    expect(matches('key=\\w+', Uint8Array.of(0xff, 0xc3, 0x6b, 0x65, 0x79, 0x3d, 0x61, 0xe2, 0x82))).toEqual([
      'key=a',
    ]);
  });

  test('a match of any length up to its bound, wherever it stands', () => {
    for (const before of [0, 1, 8_000, 16_000, 16_383, 16_384, 16_385, 30_000, 50_000]) {
      const secret = `<${'x'.repeat(MATCH_BYTES_MAX - 2)}>`;
      expect(matches('<x+>', `${' '.repeat(before)}${secret} ${secret}`)).toEqual([secret, secret]);
    }
  });

  test('an anchor only where the text begins or ends', () => {
    const text = `a${' '.repeat(40_000)}a`;
    expect(matches('^a', text)).toHaveLength(1);
    expect(matches('a$', text)).toHaveLength(1);
    expect(matches('^ ', text)).toHaveLength(0);
    expect(matches(' $', text)).toHaveLength(0);
  });

  test('what a backtracking engine finds, in texts longer than it searches at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9_000), fc.stringMatching(/^a[bc]{0,9}d?$/)), { maxLength: 9 }),
        (parts) => {
          const text = parts.map(([gap, word]) => '.'.repeat(gap) + word).join('');
          expect(matches('a[bc]+d|a', text)).toEqual(text.match(/a[bc]+d|a/g) ?? []);
        },
      ),
    );
  });
});

describe('Pattern.find() gives up', () => {
  test('when the time of the rules is over', () => {
    const clock = new ManualClock();
    const limit = new WorkLimit(clock);
    expect(matches('a', 'aaa', limit)).toHaveLength(3);
    clock.advance(RULES_MS_MAX + 1);
    expect(() => matches('a', 'aaa', limit)).toThrow(WorkLimitExceeded);
  });

  test('not when time has passed in which the machine did other work', () => {
    const clock = new ManualClock();
    let spentMs = 7;
    const limit = new WorkLimit(clock, () => spentMs);
    expect(matches('a', 'aaa', limit)).toHaveLength(3);
    clock.advance(100 * RULES_MS_MAX);
    spentMs += RULES_MS_MAX;
    expect(matches('a', 'aaa', limit)).toHaveLength(3);
    clock.advance(1);
    spentMs += 1;
    expect(() => matches('a', 'aaa', limit)).toThrow(WorkLimitExceeded);
  });

  test.each(['a(?:[^x]*x)?', '(?i)(?:a[ab]{100}|b.{101})[c-z]', 'a[ab]{200}[^ab]'])(
    'soon, on a pattern that would take minutes: %s',
    (pattern) => {
      const text = 'ab'.repeat(500_000);
      try {
        matches(pattern, text, new WorkLimit());
      } catch (error) {
        expect(error).toBeInstanceOf(WorkLimitExceeded);
      }
    },
  );
});

test('Pattern.isIn() asks about a text of moderate length', () => {
  expect(compiled('b').isIn('abc')).toBe(true);
  expect(compiled('^b').isIn('abc')).toBe(false);
  expect(() => compiled('b').isIn('a'.repeat(100_000))).toThrow(WorkLimitExceeded);
});
