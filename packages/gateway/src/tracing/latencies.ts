import { type AttributeValue, divide, LatencyIntervals, latencyRank } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { SPAN_KINDS, spanName } from './span-kinds.ts';

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

/** Whose time a span is, by its kind. */
const RANKS = Array.from({ length: SPAN_KINDS }, (_, kind) => latencyRank(spanName(kind, null)));

/** The same division of the root's time that is made from finished spans, here from the record. */
export function latenciesOf(record: RequestRecord): Latencies {
  const origin = record.starts[0]!;
  const total = record.ends[0]! - origin;
  const waits = new LatencyIntervals();
  for (let index = 1; index < record.spanCount; index++) {
    const rank = RANKS[record.kinds[index]!] ?? null;
    if (rank !== null) waits.add(rank, record.starts[index]! - origin, record.ends[index]! - origin);
  }
  const [io, client, upstream] = divide(waits.all(), total);
  return { total, upstream, internal: Math.max(0, total - io - client - upstream) };
}

/** I/O of plugins that was noted; the gateway notes none yet. */
export function ioTimingsOf(_record: RequestRecord): readonly IoTiming[] {
  return NONE;
}

const NONE: readonly IoTiming[] = [];
