import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencySegments, timeByPart } from './latency-segments.ts';
import { sampleSkeleton, sampleTrace } from './testing/sample-trace.ts';
import { TIME_DETAILS, timeByDetail } from './time-details.ts';
import { endOf, startOf, type TraceModel, traceModel } from './trace-model.ts';

/** What there is of it, in microseconds. */
function told(model: TraceModel): Record<string, number> {
  return Object.fromEntries(
    Object.entries(timeByDetail(model)).flatMap(([detail, ns]) => (ns === 0 ? [] : [[detail, ns / 1e3]])),
  );
}

describe('timeByDetail()', () => {
  it('tells what every instant went into', () => {
    const model = sampleTrace(`
      kong 0+200
        kong.read_client_http_headers 0+10
        kong.router 10+2
        kong.phase.access 12+20
          kong.access.plugin.oidc 13+18
            kong.io.http.request 15+10
        kong.upstream.selection 40+9
          kong.dns 41+3
          kong.upstream.find_upstream 44+5
        kong.send_request_to_upstream 49+1
        kong.read_headers_from_upstream 50+30
        kong.phase.header_filter 80+5
        kong.read_body_from_upstream 85+40
          kong.body_filter.plugin.cors 90+5
        kong.wait_for_client_read 150+50
        kong.phase.log 200+10
    `);
    expect(told(model)).toEqual({
      client_read: 10,
      client_write: 50,
      plugins: 8,
      phases: 4,
      unattributed: 8 + 25,
      io: 10,
      dns: 3,
      connect: 6,
      wait: 30,
      transfer: 41,
      between: 5,
    });
  });

  it('counts a lookup of a plugin as the plugin’s time, and a span of an author as nobody’s', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.phase.access 10+50
          kong.access.plugin.oidc 20+30
            kong.dns 25+5
        my.own.span 70+10
    `);
    expect(told(model)).toEqual({ plugins: 30, phases: 20, unattributed: 50 });
  });

  it('is nothing for a trace without spans', () => expect(told(sampleTrace(''))).toEqual({}));

  it('adds up to the parts for any spans', () => {
    const names = fc.constantFrom(
      ...[
        'kong.io.redis.get',
        'kong.read_client_http_body',
        'kong.wait_for_client_read',
        'kong.dns',
        'kong.router',
      ],
      ...['kong.upstream.selection', 'kong.read_headers_from_upstream', 'kong.read_body_from_upstream'],
      ...['kong.phase.access', 'kong.access.plugin.cors', 'somebody.else'],
    );
    const spans = fc.array(fc.tuple(names, fc.nat(1_200), fc.nat(600)), { maxLength: 12 });
    fc.assert(
      fc.property(spans, (list) => {
        const lines = list
          .sort((a, b) => a[1] - b[1])
          .map(([name, start, took]) => `  ${name} ${start}+${took}`);
        const model = traceModel(sampleSkeleton(['kong 0+1000', ...lines].join('\n')));
        const details = timeByDetail(model);
        const parts = timeByPart(
          latencySegments(model),
          startOf(model, model.root),
          endOf(model, model.root),
        );
        const sums = { client: 0, gateway: 0, io: 0, upstream: 0 };
        for (const { detail, part } of TIME_DETAILS) sums[part] += details[detail];
        expect(sums).toEqual(parts);
      }),
    );
  });
});
