import type { TraceSummary } from '@gatescope/protocol';
import { LATENCY_PARTS, PART_LABELS } from './latency-segments.ts';
import { quantile } from './quantile.ts';
import { partTimes } from './trace-row.ts';

/** A property that some requests have more often than others. */
export interface ValueDifference {
  readonly property: string;
  readonly value: string;
  /** How many of the chosen have it, and of the others; shares of each, 0 to 1. */
  readonly chosen: number;
  readonly chosenShare: number;
  readonly others: number;
  readonly othersShare: number;
}

/** A part of the time that differs; medians, nanoseconds. */
export interface PartDifference {
  readonly label: string;
  readonly chosenNs: number;
  readonly othersNs: number;
}

/** What sets chosen requests apart from the others. */
export interface Differences {
  /** By how far the shares lie apart, the farthest first. */
  readonly values: readonly ValueDifference[];
  readonly parts: readonly PartDifference[];
}

/** Properties that are told, at most, and how far shares must lie apart to be. */
const VALUES_MAX = 12;
const APART_MIN = 0.1;
/** Values of one property that are counted, at most. */
const DISTINCT_MAX = 500;

const PROPERTIES: readonly (readonly [string, (trace: TraceSummary) => string | null])[] = [
  ['Route', ({ route }) => route ?? 'none'],
  ['Service', ({ service }) => service ?? 'none'],
  ['Method', ({ method }) => method],
  ['Status', ({ status_code: status }) => (status === null ? 'none' : String(status))],
  ['Upstream status', ({ upstream_status_code: status }) => (status === null ? 'none' : String(status))],
  ['Slowest plugin', ({ slowest_plugin: slowest }) => slowest?.name ?? 'none'],
  ['Exited by', ({ exited_by: plugin }) => plugin],
  ['Consumer', ({ consumer }) => consumer ?? 'anonymous'],
  ['Node', ({ node_id: node }) => node.slice(0, 8)],
  ['Error', ({ error }) => (error === null ? 'no' : 'yes')],
];

/** What the chosen requests have more often, or less often, than the others, and where they spent their time. Nothing where either is empty. */
export function differencesOf(chosen: readonly TraceSummary[], others: readonly TraceSummary[]): Differences {
  if (chosen.length === 0 || others.length === 0) return { values: [], parts: [] };
  const values = PROPERTIES.flatMap(([property, read]) => {
    const counts = new Map<string, [number, number]>();
    [chosen, others].forEach((list, side) => {
      for (const trace of list) {
        const value = read(trace);
        if (value === null) continue;
        const count = counts.get(value) ?? [0, 0];
        if (!counts.has(value) && counts.size >= DISTINCT_MAX) continue;
        count[side]!++;
        counts.set(value, count);
      }
    });
    return [...counts].map(
      ([value, [inChosen, inOthers]]): ValueDifference => ({
        ...{ property, value, chosen: inChosen, others: inOthers },
        ...{ chosenShare: inChosen / chosen.length, othersShare: inOthers / others.length },
      }),
    );
  });
  const apart = (one: ValueDifference) => one.chosenShare - one.othersShare;
  return {
    values: values
      // What the chosen have more of says what they are; what they have less of is its shadow.
      .filter((one) => apart(one) >= APART_MIN)
      .sort((a, b) => apart(b) - apart(a))
      .slice(0, VALUES_MAX),
    parts: LATENCY_PARTS.map((part) => ({
      label: PART_LABELS[part],
      chosenNs: medianOf(chosen, (trace) => partTimes(trace)[part]),
      othersNs: medianOf(others, (trace) => partTimes(trace)[part]),
    })),
  };
}

/** The slowest tenth of traces, one at least, and the others; both in the order in which they came. */
export function slowestTenth(traces: readonly TraceSummary[]): {
  readonly slow: readonly TraceSummary[];
  readonly others: readonly TraceSummary[];
  readonly fromMs: number;
} {
  const sorted = [...traces].sort((a, b) => b.duration_ms - a.duration_ms);
  const slow = new Set(sorted.slice(0, Math.max(1, Math.floor(traces.length / 10))));
  return {
    slow: traces.filter((trace) => slow.has(trace)),
    others: traces.filter((trace) => !slow.has(trace)),
    fromMs: [...slow].at(-1)?.duration_ms ?? 0,
  };
}

function medianOf(traces: readonly TraceSummary[], of: (trace: TraceSummary) => number): number {
  return quantile(Float64Array.from(traces, of).sort(), 0.5);
}
