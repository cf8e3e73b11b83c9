import type { Span } from './span.ts';

/** Whose time an instant of a request is. */
export type LatencyPart = 'io' | 'client' | 'upstream' | 'gateway';

/** Milliseconds of the root span by whose time they are; the parts add up to the total. */
export interface LatencyParts {
  readonly total_ms: number;
  readonly io_ms: number;
  readonly client_ms: number;
  readonly upstream_ms: number;
  readonly gateway_ms: number;
}

const CLIENT_SPANS: ReadonlySet<string> = new Set([
  'kong.tls_handshake',
  'kong.read_client_http_headers',
  'kong.read_client_http_body',
  'kong.wait_for_client_read',
]);
const UPSTREAM_SPANS: ReadonlySet<string> = new Set([
  'kong.upstream.selection',
  'kong.send_request_to_upstream',
  'kong.read_headers_from_upstream',
  'kong.read_body_from_upstream',
]);

/**
 * Divides the root span's time: every instant belongs to exactly one part, I/O of plugins before waiting for the client before the
 * upstream before the gateway itself. All zero where there is no root.
 */
export function latencyParts(spans: readonly Span[]): LatencyParts {
  const root = spans.find((span) => span.name === 'kong');
  if (root === undefined) return { total_ms: 0, io_ms: 0, client_ms: 0, upstream_ms: 0, gateway_ms: 0 };
  const origin = BigInt(root.start_unix_nano);
  const total = Math.max(0, Number(BigInt(root.end_unix_nano) - origin));
  const intervals: Interval[] = [];
  const upstream: { start: number; end: number } = {
    start: Number.POSITIVE_INFINITY,
    end: Number.NEGATIVE_INFINITY,
  };
  for (const span of spans) {
    const rank = span.name.startsWith('kong.io.')
      ? 0
      : CLIENT_SPANS.has(span.name)
        ? 1
        : UPSTREAM_SPANS.has(span.name)
          ? 2
          : -1;
    if (rank < 0) continue;
    const start = Number(BigInt(span.start_unix_nano) - origin);
    const end = Number(BigInt(span.end_unix_nano) - origin);
    if (rank === 2) {
      upstream.start = Math.min(upstream.start, start);
      upstream.end = Math.max(upstream.end, end);
    } else intervals.push({ start, end, rank });
  }
  // From the selection of an upstream to its last byte it is the upstream's time, the gaps between its spans too.
  if (upstream.end > upstream.start) intervals.push({ ...upstream, rank: 2 });
  const [io, client, up] = divide(intervals, total);
  return {
    total_ms: total / 1e6,
    io_ms: io / 1e6,
    client_ms: client / 1e6,
    upstream_ms: up / 1e6,
    gateway_ms: (total - io - client - up) / 1e6,
  };
}

/** A stretch of time with whose it is: 0 I/O, 1 client, 2 upstream. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly rank: number;
}

/** How much of 0 … total each rank has, where a lower rank takes an instant from a higher one. */
export function divide(intervals: readonly Interval[], total: number): [number, number, number] {
  const cuts = new Set<number>([0, total]);
  for (const { start, end } of intervals) {
    cuts.add(clamp(start, total));
    cuts.add(clamp(end, total));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const sums: [number, number, number] = [0, 0, 0];
  for (let index = 0; index + 1 < sorted.length; index++) {
    const from = sorted[index]!;
    const to = sorted[index + 1]!;
    let best = 3;
    for (const { start, end, rank } of intervals) if (start <= from && end >= to && rank < best) best = rank;
    if (best < 3) sums[best as 0 | 1 | 2] += to - from;
  }
  return sums;
}

function clamp(value: number, total: number): number {
  return Math.min(total, Math.max(0, value));
}
