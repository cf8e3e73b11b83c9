import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Division, type Interval, LatencyIntervals } from './latency-parts.ts';
import type { Span } from './span.ts';
import { latencyParts } from './summary.ts';

const ORIGIN = 1_700_000_000_000_000_000n;

/** A span from one millisecond of the trace to another. */
function span(name: string, startMs: number, endMs: number): Span {
  const nanos = (ms: number) => (ORIGIN + BigInt(Math.round(ms * 1e6))).toString();
  return {
    span_id: '0011223344556677',
    parent_span_id: null,
    name,
    kind: 'INTERNAL',
    start_unix_nano: nanos(startMs),
    end_unix_nano: nanos(endMs),
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
  };
}

/** What `divide()` promises, instant by instant; times are whole. The upstream has what lies between its intervals, too. */
function divideByInstants(intervals: readonly Interval[], total: number): Division {
  const upstream = intervals.filter(({ rank }) => rank === 2);
  const all: Interval[] = [
    ...intervals.filter(({ rank }) => rank !== 2),
    {
      start: Math.min(...upstream.map(({ start }) => start)),
      end: Math.max(...upstream.map(({ end }) => end)),
      rank: 2,
    },
  ];
  const sums: [number, number, number] = [0, 0, 0];
  for (let instant = 0; instant < total; instant++) {
    const ranks = all.filter(({ start, end }) => start <= instant && instant < end).map(({ rank }) => rank);
    if (ranks.length > 0) sums[Math.min(...ranks) as Interval['rank']]++;
  }
  return { io: sums[0], client: sums[1], upstream: sums[2] };
}

const interval = fc.record({
  start: fc.integer({ min: -10, max: 60 }),
  end: fc.integer({ min: -10, max: 60 }),
  rank: fc.constantFrom(0, 1, 2),
}) as fc.Arbitrary<Interval>;

describe('LatencyIntervals', () => {
  const intervalsOf = (all: readonly Interval[], intervals = new LatencyIntervals()) => {
    intervals.clear();
    for (const { rank, start, end } of all) intervals.add(rank, start, end);
    return intervals;
  };

  it('gives every instant to the lowest rank that has it, of one request after the other', () => {
    const intervals = new LatencyIntervals();
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), fc.integer({ min: -5, max: 50 }), (all, total) => {
        expect(intervalsOf(all, intervals).divide(total)).toEqual(divideByInstants(all, total));
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells them in the order in which they start', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (all) => {
        const told = intervalsOf(all).all();
        expect(told.map(({ start }) => start)).toEqual(told.map(({ start }) => start).sort((a, b) => a - b));
        const others = all.filter(({ rank }) => rank !== 2);
        expect(told.filter(({ rank }) => rank !== 2)).toEqual(
          others
            .map((one, index) => [one, index] as const)
            .sort(([a, i], [b, k]) => a.start - b.start || i - k)
            .map(([one]) => one),
        );
      }),
    );
  });

  it('forgets a handshake and the beginning of a head, too', () => {
    const intervals = new LatencyIntervals();
    intervals.addNamed('kong.tls_handshake', 1, 0, 2);
    intervals.addNamed('kong.read_client_http_headers', 1, 5, 6);
    expect(intervals.divide(10)).toEqual({ io: 0, client: 6, upstream: 0 });
    intervals.clear();
    expect(intervals.divide(10)).toEqual({ io: 0, client: 0, upstream: 0 });
  });

  it('gives nothing where there is nothing to give', () => {
    const whole: Interval = { start: 0, end: 10, rank: 0 };
    const nothing = { io: 0, client: 0, upstream: 0 };
    expect([
      intervalsOf([]).divide(10),
      intervalsOf([whole]).divide(0),
      intervalsOf([{ ...whole, end: Number.NaN }]).divide(10),
    ]).toEqual([nothing, nothing, nothing]);
  });
});

describe('latencyParts()', () => {
  it('divides a request among I/O of plugins, the client, the upstream and the gateway', () => {
    const spans = [
      span('kong', 0, 100),
      span('kong.read_client_http_headers', 0, 10),
      span('kong.phase.access', 10, 40),
      span('kong.access.plugin.key-auth', 12, 38),
      span('kong.io.redis.get', 15, 30),
      span('kong.upstream.selection', 40, 45),
      span('kong.read_client_http_body', 42, 50),
      span('kong.send_request_to_upstream', 45, 52),
      span('kong.read_headers_from_upstream', 55, 80),
      span('kong.wait_for_client_read', 90, 100),
    ];
    expect(latencyParts(spans)).toEqual({
      total_ms: 100,
      io_ms: 15,
      client_ms: 28,
      upstream_ms: 32,
      gateway_ms: 25,
    });
  });

  it("counts what lies between a handshake and its request as the client's", () => {
    const spans = [
      span('kong', 0, 100),
      span('kong.tls_handshake', 0, 10),
      span('kong.read_client_http_headers', 40, 45),
    ];
    expect(latencyParts(spans)).toEqual({
      total_ms: 100,
      io_ms: 0,
      client_ms: 45,
      upstream_ms: 0,
      gateway_ms: 55,
    });
  });

  it("counts gaps between the upstream's spans as the upstream's, and nothing outside the root", () => {
    const spans = [
      span('kong', 0, 20),
      span('kong.upstream.selection', -5, 2),
      span('kong.read_body_from_upstream', 18, 30),
      span('kong.io.http.request', 20, 400),
    ];
    expect(latencyParts(spans)).toEqual({
      total_ms: 20,
      io_ms: 0,
      client_ms: 0,
      upstream_ms: 20,
      gateway_ms: 0,
    });
  });

  it('is all zero without a root, and for a root that ends before it begins', () => {
    const zero = { total_ms: 0, io_ms: 0, client_ms: 0, upstream_ms: 0, gateway_ms: 0 };
    expect(latencyParts([])).toEqual(zero);
    expect(latencyParts([span('kong.router', 0, 1)])).toEqual(zero);
    expect(latencyParts([span('kong', 5, 0), span('kong.io.http.request', 0, 5)])).toEqual(zero);
  });

  it('takes a trace of 10,000 spans that all overlap', () => {
    const spans = [span('kong', 0, 20_000)];
    const names = ['kong.io.redis.get', 'kong.read_client_http_body', 'kong.read_body_from_upstream'];
    for (let index = 0; index < 10_000; index++)
      spans.push(span(names[index % 3]!, index, index + (index % 3 === 0 ? 2 : 10_000)));
    const started = performance.now();
    expect(latencyParts(spans)).toEqual({
      total_ms: 20_000,
      io_ms: 6_668,
      client_ms: 13_329,
      upstream_ms: 1,
      gateway_ms: 2,
    });
    // The quadratic way takes many seconds.
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
