import { type AttributeValue, divide, type Interval } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { SPAN } from './span-kinds.ts';

/** Whose time a finished request took, milliseconds. */
export interface Latencies {
  readonly total: number;
  readonly upstream: number;
  readonly internal: number;
}

/** One I/O of a plugin as the root span tells of it; times are milliseconds. */
export type IoTiming = {
  readonly ip: string;
  readonly connect_time: number;
  readonly rw_time: number;
} & { readonly [key: string]: AttributeValue };

const CLIENT: ReadonlySet<number> = new Set([
  SPAN.tlsHandshake,
  SPAN.readHeaders,
  SPAN.readBody,
  SPAN.waitForClient,
]);
const UPSTREAM: ReadonlySet<number> = new Set([
  SPAN.selection,
  SPAN.sendRequest,
  SPAN.readUpstreamHeaders,
  SPAN.readUpstreamBody,
]);

/** The same division of the root's time that is made from finished spans, here from the record. */
export function latenciesOf(record: RequestRecord): Latencies {
  const origin = record.starts[0]!;
  const total = record.ends[0]! - origin;
  const intervals: Interval[] = [];
  let upstreamStart = Number.POSITIVE_INFINITY;
  let upstreamEnd = Number.NEGATIVE_INFINITY;
  for (let index = 1; index < record.spanCount; index++) {
    const kind = record.kinds[index]!;
    const start = record.starts[index]! - origin;
    const end = record.ends[index]! - origin;
    if (CLIENT.has(kind)) intervals.push({ start, end, rank: 1 });
    else if (UPSTREAM.has(kind)) {
      upstreamStart = Math.min(upstreamStart, start);
      upstreamEnd = Math.max(upstreamEnd, end);
    }
  }
  if (upstreamEnd > upstreamStart) intervals.push({ start: upstreamStart, end: upstreamEnd, rank: 2 });
  const [io, client, upstream] = divide(intervals, total);
  return { total, upstream, internal: Math.max(0, total - io - client - upstream) };
}

/** I/O of plugins that was noted; the gateway notes none yet. */
export function ioTimingsOf(_record: RequestRecord): readonly IoTiming[] {
  return NONE;
}

const NONE: readonly IoTiming[] = [];
