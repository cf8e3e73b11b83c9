import { AppError } from '@gatescope/base';
import type { AttributeValue, Span, SpanEvent, SpanKindName, SpanStatus, Trace } from './span.ts';

const KINDS: readonly SpanKindName[] = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES: readonly SpanStatus['code'][] = ['UNSET', 'OK', 'ERROR'];
/** How deep arrays and key-value lists may nest. */
const NESTING_MAX = 8;

/**
 * The traces of OTLP JSON (an ExportTraceServiceRequest) in the order they come: spans of one scope with one trace id are a trace. Throws
 * `invalid_request` with the place of what is not as it should be.
 */
export function readOtlpJson(json: unknown): Trace[] {
  return list(json, 'resourceSpans', '').flatMap((resource, index) =>
    list(resource, 'scopeSpans', `resourceSpans[${index}].`).flatMap((scope, at) =>
      tracesOf(scope, `resourceSpans[${index}].scopeSpans[${at}].`),
    ),
  );
}

function tracesOf(scope: unknown, place: string): Trace[] {
  const traces = new Map<string, Span[]>();
  list(scope, 'spans', place).forEach((json, index) => {
    const here = `${place}spans[${index}].`;
    const traceId = idOf(json, 'traceId', 32, here);
    const spans = traces.get(traceId);
    const span = spanOf(json, here);
    if (spans === undefined) traces.set(traceId, [span]);
    else spans.push(span);
  });
  return [...traces].map(([trace_id, spans]) => ({ trace_id, spans }));
}

function spanOf(json: unknown, place: string): Span {
  const status = field(json, 'status');
  return {
    span_id: idOf(json, 'spanId', 16, place),
    parent_span_id: (field(json, 'parentSpanId') ?? '') === '' ? null : idOf(json, 'parentSpanId', 16, place),
    name: text(json, 'name', place),
    kind: KINDS[Number(field(json, 'kind') ?? 0)] ?? 'INTERNAL',
    start_unix_nano: nanos(json, 'startTimeUnixNano', place),
    end_unix_nano: nanos(json, 'endTimeUnixNano', place),
    attributes: attributes(json, place, 0),
    events: list(json, 'events', place).map((event, index) => eventOf(event, `${place}events[${index}].`)),
    status: {
      code: STATUSES[Number(field(status, 'code') ?? 0)] ?? 'UNSET',
      message: text(status, 'message', `${place}status.`),
    },
  };
}

function eventOf(json: unknown, place: string): SpanEvent {
  return {
    name: text(json, 'name', place),
    time_unix_nano: nanos(json, 'timeUnixNano', place),
    attributes: attributes(json, place, 0),
  };
}

function attributes(json: unknown, place: string, depth: number): Record<string, AttributeValue> {
  return keyValues(list(json, 'attributes', place), `${place}attributes`, depth);
}

function keyValues(pairs: readonly unknown[], place: string, depth: number): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  pairs.forEach((pair, index) => {
    const here = `${place}[${index}].`;
    const value = anyValue(field(pair, 'value'), here, depth);
    if (value === undefined) return;
    // As a property of its own whatever its name.
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(values, text(pair, 'key', here), property);
  });
  return values;
}

function anyValue(json: unknown, place: string, depth: number): AttributeValue | undefined {
  if (depth > NESTING_MAX) throw wrong(`${place}value`, `values that nest ${NESTING_MAX} deep at most`);
  const scalar = field(json, 'stringValue') ?? field(json, 'boolValue') ?? field(json, 'bytesValue');
  if (typeof scalar === 'string' || typeof scalar === 'boolean') return scalar;
  const number = field(json, 'intValue') ?? field(json, 'doubleValue');
  if (number !== undefined) return Number(number);
  const array = field(json, 'arrayValue');
  if (array !== undefined)
    return list(array, 'values', place)
      .map((one) => anyValue(one, place, depth + 1))
      .filter((value) => value !== undefined);
  const pairs = field(json, 'kvlistValue');
  return pairs === undefined
    ? undefined
    : keyValues(list(pairs, 'values', place), `${place}value`, depth + 1);
}

function field(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined;
  return (json as Record<string, unknown>)[name] ?? undefined;
}

function list(json: unknown, name: string, place: string): readonly unknown[] {
  const value = field(json, name);
  if (value === undefined && place !== '') return [];
  if (Array.isArray(value)) return value;
  throw wrong(`${place}${name}`, 'a list');
}

function text(json: unknown, name: string, place: string): string {
  const value = field(json, name) ?? '';
  if (typeof value === 'string') return value;
  throw wrong(`${place}${name}`, 'a text');
}

function nanos(json: unknown, name: string, place: string): string {
  const value = String(field(json, name) ?? '0');
  if (/^\d{1,20}$/.test(value)) return value;
  throw wrong(`${place}${name}`, 'nanoseconds as decimal text');
}

function idOf(json: unknown, name: string, digits: number, place: string): string {
  const id = text(json, name, place).toLowerCase();
  if (id.length === digits && /^[0-9a-f]+$/.test(id)) return id;
  throw wrong(`${place}${name}`, `${digits} hexadecimal digits`);
}

function wrong(place: string, due: string): AppError {
  return new AppError('invalid_request', `this is no OTLP JSON: ${place} should be ${due}`);
}
