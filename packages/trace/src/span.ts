/** A value as OTLP's AnyValue can carry it. Numbers are ints or doubles on the wire as the catalogue says; others by whether they are integral. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** OpenTelemetry's SpanKind, by name. */
export type SpanKindName = 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';

export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since the Unix epoch as decimal text: they exceed 2^53. */
  readonly time_unix_nano: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface SpanStatus {
  readonly code: 'UNSET' | 'OK' | 'ERROR';
  readonly message: string;
}

/** A finished span as the REST API gives it. Times are nanoseconds since the Unix epoch as decimal text. */
export interface Span {
  /** 16 hexadecimal digits. */
  readonly span_id: string;
  /** Null for a root without a remote parent. */
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly start_unix_nano: string;
  readonly end_unix_nano: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly SpanEvent[];
  readonly status: SpanStatus;
}

/** All spans of one request through the gateway. The root is the span called `kong`. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly trace_id: string;
  readonly spans: readonly Span[];
}
