export * from './catalogue.ts';
export * from './latency-parts.ts';
export * from './otlp-json.ts';
export * from './otlp-reader.ts';
export { ProtoError, ProtoReader } from './proto-reader.ts';
export { fieldKey, ProtoWriter } from './proto-writer.ts';
export type { AttributeValue, Span, SpanEvent, SpanKindName, SpanStatus, Trace } from './span.ts';
export * from './summary.ts';
export * from './trace-tree.ts';
