import {
  type AttributeValue,
  extendScopeSpans,
  fieldKey,
  type LogLine,
  ProtoWriter,
  type Span,
  writeScopeLogs,
} from '@gatescope/trace';

/** One trace on its way to the control plane. */
export interface SentTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  readonly sessions: readonly string[];
  /** Log lines that come with it. */
  readonly lines?: readonly LogLine[];
  /** What was captured of it, as JSON. */
  readonly payload?: unknown;
}

const KINDS = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 } as const;
const STATUSES = { UNSET: 0, OK: 1, ERROR: 2 } as const;
let traces = 0;

export interface TraceFields {
  readonly traceId?: string;
  readonly rootId?: string;
  /** Milliseconds since the epoch. */
  readonly startMs?: number;
  readonly durationMs?: number;
  /** Of the root span; added to what a plain request has. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly router?: Readonly<Record<string, AttributeValue>>;
  /** Below the root, after the router. */
  readonly spans?: readonly Partial<Span>[];
}

/** A trace of a plain request for some sessions: the root, the router, and what is asked for. */
export function aTrace(sessions: readonly string[], fields: TraceFields = {}): SentTrace {
  const number = ++traces;
  const rootId = fields.rootId ?? id(number, 16);
  const startMs = fields.startMs ?? 1_800_000_000_000 + number;
  const durationMs = fields.durationMs ?? 10;
  const span = (index: number, from: number, to: number, own: Partial<Span>): Span => ({
    span_id: id(number, 12) + index.toString(16).padStart(4, '0'),
    parent_span_id: rootId,
    name: 'kong.phase.access',
    kind: 'INTERNAL',
    start_unix_nano: nanos(startMs + from),
    end_unix_nano: nanos(startMs + to),
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
    ...own,
  });
  const root = span(0, 0, durationMs, {
    span_id: rootId,
    parent_span_id: null,
    name: 'kong',
    kind: 'SERVER',
    attributes: {
      'url.full': `http://shop.example.com/checkout/${number}`,
      'http.request.method': 'GET',
      'http.request.header.host': 'shop.example.com',
      'http.response.status_code': 200,
      ...fields.attributes,
    },
  });
  const router = span(1, 0, 1, { name: 'kong.router', attributes: { ...fields.router } });
  const rest = (fields.spans ?? []).map((own, index) => span(index + 2, 1, 2, own));
  return { sessions, traceId: fields.traceId ?? id(number, 32), spans: [root, router, ...rest] };
}

/** An ExportTraceServiceRequest as a gateway sends it: a scope a trace, which names the sessions it is for. */
export function exportRequest(...traces: readonly SentTrace[]): Uint8Array {
  const writer = new ProtoWriter();
  const resource = writer.begin(fieldKey(1, 2));
  for (const trace of traces) writer.raw(scopeSpansField(trace));
  writer.end(resource);
  return writer.finish();
}

function scopeSpansField(trace: SentTrace): Uint8Array {
  const writer = new ProtoWriter();
  const scopeSpans = writer.begin(fieldKey(2, 2));
  const scope = writer.begin(fieldKey(1, 2));
  writer.string(fieldKey(1, 2), 'gatescope');
  writeAttributes(writer, 3, { 'gatescope.session.ids': trace.sessions });
  writer.end(scope);
  for (const span of trace.spans) writeSpan(writer, trace.traceId, span);
  writer.end(scopeSpans);
  const { lines, payload } = trace;
  if (lines === undefined && payload === undefined) return writer.view();
  return extendScopeSpans(writer.view(), {
    logs: lines === undefined ? null : scopeLogs({}, lines),
    payload: payload === undefined ? null : Buffer.from(JSON.stringify(payload)),
  });
}

/** An ExportLogsServiceRequest with one chunk of lines of no request. */
export function logsRequest(
  sessions: readonly string[],
  chunk: string,
  lines: readonly LogLine[],
): Uint8Array {
  const writer = new ProtoWriter();
  const resource = writer.begin(fieldKey(1, 2));
  const attributes = { 'gatescope.session.ids': sessions, 'gatescope.log.chunk': chunk };
  writer.bytes(fieldKey(2, 2), scopeLogs(attributes, lines));
  writer.end(resource);
  return writer.finish();
}

/** A line of a trace's log, or of none's. */
export function aLine(fields: Partial<LogLine> = {}): LogLine {
  return {
    time_unix_nano: '1800000000000000000',
    level: 'info',
    type: 'access',
    source: 'gateway',
    message: 'a line',
    attributes: {},
    trace_id: null,
    span_id: null,
    ...fields,
  };
}

function scopeLogs(
  attributes: Readonly<Record<string, AttributeValue>>,
  lines: readonly LogLine[],
): Uint8Array {
  const writer = new ProtoWriter();
  writeScopeLogs(writer, attributes, lines);
  return writer.finish();
}

function writeSpan(writer: ProtoWriter, traceId: string, span: Span): void {
  const message = writer.begin(fieldKey(2, 2));
  writer.bytes(fieldKey(1, 2), Buffer.from(traceId, 'hex'));
  writer.bytes(fieldKey(2, 2), Buffer.from(span.span_id, 'hex'));
  if (span.parent_span_id !== null) writer.bytes(fieldKey(4, 2), Buffer.from(span.parent_span_id, 'hex'));
  writer.string(fieldKey(5, 2), span.name);
  writer.varint(fieldKey(6, 0), KINDS[span.kind]);
  writeTime(writer, 7, span.start_unix_nano);
  writeTime(writer, 8, span.end_unix_nano);
  writeAttributes(writer, 9, span.attributes);
  for (const event of span.events) {
    const mark = writer.begin(fieldKey(11, 2));
    writeTime(writer, 1, event.time_unix_nano);
    writer.string(fieldKey(2, 2), event.name);
    writeAttributes(writer, 3, event.attributes);
    writer.end(mark);
  }
  const status = writer.begin(fieldKey(15, 2));
  if (span.status.message !== '') writer.string(fieldKey(2, 2), span.status.message);
  writer.varint(fieldKey(3, 0), STATUSES[span.status.code]);
  writer.end(status);
  writer.end(message);
}

function writeTime(writer: ProtoWriter, field: number, text: string): void {
  const value = BigInt(text);
  writer.fixed64(fieldKey(field, 1), Number(value >> 32n), Number(value & 0xffff_ffffn));
}

function writeAttributes(
  writer: ProtoWriter,
  field: number,
  attributes: Readonly<Record<string, AttributeValue>>,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    const pair = writer.begin(fieldKey(field, 2));
    writer.string(fieldKey(1, 2), name);
    const any = writer.begin(fieldKey(2, 2));
    writeValue(writer, value);
    writer.end(any);
    writer.end(pair);
  }
}

function writeValue(writer: ProtoWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.string(fieldKey(1, 2), value);
  else if (typeof value === 'boolean') writer.bool(fieldKey(2, 0), value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int64(fieldKey(3, 0), value);
    else writer.double(fieldKey(4, 1), value);
  } else {
    const array = writer.begin(fieldKey(5, 2));
    for (const one of value as readonly AttributeValue[]) {
      const item = writer.begin(fieldKey(1, 2));
      writeValue(writer, one);
      writer.end(item);
    }
    writer.end(array);
  }
}

function id(number: number, digits: number): string {
  return `a${number.toString(16).padStart(digits - 1, '0')}`;
}

function nanos(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
}
