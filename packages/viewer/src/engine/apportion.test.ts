import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from './apportion.ts';

describe('apportion()', () => {
  it('gives what rounding would lose to the largest remainders', () => {
    expect(apportion([1 / 3, 1 / 3, 1 / 3], 1, 2)).toEqual([0.34, 0.33, 0.33]);
    expect(apportion([0.176, 0.219, 0, 0.969], 1.364, 2)).toEqual([0.17, 0.22, 0, 0.97]);
  });

  it('keeps what is exact', () => expect(apportion([10, 20, 30], 60, 0)).toEqual([10, 20, 30]));

  it('takes no part below nothing', () => expect(apportion([0, 0], 0, 1)).toEqual([0, 0]));

  it('adds up to the rounded total, each part within one of the last digit', () => {
    const parts = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 3 }), (values, digits) => {
        const total = values.reduce((sum, value) => sum + value, 0);
        const shares = apportion(values, total, digits);
        const sum = shares.reduce((before, share) => before + Math.round(share * 10 ** digits), 0);
        expect(sum).toBe(Math.round(total * 10 ** digits));
        shares.forEach((share, index) => {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(Math.abs(share - values[index]!)).toBeLessThanOrEqual(1.001 / 10 ** digits);
        });
      }),
    );
  });
});
