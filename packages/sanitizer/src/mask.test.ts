import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyMasks, MASK, Masks } from './mask.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('applyMasks() keeps the length of cards and hides that of secrets', () => {
  const masks = new Masks();
  masks.addSecret(9, 19, 'pattern x');
  masks.addCard(0, 4);
  expect(textOf(applyMasks(bytesOf('4242 and 0123456789!'), masks.merged()))).toBe(`**** and ${MASK}!`);
});

test('applyMasks() returns what it was given where there is nothing to mask', () => {
  const bytes = bytesOf('plain');
  expect(applyMasks(bytes, new Masks().merged())).toBe(bytes);
});

test('Masks.merged() makes one of what overlaps, with every rule named once', () => {
  const masks = new Masks();
  masks.addCard(2, 10);
  masks.addCard(8, 12);
  masks.addSecret(11, 13, 'pattern a');
  masks.addSecret(13, 14, 'pattern a');
  masks.addCard(14, 20);
  expect(masks.merged()).toEqual([
    { start: 2, end: 14, keeps: 'fixed', isQuoted: false, rules: ['card', 'pattern a'] },
    { start: 14, end: 20, keeps: 'length', isQuoted: false, rules: ['card'] },
  ]);
});

test('Masks.merged() quotes a JSON value that holds all the rest, and nothing that reaches beyond it', () => {
  const inside = new Masks();
  inside.addSecret(3, 9, 'json_path $.a', true);
  inside.addCard(4, 8);
  expect(inside.merged()).toMatchObject([{ start: 3, end: 9, isQuoted: true }]);
  const beyond = new Masks();
  beyond.addSecret(3, 9, 'json_path $.a', true);
  beyond.addSecret(4, 12, 'pattern a');
  expect(beyond.merged()).toMatchObject([{ start: 3, end: 12, isQuoted: false }]);
});

test('Masks.apply() tells how often each rule masked something, of cards alone as of cards among the rest', () => {
  const counted = (masks: Masks) => {
    const counts: [string, number][] = [];
    const text = textOf(masks.apply(bytesOf('4242 and 4242 and secret'), (...count) => counts.push(count)));
    return { text, counts };
  };
  const cards = new Masks();
  cards.addCard(0, 4);
  cards.addCard(9, 13);
  expect(counted(cards)).toEqual({ text: '**** and **** and secret', counts: [['card', 2]] });
  const overlapping = new Masks();
  overlapping.addCard(9, 13);
  overlapping.addCard(0, 3);
  overlapping.addCard(2, 4);
  expect(counted(overlapping).text).toBe('**** and **** and secret');
  cards.addSecret(18, 24, 'pattern x');
  expect(counted(cards)).toEqual({
    text: `**** and **** and ${MASK}`,
    counts: [
      ['card', 1],
      ['card', 1],
      ['pattern x', 1],
    ],
  });
  expect(counted(new Masks())).toEqual({ text: '4242 and 4242 and secret', counts: [] });
});

test('Masks leave nothing of what they cover and touch nothing else', () => {
  const range = fc.tuple(fc.nat(30), fc.nat(12), fc.boolean());
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{42}$/), fc.array(range), (text, ranges) => {
      const masks = new Masks();
      const covered = new Array<boolean>(text.length).fill(false);
      for (const [start, length, isCard] of ranges) {
        covered.fill(true, start, start + length);
        if (!isCard) masks.addSecret(start, start + length, 'pattern a');
        else if (length > 0) masks.addCard(start, start + length);
      }
      const kept = [...text].filter((_, at) => !covered[at]).join('');
      expect(textOf(applyMasks(bytesOf(text), masks.merged())).replaceAll('*', '')).toBe(kept);
    }),
  );
});
