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

/** How much of a time each rank has. */
export interface Division {
  readonly io: number;
  readonly client: number;
  readonly upstream: number;
}

/** Gathers the spans of a request that are somebody's time; once cleared, those of another. */
export class LatencyIntervals {
  /** In the order in which they start. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #ranks: LatencyRank[] = [];
  #count = 0;
  #handshakeEnd = Number.NaN;
  #headersStart = Number.NaN;
  #upstreamStart = Number.POSITIVE_INFINITY;
  #upstreamEnd = Number.NEGATIVE_INFINITY;

  clear(): void {
    this.#count = 0;
    this.#handshakeEnd = Number.NaN;
    this.#headersStart = Number.NaN;
    this.#upstreamStart = Number.POSITIVE_INFINITY;
    this.#upstreamEnd = Number.NEGATIVE_INFINITY;
  }

  add(rank: LatencyRank, start: number, end: number): void {
    if (rank !== 2) {
      this.#insert(rank, start, end);
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

  /** All of them, when all spans were added; either this or {@link divide} is to be asked for, once. */
  all(): readonly Interval[] {
    this.#complete();
    return Array.from({ length: this.#count }, (_, index) => ({
      start: this.#starts[index]!,
      end: this.#ends[index]!,
      rank: this.#ranks[index]!,
    }));
  }

  /**
   * How much of 0 … total each rank has, where a lower rank takes an instant from a higher one. An interval that ends before it begins
   * counts for nothing.
   */
  divide(total: number): Division {
    this.#complete();
    const io = this.#covered(0, total);
    const client = this.#covered(1, total);
    return { io, client: client - io, upstream: this.#covered(2, total) - client };
  }

  /** Divides a root of that many nanoseconds. */
  partsOf(total: number): LatencyParts {
    const { io, client, upstream } = this.divide(total);
    return {
      total_ms: total / 1e6,
      io_ms: io / 1e6,
      client_ms: client / 1e6,
      upstream_ms: upstream / 1e6,
      gateway_ms: (total - io - client - upstream) / 1e6,
    };
  }

  /**
   * From the selection of an upstream to its last byte it is the upstream's time, the gaps between its spans too; from a handshake to the
   * first byte of its request the client's.
   */
  #complete(): void {
    if (this.#headersStart > this.#handshakeEnd) this.#insert(1, this.#handshakeEnd, this.#headersStart);
    if (this.#upstreamEnd > this.#upstreamStart) this.#insert(2, this.#upstreamStart, this.#upstreamEnd);
  }

  /** They are few and mostly in order: a request that is traced waits for it. */
  #insert(rank: LatencyRank, start: number, end: number): void {
    const starts = this.#starts;
    const ends = this.#ends;
    const ranks = this.#ranks;
    let at = this.#count++;
    for (; at > 0 && starts[at - 1]! > start; at--) {
      starts[at] = starts[at - 1]!;
      ends[at] = ends[at - 1]!;
      ranks[at] = ranks[at - 1]!;
    }
    starts[at] = start;
    ends[at] = end;
    ranks[at] = rank;
  }

  /** How much of 0 … total the intervals up to a rank cover together. */
  #covered(rankMax: LatencyRank, total: number): number {
    let sum = 0;
    let reached = 0;
    for (let index = 0; index < this.#count; index++) {
      const from = Math.max(this.#starts[index]!, reached);
      const to = Math.min(this.#ends[index]!, total);
      if (this.#ranks[index]! > rankMax || !(to > from)) continue;
      sum += to - from;
      reached = to;
    }
    return sum;
  }
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
