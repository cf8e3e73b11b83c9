import { fieldKey, ProtoWriter } from '@gatescope/trace';

const RESOURCE_SPANS = fieldKey(1, 2);

/** What the spans are of, as the Resource field of ResourceSpans. */
export function encodeResource(attributes: Readonly<Record<string, string>>): Uint8Array {
  const writer = new ProtoWriter(1_024);
  const resource = writer.begin(fieldKey(1, 2));
  for (const [name, value] of Object.entries(attributes)) {
    const pair = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), name);
    const text = writer.begin(fieldKey(2, 2));
    writer.string(fieldKey(1, 2), value);
    writer.end(text);
    writer.end(pair);
  }
  writer.end(resource);
  return writer.finish();
}

/** Traces, each a ScopeSpans field of ResourceSpans, as one ExportTraceServiceRequest (OTLP 1.x). */
export function otlpBody(resource: Uint8Array, traces: readonly Uint8Array[]): Uint8Array {
  const length = traces.reduce((sum, trace) => sum + trace.length, resource.length);
  const lead = new ProtoWriter(16);
  lead.varint(RESOURCE_SPANS, length);
  return Buffer.concat([lead.view(), resource, ...traces]);
}
