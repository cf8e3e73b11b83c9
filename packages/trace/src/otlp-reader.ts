import { KEY_TRACE_LOGS, KEY_TRACE_PAYLOAD } from './otlp-extension.ts';
import { hex, readAttributes, readKeyValue } from './otlp-values.ts';
import { ProtoError, ProtoReader } from './proto-reader.ts';
import type { AttributeValue, Span, SpanEvent, SpanKindName, SpanStatus } from './span.ts';

/** Spans of one instrumentation scope as they came: what the scope says, and the message's bytes for keeping. */
export interface ScopeSpansEnvelope {
  readonly scopeName: string;
  readonly scopeAttributes: Readonly<Record<string, AttributeValue>>;
  /** The ScopeSpans message without what is said beside the spans, a view of the request. */
  readonly bytes: Uint8Array;
  /** A ScopeLogs message: the log lines of the trace; null: none came. */
  readonly logs: Uint8Array | null;
  /** What was captured of the request, as the sender wrote it; null: none came. */
  readonly payload: Uint8Array | null;
}

/** One resource's part of an export request. */
export interface ResourceSpansEnvelope {
  readonly resource: Readonly<Record<string, AttributeValue>>;
  readonly scopes: readonly ScopeSpansEnvelope[];
}

/** Spans of one ScopeSpans message. */
export interface ScopeSpans {
  /** 32 hexadecimal digits, of the first span; the gateway puts one trace into one scope. */
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** Spans of one trace that are read; more is not valid. */
export const SPANS_PER_TRACE_MAX = 200_000;

const KINDS: readonly SpanKindName[] = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES: readonly SpanStatus['code'][] = ['UNSET', 'OK', 'ERROR'];

/** The envelopes of an ExportTraceServiceRequest, without reading the spans. Throws {@link ProtoError}. */
export function readExportTraceServiceRequest(bytes: Uint8Array): ResourceSpansEnvelope[] {
  const reader = new ProtoReader(bytes);
  const envelopes: ResourceSpansEnvelope[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) envelopes.push(readResourceSpans(reader.message()));
    else reader.skip(key);
  }
  return envelopes;
}

/** The spans of a ScopeSpans message. Throws {@link ProtoError}. */
export function readScopeSpans(bytes: Uint8Array): ScopeSpans {
  const read = readEachSpan(bytes, readSpan);
  return { traceId: read[0]?.traceId ?? '', spans: read.map(({ span }) => span) };
}

/** What `read` makes of each span of a ScopeSpans message, of which it reads one, a field. Throws {@link ProtoError}. */
export function readEachSpan<Read>(bytes: Uint8Array, read: (reader: ProtoReader) => Read): Read[] {
  const reader = new ProtoReader(bytes);
  const all: Read[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key !== 0x12) {
      reader.skip(key);
      continue;
    }
    if (all.length >= SPANS_PER_TRACE_MAX) throw new ProtoError('too many spans');
    all.push(read(reader));
  }
  return all;
}

function readResourceSpans(reader: ProtoReader): ResourceSpansEnvelope {
  let resource: Record<string, AttributeValue> = {};
  const scopes: ScopeSpansEnvelope[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) resource = readAttributes(reader.message(), 0x0a);
    else if (key === 0x12) scopes.push(readScope(reader.bytes()));
    else reader.skip(key);
  }
  return { resource, scopes };
}

function readScope(bytes: Uint8Array): ScopeSpansEnvelope {
  const reader = new ProtoReader(bytes);
  let scopeName = '';
  let scopeAttributes: Record<string, AttributeValue> = {};
  let end = -1;
  let logs: Uint8Array | null = null;
  let payload: Uint8Array | null = null;
  while (!reader.isAtEnd) {
    const { position } = reader;
    const key = reader.key();
    if (key === KEY_TRACE_LOGS || key === KEY_TRACE_PAYLOAD) {
      if (end < 0) end = position;
      if (key === KEY_TRACE_LOGS) logs = reader.bytes();
      else payload = reader.bytes();
      continue;
    }
    if (end >= 0) throw new ProtoError('spans behind what is said beside them');
    if (key !== 0x0a) {
      reader.skip(key);
      continue;
    }
    scopeAttributes = {};
    const outer = reader.enter();
    while (!reader.isAtEnd) {
      const field = reader.key();
      if (field === 0x0a) scopeName = reader.term();
      else if (field === 0x1a) readKeyValue(reader, scopeAttributes, 0);
      else reader.skip(field);
    }
    reader.leave(outer);
  }
  return { scopeName, scopeAttributes, bytes: end < 0 ? bytes : bytes.subarray(0, end), logs, payload };
}

function readSpan(reader: ProtoReader): { traceId: string; span: Span } {
  let traceId = '';
  let spanId = '';
  let parent: string | null = null;
  let name = '';
  let kind = 0;
  let start = 0n;
  let end = 0n;
  const attributes: Record<string, AttributeValue> = {};
  const events: SpanEvent[] = [];
  let status: SpanStatus = { code: 'UNSET', message: '' };
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) traceId = hex(reader.bytes());
    else if (key === 0x12) spanId = hex(reader.bytes());
    else if (key === 0x22) parent = hex(reader.bytes()) || null;
    else if (key === 0x2a) name = reader.term();
    else if (key === 0x30) kind = reader.varint();
    else if (key === 0x39) start = reader.fixed64();
    else if (key === 0x41) end = reader.fixed64();
    else if (key === 0x4a) readKeyValue(reader, attributes, 0);
    else if (key === 0x5a) events.push(readEvent(reader));
    else if (key === 0x7a) status = readStatus(reader);
    else reader.skip(key);
  }
  reader.leave(outer);
  if (spanId.length !== 16 || traceId.length !== 32) throw new ProtoError('span without a valid id');
  const span: Span = {
    span_id: spanId,
    parent_span_id: parent,
    name,
    kind: KINDS[kind] ?? 'INTERNAL',
    start_unix_nano: start.toString(),
    end_unix_nano: end.toString(),
    attributes,
    events,
    status,
  };
  return { traceId, span };
}

function readEvent(reader: ProtoReader): SpanEvent {
  let time = 0n;
  let name = '';
  const attributes: Record<string, AttributeValue> = {};
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x09) time = reader.fixed64();
    else if (key === 0x12) name = reader.string();
    else if (key === 0x1a) readKeyValue(reader, attributes, 0);
    else reader.skip(key);
  }
  reader.leave(outer);
  return { name, time_unix_nano: time.toString(), attributes };
}

/** Reads a Status, a field of the message that is being read. Throws {@link ProtoError}. */
export function readStatus(reader: ProtoReader): SpanStatus {
  let message = '';
  let code = 0;
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x12) message = reader.string();
    else if (key === 0x18) code = reader.varint();
    else reader.skip(key);
  }
  reader.leave(outer);
  return { code: STATUSES[code] ?? 'UNSET', message };
}
