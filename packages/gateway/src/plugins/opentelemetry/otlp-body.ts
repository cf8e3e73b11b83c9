import { fieldKey, ProtoWriter } from '@gatescope/trace';

const RESOURCE_SPANS = fieldKey(1, 2);

/** Traces, each a ScopeSpans field of ResourceSpans, as one ExportTraceServiceRequest (OTLP 1.x). */
export function otlpBody(resource: Uint8Array, traces: readonly Uint8Array[]): Uint8Array {
  const length = traces.reduce((sum, trace) => sum + trace.length, resource.length);
  const lead = new ProtoWriter(16);
  lead.varint(RESOURCE_SPANS, length);
  return Buffer.concat([lead.view(), resource, ...traces]);
}
