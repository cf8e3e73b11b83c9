import { type AttributeValue, LatencyIntervals, latencyRank } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { attribute, isIo, SPAN, SPAN_KINDS, spanName } from './span-kinds.ts';

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

const waits = new LatencyIntervals();

/** The same division of the root's time that is made from finished spans, here from the record. */
export function latenciesOf(record: RequestRecord): Latencies {
  const origin = record.startOf(0);
  const total = record.endOf(0) - origin;
  waits.clear();
  for (let index = 1; index < record.spanCount; index++) {
    const kind = record.kindOf(index);
    const rank = RANKS[kind] ?? null;
    if (rank === null) continue;
    const start = record.startOf(index) - origin;
    const end = record.endOf(index) - origin;
    waits.add(rank, start, end);
    if (kind === SPAN.tlsHandshake) waits.addHandshakeEnd(end);
    else if (kind === SPAN.readHeaders) waits.addHeadersStart(start);
  }
  const { io, client, upstream } = waits.divide(total);
  return { total, upstream, internal: Math.max(0, total - io - client - upstream) };
}

/**
 * I/O of plugins within the request, one entry for each that is not part of another: connecting is told in that of the request it was for.
 * What plugins do in the log phase comes after the request.
 */
export function ioTimingsOf(record: RequestRecord): readonly IoTiming[] {
  let timings: IoTiming[] | null = null;
  const endMs = record.endOf(0);
  for (let index = 1; index < record.spanCount; index++) {
    if (
      !isIo(record.kindOf(index)) ||
      record.startOf(index) >= endMs ||
      isIo(record.kindOf(record.parentOf(index)))
    )
      continue;
    timings ??= [];
    timings.push(timingOf(record, index));
  }
  return timings ?? NONE;
}

function timingOf(record: RequestRecord, index: number): IoTiming {
  const total = record.endOf(index) - record.startOf(index);
  let connect = isConnect(record, index) ? total : 0;
  for (let child = 1; child < record.spanCount; child++)
    if (record.parentOf(child) === index && isConnect(record, child))
      connect += record.endOf(child) - record.startOf(child);
  connect = Math.min(connect, total);
  return {
    ip: String(record.get(index, PEER_ADDRESS) ?? ''),
    connect_time: connect,
    rw_time: total - connect,
  };
}

function isConnect(record: RequestRecord, index: number): boolean {
  return (
    record.kindOf(index) === SPAN.ioHttpConnect ||
    (isIo(record.kindOf(index)) && record.labels[index] === 'connect')
  );
}

const PEER_ADDRESS = attribute('network.peer.address');
const NONE: readonly IoTiming[] = [];
