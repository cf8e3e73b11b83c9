export type { AttributeValue, Span, SpanEvent, SpanKindName, SpanStatus, Trace } from './span.ts';
