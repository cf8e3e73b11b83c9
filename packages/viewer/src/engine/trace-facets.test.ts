import { describe, expect, it } from 'vitest';
import { sampleSummary } from './testing/sample-trace.ts';
import { isAsked, traceFacets, withFacet } from './trace-facets.ts';
import { NO_FILTER, passes } from './trace-list-filter.ts';

const TRACES = [
  sampleSummary({ status_code: 200, route: 'a', duration_ms: 0.5, error: null }),
  sampleSummary({ status_code: 204, route: 'b', duration_ms: 10, error: null }),
  sampleSummary({ status_code: 503, route: 'b', duration_ms: 2_000, error: null }),
  sampleSummary({ status_code: 200, route: 'b', duration_ms: 100, error: null }),
  sampleSummary({ status_code: null, route: null, duration_ms: 99.9, error: 'the client left' }),
];

describe('traceFacets()', () => {
  it('counts classes of status and latency, and routes, the most frequent first', () =>
    expect(
      traceFacets(TRACES).map(({ name, values }) => [
        name,
        values.map(({ label, count }) => `${label}: ${count}`),
      ]),
    ).toEqual([
      ['Status', ['2xx: 3', '5xx: 1', 'with an error: 2']],
      ['Latency', ['< 1 ms: 1', '10–100 ms: 2', '100 ms – 1 s: 1', '≥ 1 s: 1']],
      ['Route', ['b: 3', 'a: 1']],
    ]));

  it('asks for exactly those that it counted', () => {
    for (const { values } of traceFacets(TRACES))
      for (const value of values) {
        const filter = withFacet(NO_FILTER, value);
        expect(TRACES.filter((trace) => passes(filter, trace)).length).toBe(value.count);
      }
  });
});

describe('withFacet()', () => {
  it('lets go what is asked already, and leaves the rest', () => {
    const [status] = traceFacets(TRACES)[0]!.values;
    const asked = withFacet({ ...NO_FILTER, path: '/x' }, status!);
    expect(isAsked(asked, status!)).toBe(true);
    expect(withFacet(asked, status!)).toEqual({ ...NO_FILTER, path: '/x' });
  });
});
