import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStencils, literalElement, StencilError, stencilElement } from './stencil-coding.ts';

/** A stencil of some bytes, with copies that lie within it and within fills of so many bytes. */
const stencil = fc
  .record({ bytes: fc.uint8Array({ maxLength: 300 }), fillBytes: fc.nat({ max: 40 }) })
  .chain(({ bytes, fillBytes }) => {
    const copy = fc
      .record({
        from: fc.nat({ max: fillBytes }),
        to: fc.nat({ max: bytes.length }),
        length: fc.nat({ max: 20 }),
      })
      .map(({ from, to, length }) => ({
        from,
        to,
        length: Math.min(length, fillBytes - from, bytes.length - to),
      }));
    return fc.record({
      bytes: fc.constant(bytes),
      fillBytes: fc.constant(fillBytes),
      copies: fc.array(copy, { maxLength: 10 }),
    });
  });
const body = fc.record({
  stencils: fc.array(stencil, { minLength: 1, maxLength: 4 }),
  parts: fc.array(
    fc.oneof(
      fc.record({ literal: fc.uint8Array({ maxLength: 200 }) }),
      fc.record({ of: fc.nat({ max: 3 }), fill: fc.uint8Array({ minLength: 40, maxLength: 40 }) }),
    ),
    { maxLength: 12 },
  ),
});

/** The body in the coding, and what it stands for. */
function bodyOf({ stencils, parts }: typeof body extends fc.Arbitrary<infer One> ? One : never) {
  const coded: Uint8Array[] = stencils.map(({ bytes, fillBytes, copies }) =>
    stencilElement(bytes, fillBytes, copies),
  );
  const decoded: Uint8Array[] = [];
  for (const part of parts) {
    if ('literal' in part) {
      coded.push(literalElement(part.literal));
      decoded.push(part.literal);
      continue;
    }
    const number = part.of % stencils.length;
    const { bytes, fillBytes, copies } = stencils[number]!;
    const fill = part.fill.subarray(0, fillBytes);
    coded.push(Uint8Array.from([2, number, ...fill]));
    const filled = Uint8Array.from(bytes);
    for (const { from, to, length } of copies) filled.set(fill.subarray(from, from + length), to);
    decoded.push(filled);
  }
  return { coded: Buffer.concat(coded), decoded: Buffer.concat(decoded) };
}

describe('decodeStencils', () => {
  it('gives what the elements stand for', () => {
    fc.assert(
      fc.property(body, (parts) => {
        const { coded, decoded } = bodyOf(parts);
        expect(Buffer.from(decodeStencils(coded, decoded.length))).toEqual(decoded);
        if (decoded.length > 0)
          expect(() => decodeStencils(coded, decoded.length - 1)).toThrow(
            `more than ${decoded.length - 1} bytes`,
          );
      }),
      { numRuns: 500 },
    );
  });

  it('throws a StencilError or stays within its bound, however a body is damaged', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 4 });
    fc.assert(
      fc.property(body, damage, fc.nat(), (parts, changes, cut) => {
        const { coded } = bodyOf(parts);
        for (const { at, byte } of changes) if (coded.length > 0) coded[at % coded.length] = byte;
        try {
          const decoded = decodeStencils(coded.subarray(0, cut % (coded.length + 1)), 5_000);
          expect(decoded.length).toBeLessThanOrEqual(5_000);
        } catch (error) {
          expect(error).toBeInstanceOf(StencilError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [[3], 'no element begins with 3'],
    [[0, 2, 7], 'it ends within an element'],
    [[0], 'it ends within a number'],
    [[0, 0x80, 0x80, 0x80, 0x80, 0x08], 'a number of more than 31 bits'],
    [[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'a number of more than 31 bits'],
    [[2, 0], 'a fill names a stencil that has not come'],
    [[2, 0, 1, 1, 7, 1, 1, 0, 0, 1], 'a fill names a stencil that has not come'],
    [[1, 1, 7, 1, 1, 1, 0, 1], 'a copy lies outside its stencil or fill'],
    [[1, 1, 7, 1, 1, 0, 1, 1], 'a copy lies outside its stencil or fill'],
    [[1, 1, 7, 1, 2, 0, 0, 1], 'it ends within a stencil'],
    [[1, 1, 7, 1, 1, 0, 0, 1, 2, 0], 'it ends within an element'],
    [Array.from({ length: 4_097 }, () => [1, 0, 0, 0]).flat(), 'more than 4096 stencils'],
  ])('says what is wrong: %#', (bytes, message) => {
    expect(() => decodeStencils(Uint8Array.from(bytes), 1_000)).toThrow(new StencilError(message));
  });
});
