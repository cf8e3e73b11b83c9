import protobuf from 'protobufjs';

/**
 * The part of OTLP's public schema (opentelemetry-proto 1.x) that traces are made of, with the numbers and types it gives the fields.
 * What encodes and decodes OTLP is tested against this by an implementation of Protocol Buffers that is not ours.
 */
const COMMON = `
  syntax = "proto3";
  package opentelemetry.proto.common.v1;

  message AnyValue {
    oneof value {
      string string_value = 1;
      bool bool_value = 2;
      int64 int_value = 3;
      double double_value = 4;
      ArrayValue array_value = 5;
      KeyValueList kvlist_value = 6;
      bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message InstrumentationScope {
    string name = 1;
    string version = 2;
    repeated KeyValue attributes = 3;
    uint32 dropped_attributes_count = 4;
  }
`;

const RESOURCE = `
  syntax = "proto3";
  package opentelemetry.proto.resource.v1;

  message Resource {
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 1;
    uint32 dropped_attributes_count = 2;
  }
`;

const TRACE = `
  syntax = "proto3";
  package opentelemetry.proto.trace.v1;

  message ResourceSpans {
    opentelemetry.proto.resource.v1.Resource resource = 1;
    repeated ScopeSpans scope_spans = 2;
    string schema_url = 3;
  }
  message ScopeSpans {
    opentelemetry.proto.common.v1.InstrumentationScope scope = 1;
    repeated Span spans = 2;
    string schema_url = 3;
  }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    string trace_state = 3;
    bytes parent_span_id = 4;
    string name = 5;
    SpanKind kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 9;
    uint32 dropped_attributes_count = 10;
    repeated Event events = 11;
    uint32 dropped_events_count = 12;
    repeated Link links = 13;
    uint32 dropped_links_count = 14;
    Status status = 15;
    fixed32 flags = 16;

    enum SpanKind {
      SPAN_KIND_UNSPECIFIED = 0;
      SPAN_KIND_INTERNAL = 1;
      SPAN_KIND_SERVER = 2;
      SPAN_KIND_CLIENT = 3;
      SPAN_KIND_PRODUCER = 4;
      SPAN_KIND_CONSUMER = 5;
    }
    message Event {
      fixed64 time_unix_nano = 1;
      string name = 2;
      repeated opentelemetry.proto.common.v1.KeyValue attributes = 3;
      uint32 dropped_attributes_count = 4;
    }
    message Link {
      bytes trace_id = 1;
      bytes span_id = 2;
      string trace_state = 3;
      repeated opentelemetry.proto.common.v1.KeyValue attributes = 4;
      uint32 dropped_attributes_count = 5;
      fixed32 flags = 6;
    }
  }
  message Status {
    reserved 1;
    string message = 2;
    StatusCode code = 3;

    enum StatusCode {
      STATUS_CODE_UNSET = 0;
      STATUS_CODE_OK = 1;
      STATUS_CODE_ERROR = 2;
    }
  }
`;

const COLLECTOR = `
  syntax = "proto3";
  package opentelemetry.proto.collector.trace.v1;

  message ExportTraceServiceRequest {
    repeated opentelemetry.proto.trace.v1.ResourceSpans resource_spans = 1;
  }
  message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
  message ExportTracePartialSuccess {
    int64 rejected_spans = 1;
    string error_message = 2;
  }
`;

const root = new protobuf.Root();
for (const source of [COMMON, RESOURCE, TRACE, COLLECTOR]) protobuf.parse(source, root);
root.resolveAll();

const type = (name: string) => root.lookupType(`opentelemetry.proto.${name}`);

/** The message types by name, to encode and decode with. */
export const OTLP = {
  exportTraceServiceRequest: type('collector.trace.v1.ExportTraceServiceRequest'),
  resourceSpans: type('trace.v1.ResourceSpans'),
  scopeSpans: type('trace.v1.ScopeSpans'),
};

/** Decodes to plain objects: bytes in hexadecimal, 64-bit numbers as decimal text, enums by name, what is absent left out. */
export function decodeOtlp(message: protobuf.Type, bytes: Uint8Array): unknown {
  const decoded = message.toObject(message.decode(bytes), { longs: String, enums: String, bytes: Array });
  return withHexBytes(decoded);
}

function withHexBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHexBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) =>
      /^(traceId|spanId|parentSpanId|bytesValue)$/.test(name)
        ? [name, Buffer.from(field as number[]).toString('hex')]
        : [name, withHexBytes(field)],
    ),
  );
}
