import { ProtoReader } from './proto-reader.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';

/*
 * What belongs to a trace besides its spans travels in the same ScopeSpans message, behind the spans, in fields that OTLP leaves free: so
 * whoever takes the trace takes all of it at once, and any other receiver of OTLP passes over what it does not know.
 */

/** Key of the field that holds a ScopeLogs message: the trace's log lines. */
export const KEY_TRACE_LOGS = fieldKey(1_001, 2);
/** Key of the field that holds what was captured of the request. */
export const KEY_TRACE_PAYLOAD = fieldKey(1_002, 2);

/** What is said of a trace beside its spans. */
export interface TraceExtension {
  /** A ScopeLogs message. */
  readonly logs: Uint8Array | null;
  readonly payload: Uint8Array | null;
}

/** A ScopeSpans message with its key (see the gateway's encoder), with an extension put behind the spans. Throws `ProtoError`. */
export function extendScopeSpans(field: Uint8Array, { logs, payload }: TraceExtension): Uint8Array {
  const reader = new ProtoReader(field);
  const key = reader.key();
  const content = reader.bytes();
  const writer = new ProtoWriter(content.length + (logs?.length ?? 0) + (payload?.length ?? 0) + 64);
  const message = writer.begin(key);
  writer.raw(content);
  if (logs !== null) writer.bytes(KEY_TRACE_LOGS, logs);
  if (payload !== null) writer.bytes(KEY_TRACE_PAYLOAD, payload);
  writer.end(message);
  return writer.view();
}
