import {
  type AttributeBlock,
  attributeBlock,
  inStartOrder,
  type Payload,
  type Skeleton,
  skeletonOf,
  type TraceSummary,
} from '@gatescope/protocol';
import { type Span, summarise, type Trace } from '@gatescope/trace';
import type { TraceLog, TracePart } from './trace-part.ts';

/** A trace out of a file, as a control plane would give it. */
export interface OpenedTrace {
  readonly skeleton: Skeleton;
  /** Of every row. */
  readonly block: AttributeBlock;
  readonly log: TracePart<TraceLog>;
  readonly payload: TracePart<Payload>;
}

/** What OTLP has of a trace. A trace without a request's root span is shown by its longest span that has no parent there. */
export function openedTrace({ trace_id, spans }: Trace): OpenedTrace {
  const ordered = inStartOrder(spans);
  return {
    skeleton: skeletonOf(summaryOf(trace_id, ordered), ordered),
    block: attributeBlock(ordered, 0, ordered.length),
    log: { reason: 'OTLP JSON holds spans alone. The session as ZIP holds its log too.' },
    payload: {
      reason:
        'OTLP JSON holds spans alone. The session as ZIP holds headers and bodies too, where whoever exports it may read them.',
    },
  };
}

/** Names of services and routes are not in OTLP: their ids stand for them. */
function summaryOf(traceId: string, spans: readonly Span[]): TraceSummary {
  const known = summarise(spans);
  const first = longestRoot(spans);
  const startNs = known?.start_unix_nano ?? first?.start_unix_nano ?? '0';
  return {
    id: known?.root_span_id ?? first?.span_id ?? '',
    trace_id: traceId,
    session_id: '',
    node_id: '',
    started_at: instantOf(startNs),
    method: known?.method ?? '',
    host: known?.host ?? null,
    path: known?.path ?? first?.name ?? '',
    status_code: known?.status_code ?? null,
    upstream_status_code: known?.upstream_status_code ?? null,
    duration_ms: known?.duration_ms ?? (first === null ? 0 : durationMs(first)),
    upstream_ms: known?.upstream_ms ?? 0,
    gateway_ms: known?.gateway_ms ?? 0,
    client_ms: known?.client_ms ?? 0,
    io_ms: known?.io_ms ?? 0,
    service: known?.service_id ?? null,
    route: known?.route_id ?? null,
    consumer: known?.consumer_id ?? null,
    span_count: spans.length,
    log_count: 0,
    error: known?.error ?? null,
    slowest_plugin: known?.slowest_plugin ?? null,
    exited_by: known?.exited_by ?? null,
    has_payload: false,
  };
}

function longestRoot(spans: readonly Span[]): Span | null {
  const ids = new Set(spans.map(({ span_id }) => span_id));
  let longest: Span | null = null;
  for (const span of spans) {
    if (span.parent_span_id !== null && ids.has(span.parent_span_id)) continue;
    if (longest === null || durationMs(span) > durationMs(longest)) longest = span;
  }
  return longest;
}

function durationMs(span: Span): number {
  return Math.max(0, Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6);
}

function instantOf(nanos: string): string {
  const ms = Number(BigInt(nanos) / 1_000_000n);
  // The last instant a date can be.
  return new Date(Math.min(ms, 8.64e15)).toISOString();
}
