import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pattern } from './pattern.ts';

const test = (pattern: string, text: string) => Pattern.compile(pattern).test(text);

describe('Pattern.test()', () => {
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['a', 'bab', true],
    ['^a', 'ba', false],
    ['a$', 'ab', false],
    ['^/v\\d+/users', '/v12/users/7', true],
    // Rust's classes are Unicode's.
    ['^\\w+$', 'Köln', true],
    ['^\\d$', '٣', true],
    ['^\\s$', '\u00a0', true],
    ['\\bn', 'ön', false],
    ['(?-u:\\bn)', 'ön', true],
    ['(?i)STRASSE', 'straße', false],
    ['(?i)k', '\u212a', true],
    ['(?i-u)k', '\u212a', false],
    ['^.$', '🦊', true],
    ['^.$', '\n', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?mR)a$', 'a\r\nb', true],
    ['(?mR)\\r$', 'a\r\nb', false],
    ['[\\w--a]', 'a', false],
    ['[a-c~~b-d]', 'c', false],
    ['[a-c~~b-d]', 'd', true],
    ['\\p{greek}', 'α', true],
    ['\\P{L}', 'é', false],
    ['(?x) a \\  b # and so on', 'a b', true],
    ['a{2,3}$', 'xaa', true],
    ['(?:a{0}){3}$', '', true],
    ['\ud800', '\ud800', true],
    ['^.$', '\udc00', true],
  ])('/%s/ on %j is %s', (pattern, text, expected) => {
    expect(test(pattern, text)).toBe(expected);
  });

  const signs = fc.constantFrom('a', 'b', '.', '[^a]', '(?:ab|b)', '(?:a|)', '\\w', '\\b', '^', '$', '🦊');
  const parts = fc.array(fc.tuple(signs, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}')), {
    maxLength: 6,
  });
  const pattern = fc
    .array(parts, { minLength: 1, maxLength: 3 })
    .map((branches) =>
      branches
        .map((branch) =>
          branch.map(([sign, count]) => (/^(\^|\$|\\b)$/.test(sign) ? sign : sign + count)).join(''),
        )
        .join('|'),
    );
  const text = fc
    .array(fc.constantFrom('a', 'b', ' ', '\n', '🦊'), { maxLength: 12 })
    .map((list) => list.join(''));

  it('agrees with JavaScript where both mean the same, one text after the other', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { maxLength: 4 }), (source, texts) => {
        const ours = Pattern.compile(source);
        const theirs = new RegExp(source, 'v');
        expect(texts.map((one) => [one, ours.test(one)])).toEqual(
          texts.map((one) => [one, theirs.test(one)]),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('goes on without remembering where it would have to remember too much', () => {
    const ours = Pattern.compile('a[ab]{14}c');
    const theirs = /a[ab]{14}c/;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), fc.boolean(), (seed, ends) => {
        let state = seed;
        let long = '';
        // A linear congruential generator: every window of a and b comes up.
        for (let at = 0; at < 3_000; at++) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          long += (state & 0x10000) === 0 ? 'a' : 'b';
        }
        const whole = ends ? `${long}a${'b'.repeat(14)}c` : `${long}b${'b'.repeat(14)}c`;
        expect(ours.test(whole)).toBe(theirs.test(whole));
      }),
      { numRuns: 20 },
    );
  });
});

describe('Pattern.compile()', () => {
  it.each<[string, string]>([
    ['(', 'the group has no closing ), at its character 1'],
    ['a)', 'there is one ) too many, at its character 2'],
    ['a|*', '* repeats nothing, at its character 3'],
    ['a{2', '} behind a repetition is missing at the end, at its character 4'],
    ['a{3,2}', 'a repetition goes upwards, at its character 2'],
    ['(?=a)', 'there is no look-around, at its character 3'],
    ['(?<!a)', 'there is no look-around, at its character 3'],
    ['(a)\\1', 'there are no back-references, at its character 4'],
    ['\\q', '\\q means nothing, at its character 1'],
    ['\\x{110000}', '"110000" is no hexadecimal number of a character, at its character 3'],
    ['\\p{Nothing}', 'there is no property "Nothing", at its character 1'],
    ['[a', 'the class has no closing ], at its character 1'],
    ['[b-a]', 'a range goes upwards, at its character 2'],
    ['[\\b]', 'what stands in a class is a character, at its character 2'],
    ['(?z)', 'there is no flag z, at its character 3'],
    ['(?-u:.)', '. needs the flag u, at its character 6'],
    ['a{1000}', 'it is too large: 500 steps at most, and what is repeated counts as often as {…} says'],
    ['('.repeat(300), 'groups nest 250 deep at most, at its character 251'],
    ['['.repeat(300), 'classes nest 250 deep at most, at its character 252'],
  ])('refuses /%s/', (pattern, message) => {
    expect(() => Pattern.compile(pattern)).toThrow(
      expect.objectContaining({ name: 'PatternError', message }),
    );
  });

  it('makes nothing of what repeats nothing, however often', () => {
    expect(test('(?:(?:){1000000}){1000000}$', '')).toBe(true);
  });
});
