import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHopByHop, knownName, knownNameAt, namesOption } from './headers.ts';

test('knownNameAt() takes no name for another, however alike they are', () => {
  // Few lengths, first and last letters: most of these fall into one place of the table.
  const name = fc
    .array(fc.constantFrom('a', 'B', '-', '1'), { minLength: 0, maxLength: 3 })
    .map((middle) => `x${middle.join('')}y`);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), fc.nat(5), (names, before) => {
      for (const one of names) {
        const bytes = Buffer.from(`${'z'.repeat(before)}${one}: value`);
        const found = knownNameAt(bytes, before, before + one.length);
        expect(found.name).toBe(one);
        expect(found).toEqual(knownName(one));
        expect(found.lower).toBe(one.toLowerCase());
      }
    }),
  );
});

test('isHopByHop() knows the fields of the connection, and those that it names', () => {
  expect(isHopByHop('keep-alive', 'keep-alive')).toBe(true);
  expect(isHopByHop('te', undefined)).toBe(true);
  expect(isHopByHop('x-mine', 'close, X-Mine')).toBe(true);
  expect(isHopByHop('x-mine', 'keep-alive')).toBe(false);
  expect(isHopByHop('keep', 'keep-alive')).toBe(false);
});

test('namesOption() compares whole options without regard to case', () => {
  expect(namesOption('keep-alive', 'keep-alive')).toBe(true);
  expect(namesOption('Keep-Alive', 'keep-alive')).toBe(true);
  expect(namesOption('keep-alive', 'close')).toBe(false);
  expect(namesOption('upgrade, Close', 'close')).toBe(true);
  expect(namesOption('closed', 'close')).toBe(false);
});
