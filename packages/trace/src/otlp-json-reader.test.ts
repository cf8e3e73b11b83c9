import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trace as anyTrace } from '../testing/arbitraries.ts';
import { toOtlpJson } from './otlp-json.ts';
import { readOtlpJson } from './otlp-json-reader.ts';

const ids = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00F067AA0BA902B7' };
const request = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

describe('readOtlpJson()', () => {
  it('reads what toOtlpJson() writes', () => {
    fc.assert(
      fc.property(fc.array(anyTrace), (traces) => {
        const json: unknown = JSON.parse(JSON.stringify(toOtlpJson(traces, {})));
        // JSON has no -0, and a trace without spans leaves none.
        const expected = JSON.parse(JSON.stringify(traces)) as typeof traces;
        expect(JSON.parse(JSON.stringify(readOtlpJson(json)))).toEqual(
          expected.filter(({ spans }) => spans.length > 0),
        );
      }),
    );
  });

  it('takes what others leave out', () => {
    expect(
      readOtlpJson(request(ids, { ...ids, traceId: 'f'.repeat(32), name: 'kong', parentSpanId: '' })),
    ).toEqual(
      [ids.traceId, 'f'.repeat(32)].map((trace_id, index) => ({
        trace_id,
        spans: [
          {
            span_id: '00f067aa0ba902b7',
            parent_span_id: null,
            name: index === 0 ? '' : 'kong',
            kind: 'INTERNAL',
            start_unix_nano: '0',
            end_unix_nano: '0',
            attributes: {},
            events: [],
            status: { code: 'UNSET', message: '' },
          },
        ],
      })),
    );
  });

  it.each<[string, unknown, string]>([
    ['a text', 'x', 'resourceSpans should be a list'],
    ['another object', {}, 'resourceSpans should be a list'],
    ['spans that are none', request(7), 'spans[0].traceId should be 32 hexadecimal digits'],
    ['a wrong id', request({ ...ids, spanId: 'x' }), 'spans[0].spanId should be 16 hexadecimal digits'],
    [
      'a wrong time',
      request({ ...ids, startTimeUnixNano: 'now' }),
      'startTimeUnixNano should be nanoseconds as decimal text',
    ],
    ['a name that is none', request({ ...ids, name: {} }), 'spans[0].name should be a text'],
    [
      'attributes that are no list',
      request({ ...ids, attributes: {} }),
      'spans[0].attributes should be a list',
    ],
  ])('refuses %s with the place', (_, json, message) => {
    expect(() => readOtlpJson(json)).toThrow(message);
  });

  it('refuses values that nest without end', () => {
    let value: unknown = { intValue: '1' };
    for (let depth = 0; depth < 20; depth++) value = { arrayValue: { values: [value] } };
    expect(() => readOtlpJson(request({ ...ids, attributes: [{ key: 'a', value }] }))).toThrow(
      'values that nest 8 deep at most',
    );
  });
});
