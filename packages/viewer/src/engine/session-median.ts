import type { TraceSummary } from '@gatescope/protocol';
import { formatDuration, formatFactor, grouped } from './duration-format.ts';
import type { Finding } from './finding.ts';
import { quantile } from './quantile.ts';

/** Fewer traces of a kind say nothing of what is usual. */
const TRACES_MIN = 5;
/** So many times the usual is worth a sentence. */
const FACTOR = 2;

/** What is usual for requests like one in its session. */
export interface SessionMedian {
  readonly durationMs: number;
  /** How many traces it is the median of. */
  readonly count: number;
}

/** The median of a session's other traces of the same method and route; null where there are too few. */
export function sessionMedian(summary: TraceSummary, traces: readonly TraceSummary[]): SessionMedian | null {
  const durations = likeTraces(summary, traces)
    .map((trace) => trace.duration_ms)
    .sort((a, b) => a - b);
  return durations.length < TRACES_MIN
    ? null
    : { durationMs: quantile(durations, 0.5), count: durations.length };
}

/** The other traces of the same method and route. */
export function likeTraces(summary: TraceSummary, traces: readonly TraceSummary[]): TraceSummary[] {
  return traces.filter(
    ({ id, method, route }) => id !== summary.id && method === summary.method && route === summary.route,
  );
}

/** Whether a trace took much longer, or much less, than is usual. */
export function medianFinding(
  { duration_ms: ms, route, error, exited_by: exitedBy, status_code: status }: TraceSummary,
  median: SessionMedian | null,
): Finding[] {
  const wasAnswered = error === null && exitedBy === null && status !== null && status < 400;
  if (median === null || median.durationMs <= 0 || Math.abs(ms - median.durationMs) < 1) return [];
  const factor = ms / median.durationMs;
  if (factor < FACTOR && factor > 1 / FACTOR) return [];
  // What failed or was turned away is quicker, as it should be.
  if (factor < 1 && !wasAnswered) return [];
  const like = route === null ? 'requests without a route' : `requests on route ${route}`;
  return [
    {
      kind: 'median',
      tone: factor > 1 ? 'warn' : 'info',
      text:
        factor > 1
          ? `${formatFactor(factor)} times as long as is usual for ${like} in this session.`
          : `${formatFactor(1 / factor)} times faster than is usual for ${like} in this session.`,
      evidence: `${formatDuration(ms * 1e6)} against a median of ${formatDuration(median.durationMs * 1e6)} over ${grouped(median.count)} traces`,
      share: null,
      row: null,
    },
  ];
}
