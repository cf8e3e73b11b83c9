import { definitionOf } from './catalogue.ts';
import type { AttributeValue, Span, Trace } from './span.ts';

const KIND_NUMBERS = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 } as const;
const STATUS_NUMBERS = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/**
 * Traces as OTLP JSON (the protobuf JSON mapping of ExportTraceServiceRequest, with ids in hexadecimal as OTLP wants it and 64-bit numbers
 * as text). Numbers are ints or doubles as the catalogue says.
 */
export function toOtlpJson(
  traces: readonly Trace[],
  resource: Readonly<Record<string, AttributeValue>>,
): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: traces.map((trace) => ({
          scope: { name: 'gatescope' },
          spans: trace.spans.map((span) => spanJson(span, trace.trace_id)),
        })),
      },
    ],
  };
}

function spanJson(span: Span, traceId: string): object {
  const doubles = doublesOf(span.name);
  return {
    traceId,
    spanId: span.span_id,
    ...(span.parent_span_id === null ? {} : { parentSpanId: span.parent_span_id }),
    name: span.name,
    kind: KIND_NUMBERS[span.kind],
    startTimeUnixNano: span.start_unix_nano,
    endTimeUnixNano: span.end_unix_nano,
    attributes: keyValues(span.attributes, doubles),
    events: span.events.map((event) => ({
      timeUnixNano: event.time_unix_nano,
      name: event.name,
      attributes: keyValues(event.attributes),
    })),
    status: {
      code: STATUS_NUMBERS[span.status.code],
      ...(span.status.message === '' ? {} : { message: span.status.message }),
    },
  };
}

function doublesOf(spanName: string): ReadonlySet<string> {
  const attributes = definitionOf(spanName)?.attributes ?? [];
  return new Set(
    attributes.filter((attribute) => attribute.type === 'double').map((attribute) => attribute.name),
  );
}

const NONE: ReadonlySet<string> = new Set();

function keyValues(attributes: Readonly<Record<string, AttributeValue>>, doubles = NONE): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: anyValue(value, doubles.has(key)),
  }));
}

function anyValue(value: AttributeValue, double = false): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { doubleValue: String(value) };
    return double || !Number.isSafeInteger(value) ? { doubleValue: value } : { intValue: String(value) };
  }
  if (Array.isArray(value))
    return { arrayValue: { values: value.map((one: AttributeValue) => anyValue(one)) } };
  return { kvlistValue: { values: keyValues(value as Record<string, AttributeValue>) } };
}
