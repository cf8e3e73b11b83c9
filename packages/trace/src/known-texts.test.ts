import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownTexts } from './known-texts.ts';

describe('KnownTexts', () => {
  it('gives every text as it is, however many there are', () => {
    const known = new KnownTexts();
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(5_000).map(String));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), (texts) => {
        for (const one of texts) {
          const bytes = new TextEncoder().encode(`<${one}>`);
          expect(known.text(bytes, 1, bytes.length - 1)).toBe(one);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps nothing of the bytes that it is given, also where their slices share memory', () => {
    class Sharing extends Uint8Array {
      override slice(start?: number, end?: number) {
        return this.subarray(start, end) as Sharing;
      }
    }
    const known = new KnownTexts();
    const bytes = new Sharing(4);
    for (let number = 1_000; number < 4_000; number++) {
      bytes.set(new TextEncoder().encode(String(number)));
      expect(known.text(bytes, 0, 4)).toBe(String(number));
    }
  });
});
