import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTicks, clampRange, isWhole, panRange, zoomRange } from './time-range.ts';

const END = 1_000_000;

describe('clampRange()', () => {
  it('keeps a range within the trace, in order', () => {
    expect(clampRange({ fromNs: 900_000, toNs: 1_200_000 }, END)).toEqual({ fromNs: 700_000, toNs: END });
    expect(clampRange({ fromNs: 500, toNs: 200 }, END)).toEqual({ fromNs: 200, toNs: 500 });
    expect(clampRange({ fromNs: 10, toNs: 10 }, END)).toEqual({ fromNs: 10, toNs: 110 });
  });

  it('gives the whole of a trace shorter than the shortest range', () => {
    expect(clampRange({ fromNs: 3, toNs: 4 }, 20)).toEqual({ fromNs: 0, toNs: 20 });
    expect(clampRange({ fromNs: 3, toNs: 4 }, 0)).toEqual({ fromNs: 0, toNs: 1 });
  });

  it('never leaves the trace', () => {
    const instant = fc.integer({ min: -10 * END, max: 10 * END });
    fc.assert(
      fc.property(instant, instant, fc.integer({ min: 1, max: END }), (fromNs, toNs, end) => {
        const range = clampRange({ fromNs, toNs }, end);
        expect(range.fromNs).toBeGreaterThanOrEqual(0);
        expect(range.toNs).toBeLessThanOrEqual(end);
        expect(range.toNs).toBeGreaterThan(range.fromNs);
      }),
    );
  });
});

describe('zoomRange() and panRange()', () => {
  it('zooms around an instant', () => {
    expect(zoomRange({ fromNs: 0, toNs: END }, 0.5, 500_000, END)).toEqual({
      fromNs: 250_000,
      toNs: 750_000,
    });
    expect(zoomRange({ fromNs: 250_000, toNs: 750_000 }, 4, 500_000, END)).toEqual({ fromNs: 0, toNs: END });
  });

  it('moves as far as there is room', () => {
    expect(panRange({ fromNs: 100, toNs: 300 }, -500, END)).toEqual({ fromNs: 0, toNs: 200 });
    expect(panRange({ fromNs: 100, toNs: 300 }, 50, END)).toEqual({ fromNs: 150, toNs: 350 });
  });
});

describe('isWhole()', () => {
  it('tells the whole trace from less', () => {
    expect(isWhole({ fromNs: 0, toNs: END }, END)).toBe(true);
    expect(isWhole({ fromNs: 1, toNs: END }, END)).toBe(false);
  });
});

describe('axisTicks()', () => {
  it('are round and within the range', () => {
    expect(axisTicks({ fromNs: 0, toNs: 1_136_000 }, 5)).toEqual([0, 500_000, 1_000_000]);
    expect(axisTicks({ fromNs: 158_809, toNs: 476_428 }, 8)).toEqual([
      200_000, 250_000, 300_000, 350_000, 400_000, 450_000,
    ]);
  });

  it('are at most as many as asked, and one more for both ends', () => {
    const instant = fc.integer({ min: 0, max: 10_000_000_000 });
    fc.assert(
      fc.property(instant, instant, fc.integer({ min: 1, max: 20 }), (a, b, most) => {
        fc.pre(a < b);
        const ticks = axisTicks({ fromNs: a, toNs: b }, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const tick of ticks) expect(tick >= a && tick <= b).toBe(true);
      }),
    );
  });
});
