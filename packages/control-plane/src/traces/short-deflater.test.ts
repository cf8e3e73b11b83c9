import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShortDeflater } from './short-deflater.ts';
import { SPANS_DICTIONARY } from './spans-dictionary.ts';

/** Deflated and inflated by another implementation. */
function there(deflater: ShortDeflater, bytes: Uint8Array, dictionary: Uint8Array): Buffer {
  return inflateRawSync(deflater.deflate(bytes), { dictionary });
}

/** Bytes that repeat themselves and the dictionary, in runs of every length. */
const texts = (bytesMax: number, dictionary: Uint8Array) =>
  fc
    .array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, size]) => new Uint8Array(size).fill(byte)),
        fc
          .tuple(fc.nat(dictionary.length), fc.nat(400))
          .map(([at, size]) => dictionary.subarray(at, at + size)),
      ),
      { maxLength: 30 },
    )
    .map((pieces) => Buffer.concat(pieces).subarray(0, bytesMax));

describe('ShortDeflater', () => {
  it('deflates what inflates to the same, time after time', () => {
    const deflater = new ShortDeflater(SPANS_DICTIONARY, 8_192);
    fc.assert(
      fc.property(texts(8_192, SPANS_DICTIONARY), (bytes) => {
        expect(there(deflater, bytes, SPANS_DICTIONARY).equals(bytes)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('deflates texts that are alike, whatever differs in them', () => {
    const deflater = new ShortDeflater(SPANS_DICTIONARY, 8_192);
    fc.assert(
      fc.property(
        texts(8_192, SPANS_DICTIONARY),
        fc.array(
          fc.array(fc.tuple(fc.nat(8_191), fc.uint8Array({ minLength: 1, maxLength: 300 })), {
            maxLength: 12,
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (first, differences) => {
          expect(there(deflater, first, SPANS_DICTIONARY).equals(first)).toBe(true);
          for (const places of differences) {
            const other = Buffer.from(first);
            for (const [at, bytes] of places) if (at < other.length) Buffer.from(bytes).copy(other, at);
            expect(there(deflater, other, SPANS_DICTIONARY).equals(other)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('makes texts that are alike hardly longer than the first of them, and other texts as short as if they were alone', () => {
    const bytes = SPANS_DICTIONARY.subarray(0, 2_048);
    const alike = Buffer.from(bytes);
    for (let at = 100; at < alike.length; at += 500) alike.fill(0xff, at, at + 8);
    const other = Buffer.concat([SPANS_DICTIONARY.subarray(1_000, 2_000), Buffer.alloc(1_048, 'x')]);
    const alone = (text: Uint8Array) => new ShortDeflater(SPANS_DICTIONARY, 8_192).deflate(text).length;
    const deflater = new ShortDeflater(SPANS_DICTIONARY, 8_192);
    deflater.deflate(alike);
    for (let at = 100; at < alike.length; at += 500) alike.writeBigUInt64LE(BigInt(at) << 40n, at);
    expect(deflater.deflate(alike).length).toBeLessThanOrEqual(Math.ceil((alone(alike) * 18) / 16));
    expect(deflater.deflate(other).length).toBe(alone(other));
    expect(deflater.deflate(bytes).length).toBe(alone(bytes));
  });

  it('has codes for every literal, every length and every distance', () => {
    const dictionary = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const deflater = new ShortDeflater(dictionary, 40_000);
    const filler = Uint8Array.from({ length: 40_000 }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 13);
    for (let size = 0; size <= 260; size++) {
      const run = Buffer.concat([filler.subarray(0, 300), filler.subarray(0, size), Buffer.of(1)]);
      expect(there(deflater, run, dictionary).equals(run)).toBe(true);
    }
    for (const distance of [1, 2, 3, 4, 5, 7, 9, 300, 4_097, 24_577, 32_767, 32_768, 32_769, 39_000]) {
      const far = Buffer.concat([filler.subarray(0, distance), filler.subarray(0, 8)]);
      expect(there(deflater, far, dictionary).equals(far)).toBe(true);
    }
    expect(there(deflater, dictionary, dictionary)).toEqual(Buffer.from(dictionary));
  });

  it('makes spans a third, and random bytes an eighth longer at most', () => {
    const deflater = new ShortDeflater(SPANS_DICTIONARY, 8_192);
    expect(deflater.deflate(SPANS_DICTIONARY).length).toBeLessThan(SPANS_DICTIONARY.length / 20);
    const worst = new Uint8Array(8_192).map((_, at) => 144 + ((Math.imul(at + 1, 0x9e3779b1) >>> 9) % 112));
    expect(deflater.deflate(worst).length).toBeLessThanOrEqual((worst.length * 9) / 8 + 2);
  });
});
