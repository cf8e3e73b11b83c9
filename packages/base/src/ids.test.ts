import { describe, expect, it } from 'vitest';
import { isUuid, newRequestId, randomHex, uuid } from './ids.ts';

describe('ids', () => {
  it('`randomHex()` gives two lower-case digits a byte and no id twice', () => {
    const ids = Array.from({ length: 2_000 }, () => randomHex(16));
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('`isUuid()` knows a UUID from other text', () => {
    expect([isUuid(uuid()), isUuid('default'), isUuid(`${uuid()}x`), isUuid('')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('`randomHex()` gives the length asked for, over the edge of its pool too', () => {
    const lengths = Array.from({ length: 3_000 }, (_, index) => index % 33);
    const ids = lengths.map((bytes) => randomHex(bytes));
    expect(ids.map((id) => id.length)).toEqual(lengths.map((bytes) => bytes * 2));
    expect(ids.join('')).toMatch(/^[0-9a-f]+$/);
  });

  it('`randomHex()` gives every byte about as often as any other', () => {
    const counts = new Array<number>(256).fill(0);
    for (let index = 0; index < 8_000; index++)
      for (const byte of Buffer.from(randomHex(32), 'hex')) counts[byte]!++;
    // 1,000 of each are due; eight standard deviations are 253.
    expect([Math.min(...counts) > 747, Math.max(...counts) < 1_253]).toEqual([true, true]);
  });

  it('`newRequestId()` has no run of decimal digits that could be a card number’s, and is given out once', () => {
    const ids = Array.from({ length: 5_000 }, () => newRequestId());
    expect(ids.filter((id) => !/^(?:[0-9a-f]{7}[a-f]){4}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('`uuid()` gives version 4 of RFC 9562', () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
