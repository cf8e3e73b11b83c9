import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesOf, slowestTenth } from './differences.ts';
import { latencyHistogram } from './latency-histogram.ts';
import { percentilesOf, stepPercentiles } from './percentiles.ts';
import { sampleSummary, sampleTrace } from './testing/sample-trace.ts';

describe('latencyHistogram()', () => {
  const of = (...durations: number[]) => latencyHistogram(durations.map((ms) => ({ ms, failed: ms > 50 })));

  it('counts durations on a logarithmic scale, with those that failed', () => {
    const bins = of(1, 1.1, 10, 99, 100);
    expect(
      bins
        .filter(({ count }) => count > 0)
        .map(({ fromMs, count, failed }) => [fromMs.toFixed(2), count, failed]),
    ).toEqual([
      ['1.00', 2, 0],
      ['10.00', 1, 0],
      ['74.99', 1, 1],
      ['100.00', 1, 1],
    ]);
    expect(bins).toHaveLength(17);
  });

  it('has one bin for one duration, and none for none', () => {
    expect(of(0)).toMatchObject([{ count: 1 }]);
    expect(of()).toEqual([]);
  });

  it('loses nothing, has neighbours that touch, and stays small', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (durations) => {
        const bins = of(...durations);
        expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(durations.length);
        expect(bins.length).toBeLessThanOrEqual(64);
        expect(bins.slice(1).map((bin) => bin.fromMs)).toEqual(bins.slice(0, -1).map((bin) => bin.toMs));
      }),
    );
  });
});

describe('percentilesOf()', () => {
  it('tells the middle and the tail', () => {
    const hundred = Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(percentilesOf(hundred)).toEqual({ count: 101, p50: 50, p90: 90, p99: 99, max: 100 });
    expect(percentilesOf([])).toMatchObject({ count: 0, p50: Number.NaN });
  });
});

describe('stepPercentiles()', () => {
  it('tells steps and plugins over the traces that have them, the longest tail first', () => {
    const models = [10, 20, 90].map((took) =>
      sampleTrace(`
        kong 0+100
          kong.router 0+1
          kong.phase.access 1+${took}
            kong.access.plugin.cors 1+${took / 2}
            kong.access.plugin.cors 95+2
          kong.phase.log 100+5
      `),
    );
    models.push(sampleTrace('kong 0+10\n  kong.router 0+3'));
    expect(
      stepPercentiles(models).map(
        (step) => `${step.label} ${step.count} ${step.p50 / 1e3} ${step.max / 1e3}`,
      ),
    ).toEqual(['access phase 3 20 90', 'cors in access 3 12 47', 'log phase 3 5 5', 'Find route 4 1 3']);
  });
});

describe('differencesOf()', () => {
  const slow = Array.from({ length: 4 }, (_, index) =>
    sampleSummary({
      id: `s${index}`,
      route: index < 3 ? 'reports' : 'orders',
      duration_ms: 400,
      upstream_ms: 390,
    }),
  );
  const fast = Array.from({ length: 10 }, (_, index) =>
    sampleSummary({
      id: `f${index}`,
      route: index === 0 ? 'reports' : 'orders',
      duration_ms: 2,
      upstream_ms: 1,
    }),
  );

  it('names what the chosen have more often, and where their time went', () => {
    const { values, parts } = differencesOf(slow, fast);
    expect(values).toEqual([
      { property: 'Route', value: 'reports', chosen: 3, chosenShare: 0.75, others: 1, othersShare: 0.1 },
    ]);
    expect(parts.at(-1)).toEqual({ label: 'Upstream', chosenNs: 390e6, othersNs: 1e6 });
  });

  it('is nothing where there is nobody to differ from', () => {
    expect(differencesOf(slow, [])).toEqual({ values: [], parts: [] });
  });

  it('knows the slowest tenth', () => {
    const { slow: found, others, fromMs } = slowestTenth([...fast, ...slow]);
    expect([found.length, others.length, fromMs]).toEqual([1, 13, 400]);
    expect(slowestTenth([])).toEqual({ slow: [], others: [], fromMs: 0 });
  });
});
