import type { LatencyPart } from '@gatescope/trace';
import { durationOf, endOf, startOf, type TraceModel } from './trace-model.ts';

/** The parts of a request's time, in the order in which they are shown. */
export const LATENCY_PARTS: readonly LatencyPart[] = ['client', 'gateway', 'io', 'upstream'];

/** How a part is called on the page. */
export const PART_LABELS: Readonly<Record<LatencyPart, string>> = {
  client: 'Client',
  gateway: 'Gateway',
  io: 'Plugin I/O',
  upstream: 'Upstream',
};

/** A stretch of the root span and whose time it is; nanoseconds after the trace's origin. */
export interface LatencySegment {
  readonly startNs: number;
  readonly endNs: number;
  readonly part: LatencyPart;
}

const PRECEDENCE: readonly LatencyPart[] = ['io', 'client', 'upstream'];
const CLIENT_NAMES: ReadonlySet<string> = new Set([
  'kong.tls_handshake',
  'kong.read_client_http_headers',
  'kong.read_client_http_body',
  'kong.wait_for_client_read',
]);
const UPSTREAM_NAMES: ReadonlySet<string> = new Set([
  'kong.upstream.selection',
  'kong.send_request_to_upstream',
  'kong.read_headers_from_upstream',
  'kong.read_body_from_upstream',
]);

/**
 * The root span cut into stretches by whose time they are, in order and without gaps: the same division as `latencyParts()` of the
 * trace package, which only has the sums.
 */
export function latencySegments(model: TraceModel): LatencySegment[] {
  if (model.root < 0) return [];
  const from = startOf(model, model.root);
  const to = endOf(model, model.root);
  const edges = edgesOf(model, from, to);
  const open = [0, 0, 0];
  const segments: LatencySegment[] = [];
  let at = from;
  const close = (end: number) => {
    if (end <= at) return;
    const rank = open.findIndex((count) => count > 0);
    const part = rank < 0 ? 'gateway' : PRECEDENCE[rank]!;
    const last = segments.at(-1);
    if (last?.part === part) segments[segments.length - 1] = { ...last, endNs: end };
    else segments.push({ startNs: at, endNs: end, part });
    at = end;
  };
  for (const edge of edges) {
    close(edge.at);
    open[edge.rank]! += edge.step;
  }
  close(to);
  return segments;
}

/** Nanoseconds of each part between two instants. */
export function timeByPart(
  segments: readonly LatencySegment[],
  fromNs: number,
  toNs: number,
): Record<LatencyPart, number> {
  const sums: Record<LatencyPart, number> = { io: 0, client: 0, upstream: 0, gateway: 0 };
  for (const { startNs, endNs, part } of segments) {
    const shared = Math.min(endNs, toNs) - Math.max(startNs, fromNs);
    if (shared > 0) sums[part] += shared;
  }
  return sums;
}

interface Edge {
  readonly at: number;
  readonly rank: number;
  readonly step: 1 | -1;
}

function edgesOf(model: TraceModel, from: number, to: number): Edge[] {
  const edges: Edge[] = [];
  const add = (start: number, end: number, rank: number) => {
    if (Math.min(end, to) <= Math.max(start, from)) return;
    edges.push({ at: Math.max(start, from), rank, step: 1 }, { at: Math.min(end, to), rank, step: -1 });
  };
  const ranks = model.skeleton.names.map(rankOf);
  let upstreamStart = Number.POSITIVE_INFINITY;
  let upstreamEnd = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < model.count; row++) {
    const rank = ranks[model.skeleton.name[row]!]!;
    if (rank < 0 || durationOf(model, row) < 0) continue;
    if (rank === 2) {
      upstreamStart = Math.min(upstreamStart, startOf(model, row));
      upstreamEnd = Math.max(upstreamEnd, endOf(model, row));
    } else add(startOf(model, row), endOf(model, row), rank);
  }
  // From the selection of an upstream to its last byte it is the upstream's time, the gaps between its spans too.
  if (upstreamEnd > upstreamStart) add(upstreamStart, upstreamEnd, 2);
  return edges.sort((a, b) => a.at - b.at);
}

function rankOf(name: string): number {
  if (name.startsWith('kong.io.')) return 0;
  if (CLIENT_NAMES.has(name)) return 1;
  return UPSTREAM_NAMES.has(name) ? 2 : -1;
}
