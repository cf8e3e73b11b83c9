import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatClock,
  formatDuration,
  formatExactMs,
  formatSeconds,
  formatShare,
  formatTick,
  grouped,
  unitFor,
} from './duration-format.ts';

describe('formatDuration()', () => {
  it.each([
    [0, '0 ns'],
    [1, '1 ns'],
    [850, '850 ns'],
    [999, '999 ns'],
    [1_000, '1 µs'],
    [4_124, '4.12 µs'],
    [41_240, '41.2 µs'],
    [999_499, '999 µs'],
    [999_600, '1.00 ms'],
    [9_999_000, '10.0 ms'],
    [99_990_000, '100 ms'],
    [412_345_678, '412 ms'],
    [1_240_000_000, '1.24 s'],
    [59_940_000_000, '59.9 s'],
    [125_000_000_000, '2 min 5 s'],
    [-2_500, '-2.50 µs'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('writes %d ns as %s', (ns, text) => expect(formatDuration(ns)).toBe(text));

  it('is within half a percent of what it tells below a minute', () => {
    const size = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 } as Record<string, number>;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 59_000_000_000 }), (ns) => {
        const [value, symbol] = formatDuration(ns).split(' ') as [string, string];
        expect(Math.abs(Number(value) * size[symbol]! - ns) / ns).toBeLessThanOrEqual(0.0051);
        expect(value.replace('.', '').length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('formatExactMs()', () => {
  it.each([
    [0, '0.000000 ms'],
    [1, '0.000001 ms'],
    [412_345_678, '412.345678 ms'],
    [1_234_000_000_000, '1,234,000.000000 ms'],
    [-1_500_000, '-1.500000 ms'],
  ])('writes %d ns as %s', (ns, text) => expect(formatExactMs(ns)).toBe(text));
});

describe('formatTick()', () => {
  it('has the digits that tell a mark from the next', () => {
    expect([0, 500_000, 1_000_000, 1_500_000].map((ns) => formatTick(ns, 500_000))).toEqual([
      '0',
      '500 µs',
      '1.0 ms',
      '1.5 ms',
    ]);
    expect(formatTick(1_234_500, 100)).toBe('1.2345 ms');
    expect(formatTick(20_000_000_000, 5_000_000_000)).toBe('20 s');
  });
});

describe('formatShare()', () => {
  it('rounds to whole percent, and tells little from nothing', () => {
    expect(formatShare(96, 100)).toBe('96 %');
    expect(formatShare(1, 300)).toBe('<1 %');
    expect(formatShare(0, 100)).toBe('0 %');
    expect(formatShare(1, 0)).toBe('0 %');
  });
});

describe('formatClock() and formatSeconds()', () => {
  it('count a second that has begun as one', () => {
    expect([246.2, 0, -3, 3_729].map(formatClock)).toEqual(['4:07', '0:00', '0:00', '1:02:09']);
  });

  it('say seconds in words', () => {
    expect([45, 300, 150].map(formatSeconds)).toEqual(['45 s', '5 min', '2 min 30 s']);
  });
});

describe('grouped()', () => {
  it.each([
    [0, '0'],
    [999.4, '999'],
    [1_000, '1,000'],
    [-123_456, '-123,456'],
    [1_204_000, '1,204,000'],
    [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
  ])('sets thousands apart: %d', (value, text) => expect(grouped(value)).toBe(text));
});

describe('unitFor()', () => {
  it('gives the unit and the digits for three in all', () => {
    expect(unitFor(4_120_000)).toEqual({ ns: 1e6, symbol: 'ms', digits: 2 });
    expect(unitFor(412_000_000)).toEqual({ ns: 1e6, symbol: 'ms', digits: 0 });
    expect(unitFor(12)).toEqual({ ns: 1, symbol: 'ns', digits: 0 });
  });
});
