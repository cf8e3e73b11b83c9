import type { TraceSummary } from '@gatescope/protocol';
import { passes, readTraceFilter } from './trace-list-filter.ts';

/** A trace's place in its session's list. */
export interface Neighbours {
  /** From 1. */
  readonly position: number;
  readonly count: number;
  /** Above it in the list: the one that came later. */
  readonly previous: TraceSummary | null;
  /** Below it. */
  readonly next: TraceSummary | null;
}

/** What is above and below a trace in a list narrowed by `query`; null where the trace is not in the list. */
export function neighboursOf(
  traces: readonly TraceSummary[],
  traceId: string,
  query: string,
): Neighbours | null {
  const filter = readTraceFilter(query);
  const listed = traces.filter((trace) => trace.id === traceId || passes(filter, trace));
  const at = listed.findIndex((trace) => trace.id === traceId);
  if (at < 0) return null;
  return {
    position: at + 1,
    count: listed.length,
    previous: listed[at - 1] ?? null,
    next: listed[at + 1] ?? null,
  };
}
