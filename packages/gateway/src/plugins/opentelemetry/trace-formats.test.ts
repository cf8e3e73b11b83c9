import { Headers } from '@gatescope/http1';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceContext } from './trace-context.ts';
import { EXTRACTED, extract, FORMATS } from './trace-formats.ts';

const headersOf = (fields: Readonly<Record<string, string>>) => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return headers;
};
const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((list) => list.join(''))
    .filter((text) => !/^0+$/.test(text.slice(-16)));

describe.each(Object.keys(FORMATS))('trace format %s', (name) => {
  const format = FORMATS[name]!;

  it('reads what it has written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        const context: TraceContext = { traceId, spanId, sampled };
        const headers = new Headers();
        format.inject(headers, context);
        // Datadog's trace ids are half as long.
        const kept = name === 'datadog' ? traceId.slice(-16).padStart(32, '0') : traceId;
        expect(format.extract(headers)).toEqual({ ...context, traceId: kept });
      }),
    );
  });

  it('takes nothing from fields that hold anything', () => {
    const names = new Headers();
    format.inject(names, { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true });
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: names.length, maxLength: names.length }), (values) => {
        const found = format.extract(
          headersOf(Object.fromEntries(names.names.map((of, at) => [of, values[at]!]))),
        );
        if (found === null) return;
        expect([found.traceId, found.spanId]).toEqual([
          expect.stringMatching(/^[0-9a-f]{32}$/),
          expect.stringMatching(/^[0-9a-f]{16}$/),
        ]);
      }),
    );
  });
});

describe('extract()', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const found = (fields: Readonly<Record<string, string>>, formats = EXTRACTED) => {
    const one = extract(headersOf(fields), formats);
    return one === null ? null : [one.format, one.context.traceId, one.context.spanId, one.context.sampled];
  };

  it('reads what each format is in the wild', () => {
    const spanId = '00f067aa0ba902b7';
    expect([
      found({ traceparent: `00-${traceId}-${spanId}-01` }),
      found({ traceparent: `01-${traceId}-${spanId}-00-more` }),
      found({ 'x-b3-traceid': traceId.slice(16), 'x-b3-spanid': spanId, 'x-b3-sampled': '0' }),
      found({ 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-flags': '1' }),
      found({ b3: `${traceId}-${spanId}-d-${spanId}` }),
      found({ b3: `${traceId}-${spanId}` }),
      found({ 'uber-trace-id': `${traceId.slice(1)}:f067aa0ba902b7:0:3` }),
      found({ 'ot-tracer-traceid': traceId, 'ot-tracer-spanid': spanId, 'ot-tracer-sampled': 'true' }),
      found({
        'x-datadog-trace-id': '255',
        'x-datadog-parent-id': '16',
        'x-datadog-sampling-priority': '-1',
      }),
      found({
        'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1`,
      }),
      found({ 'x-cloud-trace-context': `${traceId}/255;o=1` }),
    ]).toEqual([
      ['w3c', traceId, spanId, true],
      ['w3c', traceId, spanId, false],
      ['b3', traceId.slice(16).padStart(32, '0'), spanId, false],
      ['b3', traceId, spanId, true],
      ['b3-single', traceId, spanId, true],
      ['b3-single', traceId, spanId, null],
      ['jaeger', `0${traceId.slice(1)}`, spanId, true],
      ['ot', traceId, spanId, true],
      ['datadog', '00000000000000ff'.padStart(32, '0'), '0000000000000010', false],
      ['aws', traceId, spanId, true],
      ['gcp', traceId, '00000000000000ff', true],
    ]);
  });

  it('takes the first format that says something, of those it is told of', () => {
    const both = { b3: `${traceId}-00f067aa0ba902b7-1`, traceparent: '00-bad' };
    expect(found(both)?.[0]).toBe('b3-single');
    expect(found(both, ['w3c'])).toBeNull();
    expect(found({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` })).toBeNull();
    expect(found({ b3: '0' })).toBeNull();
  });
});
