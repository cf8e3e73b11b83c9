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
    const rank = rankOf(span.name);
    if (rank === null) continue;
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

function rankOf(name: string): Interval['rank'] | null {
  if (name.startsWith('kong.io.')) return 0;
  if (CLIENT_SPANS.has(name)) return 1;
  return UPSTREAM_SPANS.has(name) ? 2 : null;
}

/** A stretch of time with whose it is: 0 I/O, 1 client, 2 upstream. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly rank: 0 | 1 | 2;
}

/**
 * How much of 0 … total each rank has, where a lower rank takes an instant from a higher one. An interval that ends before it begins
 * counts for nothing.
 */
export function divide(intervals: readonly Interval[], total: number): [number, number, number] {
  const edges: Edge[] = [];
  for (const { start, end, rank } of intervals) {
    const from = Math.max(0, start);
    const to = Math.min(total, end);
    if (to > from) edges.push({ at: from, rank, opens: 1 }, { at: to, rank, opens: -1 });
  }
  edges.sort((a, b) => a.at - b.at);
  const sums: [number, number, number] = [0, 0, 0];
  const open: [number, number, number] = [0, 0, 0];
  let last = 0;
  for (const { at, rank, opens } of edges) {
    const owner = open[0] > 0 ? 0 : open[1] > 0 ? 1 : open[2] > 0 ? 2 : -1;
    if (owner >= 0) sums[owner as 0 | 1 | 2] += at - last;
    open[rank] += opens;
    last = at;
  }
  return sums;
}

/** Where an interval begins (1) or ends (-1). */
interface Edge {
  readonly at: number;
  readonly rank: 0 | 1 | 2;
  readonly opens: 1 | -1;
}
