import { describe, expect, it } from 'vitest';
import { brushedFilter, decadesOf, scatterScale, xOf, yOf } from './scatter.ts';

const START = Date.parse('2026-01-31T09:30:00.000Z');
const at = (ms: number, durationMs: number) => ({
  started_at: new Date(START + ms).toISOString(),
  duration_ms: durationMs,
});
const scale = scatterScale([at(0, 2), at(100_000, 450)], 1_000, 300)!;

describe('scatterScale()', () => {
  it('holds all traces between powers of ten, with some room at the sides', () => {
    expect([scale.shortestMs, scale.longestMs]).toEqual([1, 1_000]);
    expect([scale.fromMs - START, scale.toMs - START]).toEqual([-2_000, 102_000]);
    expect(decadesOf(scale)).toEqual([1, 10, 100, 1_000]);
    expect([yOf(scale, 1), yOf(scale, 10), yOf(scale, 1_000), yOf(scale, 0)]).toEqual([300, 200, 0, 300]);
    expect(xOf(scale, START - 2_000)).toBe(0);
  });

  it('takes a single trace, one that took no time, and none', () => {
    const one = scatterScale([at(0, 0)], 100, 100)!;
    expect(one.longestMs).toBeGreaterThan(one.shortestMs);
    expect(xOf(one, START)).toBe(50);
    expect(scatterScale([], 100, 100)).toBeNull();
  });
});

describe('brushedFilter()', () => {
  it('asks for the time and the latency that were dragged over, in any direction', () => {
    const asked = brushedFilter(scale, { x: 500, y: 100 }, { x: 0, y: 200 });
    expect(asked).toEqual({
      from: String(START - 2_000),
      to: String(START + 50_000),
      minMs: '10',
      maxMs: '100',
    });
  });

  it('asks for a time alone where the drag is flat, and for nothing where it is a click', () => {
    expect(brushedFilter(scale, { x: 0, y: 100 }, { x: 500, y: 104 })).toMatchObject({
      minMs: '',
      maxMs: '',
    });
    expect(brushedFilter(scale, { x: 10, y: 100 }, { x: 12, y: 100 })).toBeNull();
  });

  it('stays within the plot', () =>
    expect(brushedFilter(scale, { x: -50, y: -50 }, { x: 2_000, y: 900 })).toEqual({
      from: String(START - 2_000),
      to: String(START + 102_000),
      minMs: '1',
      maxMs: '1000',
    }));
});
