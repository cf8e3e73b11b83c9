import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskOnce, TEST_CARDS } from '../../testing/cards.ts';
import { Ranges } from '../ranges.ts';
import { endOfRun, findRuns, startOfCutRun } from './find-runs.ts';
import { scanRun } from './scan-run.ts';

function masked(text: string, issuersOnly = false): string {
  const bytes = new TextEncoder().encode(text);
  const cards = new Ranges();
  findRuns(bytes, (first) => scanRun(bytes, first, bytes.length, issuersOnly ? 'brands' : 'all', cards));
  for (let index = 0; index < cards.length; index++) bytes.fill(0x2a, cards.start(index), cards.end(index));
  return new TextDecoder().decode(bytes);
}

const stars = (count: number) => '*'.repeat(count);

describe('findRuns() finds', () => {
  test.each(Object.entries(TEST_CARDS))('a card of %s', (_brand, card) => {
    expect(masked(card)).toBe(stars(card.length));
    expect(masked(card, true)).toBe(stars(card.length));
    expect(masked(`a${card}b`)).toBe(`a${stars(card.length)}b`);
    expect(masked(`9${card}9`)).not.toContain(card.slice(4, -4));
  });

  test.each([
    ['the card of the floor', '4242-4242-4242-4242', stars(19)],
    ['separators of every kind', '4242 - 4242\n\n4242--4242', stars(23)],
    ['one digit at a time', '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2', stars(31)],
    ['two cards side by side', '4111111111111111 5555555555554444', `${stars(16)} ${stars(16)}`],
    ['a card after a number', 'order 7 4242424242424242', `order 7 ${stars(16)}`],
    ['a card after a longer number', '12 4242424242424242', `12 ${stars(16)}`],
    ['a card between numbers', '12 4242 4242 4242 4242 99', `12 ${stars(19)} 99`],
    ['a card beside a stray digit', '%34242424242424242', `%3${stars(16)}`],
    ['a number of no brand that passes', '100000000008', stars(12)],
    ['a card over a line of CRLF', '4242 4242\r\n4242 4242', stars(20)],
    ['a card in text of two bytes a character', '4\x002\x00'.repeat(8), `${stars(31)}\x00`],
    [
      'a card at the end of many digits',
      `${'1'.repeat(40)}4242424242424242`,
      `${'1'.repeat(40)}${stars(16)}`,
    ],
  ])('%s', (_what, text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  test('nothing where Luhn fails, digits are too few or something else stands between', () => {
    for (const text of [
      '4242424242424241',
      '42424242424',
      '4242.4242.4242.4242',
      '4242,4242,4242,4242',
      ' '.repeat(99),
    ])
      expect(masked(text)).toBe(text);
  });

  test('no number of no brand when only issuers are asked for', () => {
    expect(masked('100000000008', true)).toBe('100000000008');
  });
});

const digit = fc.constantFrom(...'0123456789');
const piece = fc.oneof(
  { weight: 8, arbitrary: digit },
  { weight: 3, arbitrary: fc.constantFrom(' ', '-', '\n', 'x', '  ') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(TEST_CARDS)) },
);

test('findRuns() finds what the three rules say, as they are written', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      const text = pieces.join('');
      expect(masked(text)).toBe(maskOnce(text));
    }),
    { numRuns: 2_000 },
  );
});

test('findRuns() tells every run that is long enough, however the text lies in memory', () => {
  const stretch = fc.oneof(fc.stringMatching(/^[0-9 -]{9,40}$/), fc.stringMatching(/^[a-z]{0,20}$/), piece);
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 99 }), fc.nat(3), fc.nat(9), (stretches, offset, after) => {
      const text = stretches.join('');
      const memory = new Uint8Array(offset + text.length + after).fill(0x30);
      memory.set(new TextEncoder().encode(text), offset);
      const bytes = memory.subarray(offset, offset + text.length);
      const told: [number, number][] = [];
      findRuns(bytes, (start) => {
        const end = endOfRun(bytes, start);
        told.push([start, end]);
        return end;
      });
      const runs = [...text.matchAll(/[0-9 \n-]{12,}/g)];
      expect(told).toEqual(runs.map((run) => [run.index, run.index + run[0].length]));
    }),
    { numRuns: 300 },
  );
});

test('findRuns() looks through a long run in time that grows with its length alone', () => {
  for (const text of [
    '1 '.repeat(500_000),
    '4'.repeat(1_000_000),
    ' '.repeat(1_000_000),
    '1          '.repeat(90_000),
  ]) {
    // By the square of the length it would take an hour.
    expect(masked(text)).toHaveLength(text.length);
  }
});

test('startOfCutRun() is where a card could begin that the end cuts', () => {
  const start = (text: string) => startOfCutRun(new TextEncoder().encode(text), 18);
  expect(start('abc 4242')).toBe(4);
  expect(start('abc 4242 - ')).toBe(4);
  expect(start('4242 abc')).toBe(8);
  expect(start('1'.repeat(30))).toBe(12);
  expect(start('')).toBe(0);
});
