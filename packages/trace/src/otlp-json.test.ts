import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributes as anyAttributes, trace as anyTrace } from '../testing/arbitraries.ts';
import { OTLP } from '../testing/otlp-schema.ts';
import { toOtlpJson } from './otlp-json.ts';
import { readExportTraceServiceRequest, readScopeSpans } from './otlp-reader.ts';
import type { Span, Trace } from './span.ts';

const ROOT: Span = {
  span_id: '00f067aa0ba902b7',
  parent_span_id: null,
  name: 'kong',
  kind: 'SERVER',
  start_unix_nano: '1700000000000000001',
  end_unix_nano: '1700000000123456789',
  attributes: {
    'url.full': 'https://api.example.com/orders',
    'client.port': 40_122,
    'proxy.kong.latency.total': 123,
    'tls.resumed': false,
    'proxy.kong.latency.net_io_timings': [{ ip: '10.0.0.7', connect_time: 0.5, rw_time: 2 }],
  },
  events: [{ name: 'retry', time_unix_nano: '1700000000000000002', attributes: { attempt: 2 } }],
  status: { code: 'ERROR', message: 'connection refused' },
};
const CHILD: Span = {
  ...ROOT,
  span_id: '00f067aa0ba902b8',
  parent_span_id: ROOT.span_id,
  name: 'kong.router',
  kind: 'INTERNAL',
  attributes: {},
  events: [],
  status: { code: 'UNSET', message: '' },
};
const TRACE: Trace = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', spans: [ROOT, CHILD] };

/** The JSON with OTLP's hexadecimal ids as bytes, which is where it differs from the JSON of Protocol Buffers. */
function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      /^(traceId|spanId|parentSpanId)$/.test(name) ? Buffer.from(field as string, 'hex') : withBytes(field),
    ]),
  );
}

/** What another implementation makes of the JSON. */
function asMessage(json: string): Uint8Array {
  const type = OTLP.exportTraceServiceRequest;
  const object = withBytes(JSON.parse(json)) as Record<string, unknown>;
  return type.encode(type.fromObject(object)).finish();
}

describe('toOtlpJson()', () => {
  it('has ids in hexadecimal, 64-bit numbers as text and enums as numbers', () => {
    expect(toOtlpJson([TRACE], { 'service.name': 'gatescope' })).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gatescope' } }] },
          scopeSpans: [
            {
              scope: { name: 'gatescope' },
              spans: [
                {
                  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                  spanId: '00f067aa0ba902b7',
                  name: 'kong',
                  kind: 2,
                  startTimeUnixNano: '1700000000000000001',
                  endTimeUnixNano: '1700000000123456789',
                  attributes: [
                    { key: 'url.full', value: { stringValue: 'https://api.example.com/orders' } },
                    { key: 'client.port', value: { intValue: '40122' } },
                    { key: 'proxy.kong.latency.total', value: { doubleValue: 123 } },
                    { key: 'tls.resumed', value: { boolValue: false } },
                    {
                      key: 'proxy.kong.latency.net_io_timings',
                      value: {
                        arrayValue: {
                          values: [
                            {
                              kvlistValue: {
                                values: [
                                  { key: 'ip', value: { stringValue: '10.0.0.7' } },
                                  { key: 'connect_time', value: { doubleValue: 0.5 } },
                                  { key: 'rw_time', value: { intValue: '2' } },
                                ],
                              },
                            },
                          ],
                        },
                      },
                    },
                  ],
                  events: [
                    {
                      timeUnixNano: '1700000000000000002',
                      name: 'retry',
                      attributes: [{ key: 'attempt', value: { intValue: '2' } }],
                    },
                  ],
                  status: { code: 2, message: 'connection refused' },
                },
                {
                  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                  spanId: '00f067aa0ba902b8',
                  parentSpanId: '00f067aa0ba902b7',
                  name: 'kong.router',
                  kind: 1,
                  startTimeUnixNano: '1700000000000000001',
                  endTimeUnixNano: '1700000000123456789',
                  attributes: [],
                  events: [],
                  status: { code: 0 },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('writes numbers JSON has no way for as the protobuf JSON mapping does', () => {
    const attributes = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };
    const json = toOtlpJson([], attributes) as { resourceSpans: [{ resource: unknown }] };
    expect(json.resourceSpans[0].resource).toEqual({
      attributes: [
        { key: 'a', value: { doubleValue: 'NaN' } },
        { key: 'b', value: { doubleValue: 'Infinity' } },
        { key: 'c', value: { doubleValue: '-Infinity' } },
      ],
    });
  });

  it('says the same as the binary form, to an implementation that is not ours', () => {
    fc.assert(
      fc.property(fc.array(anyTrace, { maxLength: 3 }), anyAttributes, (traces, resource) => {
        const json = JSON.stringify(toOtlpJson(traces, resource));
        const [envelope] = readExportTraceServiceRequest(asMessage(json));
        expect(envelope!.resource).toEqual(resource);
        expect(envelope!.scopes.map((scope) => readScopeSpans(scope.bytes).spans)).toEqual(
          traces.map(({ spans }) => spans),
        );
      }),
    );
  });
});
