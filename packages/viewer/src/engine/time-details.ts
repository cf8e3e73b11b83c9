import { CLIENT_SPANS, type LatencyPart, UPSTREAM_SPANS } from '@gatescope/trace';
import { phaseOfSpan, pluginOfSpan } from './span-category.ts';
import { endOf, startOf, type TraceModel } from './trace-model.ts';

/** What an instant of a request went into; each belongs to one of the four parts of the total. */
export const TIME_DETAILS = [
  { detail: 'client_read', part: 'client', label: 'Reading the request' },
  { detail: 'client_write', part: 'client', label: 'Sending the response' },
  { detail: 'plugins', part: 'gateway', label: 'Plugins' },
  { detail: 'phases', part: 'gateway', label: 'Phases and router' },
  { detail: 'unattributed', part: 'gateway', label: 'Unattributed' },
  { detail: 'io', part: 'io', label: 'External I/O' },
  { detail: 'dns', part: 'upstream', label: 'DNS' },
  { detail: 'connect', part: 'upstream', label: 'Selecting and connecting' },
  { detail: 'wait', part: 'upstream', label: 'Waiting for the first byte' },
  { detail: 'transfer', part: 'upstream', label: 'Transfer' },
  { detail: 'between', part: 'upstream', label: 'Between these' },
] as const satisfies readonly { detail: string; part: LatencyPart; label: string }[];
export type TimeDetail = (typeof TIME_DETAILS)[number]['detail'];

/** Spans that tell what an instant went into; `extent` is from the first to the last span of the upstream. */
const SIGNS = [
  'io',
  'read',
  'write',
  'dns',
  'connect',
  'wait',
  'transfer',
  'extent',
  'plugin',
  'gateway',
] as const;
type Sign = (typeof SIGNS)[number];

/**
 * Nanoseconds of the root span by what they went into. The details of a part add up to that part as `latencySegments` has it, and all of them
 * to the root's duration: every instant is told by one sign, in the precedence of the parts.
 */
export function timeByDetail(model: TraceModel): Record<TimeDetail, number> {
  const sums = Object.fromEntries(TIME_DETAILS.map(({ detail }) => [detail, 0])) as Record<
    TimeDetail,
    number
  >;
  if (model.root < 0) return sums;
  const from = startOf(model, model.root);
  const to = endOf(model, model.root);
  const edges = edgesOf(model, from, to);
  const open = new Int32Array(SIGNS.length);
  let last = from;
  for (const { at, sign, opens } of edges) {
    if (at > last) sums[detailOf(open)] += at - last;
    open[sign]! += opens;
    last = at;
  }
  if (to > last) sums.unattributed += to - last;
  return sums;
}

interface Edge {
  readonly at: number;
  readonly sign: number;
  readonly opens: 1 | -1;
}

function edgesOf(model: TraceModel, from: number, to: number): Edge[] {
  const edges: Edge[] = [];
  const add = (sign: number, start: number, end: number) => {
    const opensAt = Math.max(from, start);
    const closesAt = Math.min(to, end);
    if (closesAt > opensAt) edges.push({ at: opensAt, sign, opens: 1 }, { at: closesAt, sign, opens: -1 });
  };
  const signs = model.skeleton.names.map((name) => SIGNS.indexOf(signOf(name) as Sign));
  const isUpstream = model.skeleton.names.map((name) => UPSTREAM_SPANS.includes(name));
  let upstreamStart = Number.POSITIVE_INFINITY;
  let upstreamEnd = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < model.count; row++) {
    const name = model.skeleton.name[row]!;
    if (row === model.root || signs[name] === -1) continue;
    add(signs[name]!, startOf(model, row), endOf(model, row));
    if (!isUpstream[name]) continue;
    upstreamStart = Math.min(upstreamStart, startOf(model, row));
    upstreamEnd = Math.max(upstreamEnd, endOf(model, row));
  }
  add(SIGNS.indexOf('extent'), upstreamStart, upstreamEnd);
  return edges.sort((a, b) => a.at - b.at);
}

function signOf(name: string): Sign | null {
  if (name.startsWith('kong.io.')) return 'io';
  if (name === 'kong.wait_for_client_read') return 'write';
  if (CLIENT_SPANS.includes(name)) return 'read';
  if (name === 'kong.dns') return 'dns';
  if (name === 'kong.upstream.selection') return 'connect';
  if (name === 'kong.read_headers_from_upstream') return 'wait';
  if (UPSTREAM_SPANS.includes(name)) return 'transfer';
  if (pluginOfSpan(name) !== null) return 'plugin';
  return phaseOfSpan(name) !== null || name === 'kong.router' ? 'gateway' : null;
}

function detailOf(open: Int32Array): TimeDetail {
  const isOpen = (sign: Sign) => open[SIGNS.indexOf(sign)]! > 0;
  if (isOpen('io')) return 'io';
  if (isOpen('read')) return 'client_read';
  if (isOpen('write')) return 'client_write';
  if (isOpen('extent')) {
    if (isOpen('dns')) return 'dns';
    if (isOpen('connect')) return 'connect';
    if (isOpen('wait')) return 'wait';
    return isOpen('transfer') ? 'transfer' : 'between';
  }
  if (isOpen('plugin')) return 'plugins';
  return isOpen('gateway') ? 'phases' : 'unattributed';
}
