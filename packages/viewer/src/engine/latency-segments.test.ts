import { latencyParts, type Span } from '@gatescope/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencySegments, timeByPart } from './latency-segments.ts';
import { sampleSkeleton, sampleTrace } from './testing/sample-trace.ts';
import { type TraceModel, traceModel } from './trace-model.ts';

describe('latencySegments()', () => {
  it('divides the root span without gaps', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.read_client_http_headers 0+10
        kong.phase.access 12+20
          kong.access.plugin.oidc 13+18
            kong.io.http.request 15+10
        kong.upstream.selection 40+5
        kong.read_headers_from_upstream 50+30
        kong.wait_for_client_read 85+15
        kong.phase.log 100+10
    `);
    expect(
      latencySegments(model).map(({ startNs, endNs, part }) => `${startNs / 1e3}-${endNs / 1e3} ${part}`),
    ).toEqual([
      '0-10 client',
      '10-15 gateway',
      '15-25 io',
      '25-40 gateway',
      '40-80 upstream',
      '80-85 gateway',
      '85-100 client',
    ]);
    expect(timeByPart(latencySegments(model), 12_000, 50_000)).toEqual({
      client: 0,
      gateway: 18_000,
      io: 10_000,
      upstream: 10_000,
    });
  });

  it('is empty for a trace without spans', () => expect(latencySegments(sampleTrace(''))).toEqual([]));

  it('adds up to what the gateway tells, for any spans', () => {
    const names = fc.constantFrom(
      'kong.io.redis.get',
      'kong.read_client_http_body',
      'kong.wait_for_client_read',
      'kong.upstream.selection',
      'kong.read_body_from_upstream',
      'kong.phase.access',
    );
    const instant = fc.integer({ min: 0, max: 1_200 });
    const spans = fc.array(fc.tuple(names, instant, instant), { maxLength: 12 });
    fc.assert(
      fc.property(spans, (below) => {
        const columns = [['kong', 0, 1_000] as const, ...below];
        const model = modelOf(columns);
        const told = latencyParts(columns.map(([name, start, took]) => spanOf(name, start, took)));
        const sums = timeByPart(latencySegments(model), 0, 1_000);
        expect(sums).toEqual({
          io: Math.round(told.io_ms * 1e6),
          client: Math.round(told.client_ms * 1e6),
          upstream: Math.round(told.upstream_ms * 1e6),
          gateway: Math.round(told.gateway_ms * 1e6),
        });
      }),
    );
  });
});

function modelOf(columns: readonly (readonly [string, number, number])[]): TraceModel {
  const names = [...new Set(columns.map(([name]) => name))];
  return traceModel({
    ...sampleSkeleton('kong 0+1'),
    span_count: columns.length,
    names,
    span_id: columns.map((_, row) => String(row)),
    name: columns.map(([name]) => names.indexOf(name)),
    parent: columns.map((_, row) => (row === 0 ? -1 : 0)),
    start_ns: columns.map(([, start]) => start),
    duration_ns: columns.map(([, , took]) => took),
    status: columns.map(() => 0),
  });
}

function spanOf(name: string, start: number, took: number): Span {
  return {
    name,
    start_unix_nano: String(start),
    end_unix_nano: String(start + took),
  } as Span;
}
