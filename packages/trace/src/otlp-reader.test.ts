import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributes as anyAttributes, trace as anyTrace } from '../testing/arbitraries.ts';
import { OTLP } from '../testing/otlp-schema.ts';
import { readExportTraceServiceRequest, readScopeSpans } from './otlp-reader.ts';
import { ProtoError } from './proto-reader.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';
import type { AttributeValue, Span, Trace } from './span.ts';

const KINDS = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 };
const STATUSES = { UNSET: 0, OK: 1, ERROR: 2 };
const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

function anyValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Record<string, AttributeValue>) } };
}

function keyValues(attributes: Readonly<Record<string, AttributeValue>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function spanMessage(span: Span, traceId: string): object {
  return {
    traceId: bytesOf(traceId),
    spanId: bytesOf(span.span_id),
    parentSpanId: bytesOf(span.parent_span_id ?? ''),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: span.start_unix_nano,
    endTimeUnixNano: span.end_unix_nano,
    attributes: keyValues(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: event.time_unix_nano,
      attributes: keyValues(event.attributes),
      droppedAttributesCount: 1,
    })),
    status: { code: STATUSES[span.status.code], message: span.status.message },
    traceState: 'what we do not read',
    flags: 0x101,
    links: [{ traceId: bytesOf(traceId), spanId: bytesOf(span.span_id) }],
  };
}

function scopeMessage(trace: Trace, scope: object = { name: 'gatescope' }): object {
  return { scope, spans: trace.spans.map((span) => spanMessage(span, trace.trace_id)), schemaUrl: 'x' };
}

/** Encoded by an implementation that is not ours. */
function encode(type: keyof typeof OTLP, message: object): Uint8Array {
  return OTLP[type].encode(OTLP[type].fromObject(message)).finish();
}

const SPAN: Span = {
  span_id: '00f067aa0ba902b7',
  parent_span_id: null,
  name: 'kong',
  kind: 'SERVER',
  start_unix_nano: '1700000000000000001',
  end_unix_nano: '1700000000123456789',
  attributes: { 'url.full': 'https://api.example.com/orders', 'client.port': 40_122 },
  events: [],
  status: { code: 'UNSET', message: '' },
};
const TRACE: Trace = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', spans: [SPAN] };

describe('readScopeSpans()', () => {
  it('reads any trace that another implementation wrote', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(readScopeSpans(encode('scopeSpans', scopeMessage(trace)))).toEqual({
          traceId: trace.spans.length === 0 ? '' : trace.trace_id,
          spans: trace.spans,
        });
      }),
    );
  });

  it('gives bytes as hexadecimal text and leaves out a value that is empty', () => {
    const bytes = encode('scopeSpans', {
      spans: [
        {
          ...spanMessage(SPAN, TRACE.trace_id),
          attributes: [
            { key: 'bytes', value: { bytesValue: bytesOf('00ff10') } },
            { key: 'empty', value: {} },
            { key: 'none' },
            { key: 'list', value: { arrayValue: { values: [{ intValue: 1 }, {}] } } },
          ],
        },
      ],
    });
    expect(readScopeSpans(bytes).spans[0]!.attributes).toEqual({ bytes: '00ff10', list: [1] });
  });

  it('takes a kind and a status it does not know for none', () => {
    const message = { ...spanMessage(SPAN, TRACE.trace_id), kind: 9, status: { code: 7 } };
    expect(readScopeSpans(encode('scopeSpans', { spans: [message] })).spans).toEqual([
      { ...SPAN, kind: 'INTERNAL' },
    ]);
  });

  it('never touches a prototype', () => {
    const attributes = [{ key: '__proto__', value: { kvlistValue: { values: [{ key: 'polluted' }] } } }];
    const bytes = encode('scopeSpans', { spans: [{ ...spanMessage(SPAN, TRACE.trace_id), attributes }] });
    const read = readScopeSpans(bytes).spans[0]!.attributes;
    expect([Object.keys(read), Object.getPrototypeOf(read)]).toEqual([['__proto__'], Object.prototype]);
  });

  it.each([
    ['trace', { traceId: bytesOf('00') }],
    ['trace', { traceId: bytesOf('') }],
    ['span', { spanId: bytesOf('00112233445566778899') }],
  ])('refuses a span without a valid %s id', (_, fields) => {
    const bytes = encode('scopeSpans', { spans: [{ ...spanMessage(SPAN, TRACE.trace_id), ...fields }] });
    expect(() => readScopeSpans(bytes)).toThrow('span without a valid id');
  });

  it('refuses an attribute that nests too deep, however deep it is', () => {
    const nested = (depth: number) => {
      let value: object = { stringValue: 'bottom' };
      for (let level = 0; level < depth; level++) value = { arrayValue: { values: [value] } };
      return encode('scopeSpans', {
        spans: [{ ...spanMessage(SPAN, TRACE.trace_id), attributes: [{ key: 'deep', value }] }],
      });
    };
    expect(readScopeSpans(nested(8)).spans[0]!.attributes).toEqual({ deep: [[[[[[[['bottom']]]]]]]] });
    expect(() => readScopeSpans(nested(9))).toThrow('attribute nests too deep');
  });

  it('refuses 50,000 brackets without reading them all', () => {
    const brackets: Uint8Array[] = [];
    for (let level = 0, length = 0; level < 50_000; level++) {
      const writer = new ProtoWriter(16);
      writer.varint(level % 2 === 0 ? fieldKey(1, 2) : fieldKey(5, 2), length);
      brackets.push(writer.finish());
      length += writer.length;
    }
    const writer = new ProtoWriter();
    const span = writer.begin(fieldKey(2, 2));
    const pair = writer.begin(fieldKey(9, 2));
    writer.bytes(fieldKey(2, 2), Buffer.concat(brackets.reverse()));
    writer.end(pair);
    writer.end(span);
    expect(() => readScopeSpans(writer.finish())).toThrow('attribute nests too deep');
  });
});

