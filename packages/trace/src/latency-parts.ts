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

/** Spans in which the gateway waits for the client. */
export const CLIENT_SPANS: readonly string[] = [
  'kong.tls_handshake',
  'kong.read_client_http_headers',
  'kong.read_client_http_body',
  'kong.wait_for_client_read',
];
/** Spans in which it is busy with the upstream. */
export const UPSTREAM_SPANS: readonly string[] = [
  'kong.upstream.selection',
  'kong.send_request_to_upstream',
  'kong.read_headers_from_upstream',
  'kong.read_body_from_upstream',
];
const RANKS: ReadonlyMap<string, LatencyRank> = new Map([
  ...CLIENT_SPANS.map((name) => [name, 1] as const),
  ...UPSTREAM_SPANS.map((name) => [name, 2] as const),
]);

/** What the division of a trace's time asks of a span. Times are nanoseconds. */
export interface TimedSpan {
  readonly name: string;
  readonly duration: number;
  /** From the beginning of another span to its own. */
  startAfter(origin: this): number;
  /** From the beginning of another span to its end. */
  endAfter(origin: this): number;
}

/**
 * Divides the root span's time: every instant belongs to exactly one part, I/O of plugins before waiting for the client before the
 * upstream before the gateway itself. All zero where there is no root.
 */
export function partsOf<One extends TimedSpan>(spans: readonly One[]): LatencyParts {
  const waits = new LatencyIntervals();
  const root = spans.find((span) => span.name === 'kong');
  if (root === undefined) return waits.partsOf(0);
  for (const span of spans) {
    const rank = latencyRank(span.name);
    if (rank !== null) waits.addNamed(span.name, rank, span.startAfter(root), span.endAfter(root));
  }
  return waits.partsOf(Math.max(0, root.duration));
}

/** Whose time an instant is: 0 I/O, 1 client, 2 upstream. Where several have it, it is the lowest one's. */
export type LatencyRank = 0 | 1 | 2;

/** Whose time the span of that name is; null where it says nothing of that. */
export function latencyRank(spanName: string): LatencyRank | null {
  return spanName.startsWith('kong.io.') ? 0 : (RANKS.get(spanName) ?? null);
}

/** A stretch of time with whose it is. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly rank: LatencyRank;
}

/** Gathers the spans of a request that are somebody's time. */
export class LatencyIntervals {
  readonly #intervals: Interval[] = [];
  #handshakeEnd = Number.NaN;
  #headersStart = Number.NaN;
  #upstreamStart = Number.POSITIVE_INFINITY;
  #upstreamEnd = Number.NEGATIVE_INFINITY;

  add(rank: LatencyRank, start: number, end: number): void {
    if (rank !== 2) {
      this.#insert({ start, end, rank });
      return;
    }
    this.#upstreamStart = Math.min(this.#upstreamStart, start);
    this.#upstreamEnd = Math.max(this.#upstreamEnd, end);
  }

  /** Adds a span of that name and rank with all it tells. */
  addNamed(name: string, rank: LatencyRank, start: number, end: number): void {
    this.add(rank, start, end);
    if (name === 'kong.tls_handshake') this.addHandshakeEnd(end);
    else if (name === 'kong.read_client_http_headers') this.addHeadersStart(start);
  }

  addHandshakeEnd(end: number): void {
    this.#handshakeEnd = end;
  }

  addHeadersStart(start: number): void {
    this.#headersStart = start;
  }

  /**
   * From the selection of an upstream to its last byte it is the upstream's time, the gaps between its spans too; from a handshake to the
   * first byte of its request the client's. To be asked for once, when all spans were added.
   */
  all(): readonly Interval[] {
    if (this.#headersStart > this.#handshakeEnd)
      this.#insert({ start: this.#handshakeEnd, end: this.#headersStart, rank: 1 });
    if (this.#upstreamEnd > this.#upstreamStart)
      this.#insert({ start: this.#upstreamStart, end: this.#upstreamEnd, rank: 2 });
    return this.#intervals;
  }

  /** They are few and mostly in order: a request that is traced waits for it. */
  #insert(interval: Interval): void {
    const intervals = this.#intervals;
    let at = intervals.push(interval) - 1;
    for (; at > 0 && intervals[at - 1]!.start > interval.start; at--) intervals[at] = intervals[at - 1]!;
    intervals[at] = interval;
  }

  /** Divides a root of that many nanoseconds. */
  partsOf(total: number): LatencyParts {
    const [io, client, up] = divide(this.all(), total);
    return {
      total_ms: total / 1e6,
      io_ms: io / 1e6,
      client_ms: client / 1e6,
      upstream_ms: up / 1e6,
      gateway_ms: (total - io - client - up) / 1e6,
    };
  }
}

/**
 * How much of 0 … total each rank has, where a lower rank takes an instant from a higher one. An interval that ends before it begins
 * counts for nothing.
 */
export function divide(intervals: readonly Interval[], total: number): [number, number, number] {
  const ordered = inOrder(intervals);
  const io = covered(ordered, 0, total);
  const client = covered(ordered, 1, total);
  return [io, client - io, covered(ordered, 2, total) - client];
}

/** How much of 0 … total the intervals up to a rank cover together; they come in the order in which they start. */
function covered(ordered: readonly Interval[], rankMax: LatencyRank, total: number): number {
  let sum = 0;
  let reached = 0;
  for (const { start, end, rank } of ordered) {
    const from = Math.max(start, reached);
    const to = Math.min(end, total);
    if (rank > rankMax || !(to > from)) continue;
    sum += to - from;
    reached = to;
  }
  return sum;
}

function inOrder(intervals: readonly Interval[]): readonly Interval[] {
  for (let index = 1; index < intervals.length; index++)
    if (intervals[index]!.start < intervals[index - 1]!.start)
      return [...intervals].sort((a, b) => a.start - b.start);
  return intervals;
}

/** Cuts from … to by whose time it is and visits the stretches in order and without gaps; null: nobody's. Two in a row may be the same's. */
export function eachStretch(
  intervals: readonly Interval[],
  from: number,
  to: number,
  visit: (start: number, end: number, rank: LatencyRank | null) => void,
): void {
  const edges: Edge[] = [];
  for (const { start, end, rank } of intervals) {
    const opensAt = Math.max(from, start);
    const closesAt = Math.min(to, end);
    if (closesAt > opensAt) edges.push({ at: opensAt, rank, opens: 1 }, { at: closesAt, rank, opens: -1 });
  }
  edges.sort((a, b) => a.at - b.at);
  const open: [number, number, number] = [0, 0, 0];
  let last = from;
  for (const { at, rank, opens } of edges) {
    if (at > last) visit(last, at, open[0] > 0 ? 0 : open[1] > 0 ? 1 : open[2] > 0 ? 2 : null);
    open[rank] += opens;
    last = at;
  }
  if (to > last) visit(last, to, null);
}

/** Where an interval begins (1) or ends (-1). */
interface Edge {
  readonly at: number;
  readonly rank: LatencyRank;
  readonly opens: 1 | -1;
}
