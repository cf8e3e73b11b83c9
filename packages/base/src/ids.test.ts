import { describe, expect, it } from 'vitest';
import { isUuid, randomHex, uuid } from './ids.ts';

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
});
