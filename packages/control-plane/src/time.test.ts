import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timestamp, timestampMicros, timestampOrNull } from './time.ts';

describe('timestampMicros()', () => {
  it('has six digits below the second', () => {
    expect([0, 1, 999_999, 1_800_000_000_000_123].map(timestampMicros)).toEqual([
      '1970-01-01T00:00:00.000000Z',
      '1970-01-01T00:00:00.000001Z',
      '1970-01-01T00:00:00.999999Z',
      '2027-01-15T08:00:00.000123Z',
    ]);
  });

  it('orders as the times do, and is the same moment to the millisecond', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(timestampMicros(a) < timestampMicros(b)).toBe(a < b);
        expect(Date.parse(timestampMicros(a))).toBe(Math.floor(a / 1_000));
      }),
    );
  });
});

describe('timestamp()', () => {
  it('is RFC 3339 in UTC', () => {
    expect([timestamp(1_800_000_000_123), timestampOrNull(0), timestampOrNull(null)]).toEqual([
      '2027-01-15T08:00:00.123Z',
      '1970-01-01T00:00:00.000Z',
      null,
    ]);
  });
});
