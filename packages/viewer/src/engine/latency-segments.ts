import {
  eachStretch,
  type Interval,
  LatencyIntervals,
  type LatencyPart,
  type LatencyRank,
  latencyRank,
} from '@gatescope/trace';
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

const PART_OF_RANK: Readonly<Record<LatencyRank, LatencyPart>> = { 0: 'io', 1: 'client', 2: 'upstream' };

/**
 * The root span cut into stretches by whose time they are, in order and without gaps: the division that `latencyParts()` of the trace
 * package sums up.
 */
export function latencySegments(model: TraceModel): LatencySegment[] {
  if (model.root < 0) return [];
  const segments: LatencySegment[] = [];
  eachStretch(
    waitsOf(model),
    startOf(model, model.root),
    endOf(model, model.root),
    (startNs, endNs, rank) => {
      const part = rank === null ? 'gateway' : PART_OF_RANK[rank];
      const last = segments.at(-1);
      if (last?.part === part) segments[segments.length - 1] = { ...last, endNs };
      else segments.push({ startNs, endNs, part });
    },
  );
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

function waitsOf(model: TraceModel): readonly Interval[] {
  const waits = new LatencyIntervals();
  const { names } = model.skeleton;
  const ranks = names.map(latencyRank);
  for (let row = 0; row < model.count; row++) {
    const rank = ranks[model.skeleton.name[row]!] ?? null;
    if (rank === null || durationOf(model, row) < 0) continue;
    waits.addNamed(names[model.skeleton.name[row]!]!, rank, startOf(model, row), endOf(model, row));
  }
  return waits.all();
}