describe('readExportTraceServiceRequest()', () => {
  it('tells the resources and scopes apart and keeps the spans as bytes', () => {
    const scope = fc.record({ name: fc.string({ unit: 'binary' }), attributes: anyAttributes });
    const scopes = fc.array(fc.tuple(scope, anyTrace), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ resource: anyAttributes, scopes }), { maxLength: 3 }),
        (resourceSpans) => {
          const message = {
            resourceSpans: resourceSpans.map(({ resource, scopes }) => ({
              resource: { attributes: keyValues(resource), droppedAttributesCount: 1 },
              scopeSpans: scopes.map(([scope, trace]) =>
                scopeMessage(trace, { ...scope, version: '1', attributes: keyValues(scope.attributes) }),
              ),
            })),
          };
          const read = readExportTraceServiceRequest(encode('exportTraceServiceRequest', message));
          expect(
            read.map(({ resource, scopes }) => ({
              resource,
              scopes: scopes.map(({ scopeName, scopeAttributes, bytes }) => [
                { name: scopeName, attributes: scopeAttributes },
                readScopeSpans(bytes).spans,
              ]),
            })),
          ).toEqual(
            resourceSpans.map(({ resource, scopes }) => ({
              resource,
              scopes: scopes.map(([scope, trace]) => [scope, trace.spans]),
            })),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads nothing from nothing', () => {
    expect(readExportTraceServiceRequest(new Uint8Array())).toEqual([]);
    expect(
      readExportTraceServiceRequest(encode('exportTraceServiceRequest', { resourceSpans: [{}] })),
    ).toEqual([{ resource: {}, scopes: [] }]);
  });
});

describe('bytes that are no OTLP', () => {
  const message = {
    resourceSpans: [
      { resource: { attributes: keyValues({ 'service.name': 'x' }) }, scopeSpans: [scopeMessage(TRACE)] },
    ],
  };
  const valid = encode('exportTraceServiceRequest', message);

  /** Reads everything; answers whether it could be, and throws anything but the error foreseen. */
  function isReadable(bytes: Uint8Array): boolean {
    try {
      for (const { scopes } of readExportTraceServiceRequest(bytes))
        for (const scope of scopes) readScopeSpans(scope.bytes);
      return true;
    } catch (error) {
      if (error instanceof ProtoError) return false;
      throw error;
    }
  }

  it('are refused where a message is cut short anywhere', () => {
    expect(isReadable(valid)).toBe(true);
    for (let length = 1; length < valid.length; length++)
      expect(isReadable(valid.subarray(0, length))).toBe(false);
  });

  it('give an error or some spans, and never anything else', () => {
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = new Uint8Array(valid);
        for (const [at, byte] of changes) bytes[at] = byte;
        isReadable(bytes);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void isReadable(bytes)));
  });
});
