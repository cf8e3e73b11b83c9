import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRIGGERS, Triggers } from './triggers.ts';

function places(bytes: Uint8Array): number[] {
  const triggers = new Triggers(bytes);
  const found: number[] = [];
  for (let at = triggers.next(0); at < bytes.length; at = triggers.next(at + 1)) found.push(at);
  return found;
}

const piece = fc.constantFrom(
  ...':=%+&\\',
  'Bearer',
  'basic',
  'NEGOTIATE',
  ' b',
  'b',
  'g',
  'G',
  'x',
  'é',
  ' ',
  '\0',
);

test('Triggers tells what stands before secrets, however the text lies in memory, and nothing that could be none', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 900 }), fc.nat(3), fc.boolean(), (pieces, offset, isBeside) => {
      const text = new TextEncoder().encode(pieces.join(''));
      const memory = new Uint8Array(text.length + 8).fill(isBeside ? 0x78 : 0);
      memory.set(text, offset);
      const bytes = memory.subarray(offset, offset + text.length);
      const found = places(bytes);
      const telling = [
        ...String.fromCharCode(...text).matchAll(/[:=%+&\\]|(?<![\w.-])b(?=earer|asic)|(?<=ne)g(?=otiate)/gi),
      ];
      expect(found).toEqual(expect.arrayContaining(telling.map(({ index }) => index)));
      expect(found.filter((at) => TRIGGERS[bytes[at]!] === 0)).toEqual([]);
    }),
  );
});

test('Triggers ends at the end of a text', () => {
  for (const length of [0, 1, 511, 512, 513, 514, 1_001]) {
    const bytes = new Uint8Array(length).fill(0x78);
    expect(new Triggers(bytes).next(0)).toBe(length);
    if (length > 0) bytes[length - 1] = 0x3a;
    expect(places(bytes)).toEqual(length > 0 ? [length - 1] : []);
  }
});
