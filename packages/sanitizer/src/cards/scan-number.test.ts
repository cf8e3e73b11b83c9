import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TEST_CARDS } from '../../testing/cards.ts';
import { Ranges } from '../ranges.ts';
import type { CardRules } from './card-rules.ts';
import { scanGroups } from './scan-groups.ts';
import { NOT_ONE_NUMBER, scanNumber } from './scan-number.ts';

type Scan = typeof scanNumber;

function scanned(scan: Scan, text: string, rules: CardRules) {
  const bytes = new TextEncoder().encode(text);
  const cards = new Ranges();
  // Of another run: it stays as it is.
  cards.push(0, 1);
  const end = scan(bytes, 1, bytes.length - 1, rules, cards);
  return { end, cards: Array.from({ length: cards.length }, (_, at) => [cards.start(at), cards.end(at)]) };
}

test('scanNumber() finds what scanGroups() finds, in what it does not leave to that', () => {
  const space = fc.stringMatching(/^[ \n\r\0-]{0,3}$/);
  const number = fc.oneof(
    fc.stringMatching(/^[0-9]{1,33}$/),
    fc
      .tuple(
        fc.stringMatching(/^[0-9]{0,4}$/),
        fc.constantFrom(...Object.values(TEST_CARDS)),
        fc.stringMatching(/^[0-9]{0,16}$/),
      )
      .map((digits) => digits.join('')),
  );
  const ends = fc.constantFrom('x', '4', '"');
  fc.assert(
    fc.property(space, number, space, ends, ends, (before, digits, after, first, last) => {
      const text = `${first}${before}${digits}${after}${last}`;
      for (const rules of ['all', 'brands', 'groups'] as const) {
        const found = scanned(scanNumber, text, rules);
        if (found.end === NOT_ONE_NUMBER) expect(digits.length).toBeGreaterThan(30);
        else expect(found).toEqual(scanned(scanGroups, text, rules));
      }
    }),
    { numRuns: 5_000 },
  );
});

test('scanNumber() leaves runs of several numbers, unless they have too few digits', () => {
  const scan = (text: string) => scanned(scanNumber, `x${text}x`, 'all');
  expect(scan('2026-11-28 06')).toEqual({ end: 14, cards: [[0, 1]] });
  expect(scan('2026-11-28 06 3 ')).toEqual({ end: 17, cards: [[0, 1]] });
  expect(scan('2026-11-28 063 0').end).toBe(NOT_ONE_NUMBER);
  expect(scan('4242424242424242 1').end).toBe(NOT_ONE_NUMBER);
  expect(scan('4'.repeat(31)).end).toBe(NOT_ONE_NUMBER);
  expect(scan(' \n- ')).toEqual({ end: 5, cards: [[0, 1]] });
});
