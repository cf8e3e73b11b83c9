import { useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { DifferencesPanel } from '../analysis/differences-panel.tsx';
import { HistogramPanel } from '../analysis/histogram-panel.tsx';
import { PercentilesPanel } from '../analysis/percentiles-panel.tsx';
import { useSession, useSessionTraces } from '../api/queries.ts';
import { useTraceModels } from '../api/use-trace-models.ts';
import { differencesOf, slowestTenth } from '../engine/differences.ts';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import { type DurationRange, latencyHistogram } from '../engine/latency-histogram.ts';
import { paths } from '../engine/paths.ts';
import { stepPercentiles } from '../engine/percentiles.ts';
import { sessionName } from '../engine/session-words.ts';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import styles from './analysis-page.module.css';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
}

/** Traces whose spans are read for the percentiles, at most: the newest. */
const SPANS_OF_MAX = 200;
const NO_TRACES: readonly never[] = [];

/** A session's requests taken together: how long they took, what of them, and what sets the slow ones apart. */
export function AnalysisPage({ cp, sessionId }: Props) {
  const query = useSearch();
  const [, navigate] = useLocation();
  const session = useSession(cp, sessionId);
  const found = useSessionTraces(cp, sessionId);
  const traces = found.data ?? NO_TRACES;
  const range = useMemo(() => readRange(query), [query]);
  const onRange = (next: DurationRange | null) => {
    const fields = next === null ? '' : `from=${precise(next.fromMs)}&to=${precise(next.toMs)}`;
    navigate(paths.analysis(cp, sessionId, fields), { replace: true });
  };
  const bins = useMemo(
    () =>
      latencyHistogram(
        traces.map(({ duration_ms, status_code }) => ({
          ms: duration_ms,
          failed: (status_code ?? 500) >= 500,
        })),
      ),
    [traces],
  );
  const { chosen, differences } = useMemo(() => {
    const tenth = slowestTenth(traces);
    if (range === null) return { chosen: tenth.slow, differences: differencesOf(tenth.slow, tenth.others) };
    const isIn = (ms: number) => ms >= range.fromMs && ms < range.toMs;
    const inside = traces.filter((trace) => isIn(trace.duration_ms));
    const outside = traces.filter((trace) => !isIn(trace.duration_ms));
    return { chosen: inside, differences: differencesOf(inside, outside) };
  }, [traces, range]);
  const ids = useMemo(() => traces.slice(0, SPANS_OF_MAX).map(({ id }) => id), [traces]);
  const { models, isLoading } = useTraceModels(cp, sessionId, ids);
  const steps = useMemo(() => stepPercentiles(models), [models]);
  const name = session.data === undefined ? 'Session' : sessionName(session.data);
  usePageTitle(`Analysis of ${name}`);
  return (
    <main className={styles['page']}>
      <header>
        <h1>Analysis of {name}</h1>
        <p className={styles['count']}>
          {grouped(traces.length)} {traces.length === 1 ? 'trace' : 'traces'} ·{' '}
          <Link href={paths.session(cp, sessionId)} className={styles['link']}>
            Back to the session
          </Link>
        </p>
      </header>
      {found.error !== null && <ProblemNotice error={found.error} />}
      {found.isLoading && <Loading what="the traces" />}
      {found.data !== undefined && traces.length === 0 && (
        <EmptyState title="No trace yet">
          <p>There is something to analyse once the session has captured requests.</p>
        </EmptyState>
      )}
      {traces.length > 0 && (
        <>
          <HistogramPanel bins={bins} traces={traces} range={range} onRange={onRange} />
          <DifferencesPanel
            title={
              range === null
                ? `What sets the slowest tenth apart`
                : `What sets those of ${formatDuration(range.fromMs * 1e6)} to ${formatDuration(range.toMs * 1e6)} apart`
            }
            differences={differences}
            chosen={chosen}
            hrefOf={(trace) => paths.trace(cp, sessionId, trace)}
          />
          <PercentilesPanel steps={steps} isLoading={isLoading} count={models.length} of={traces.length} />
        </>
      )}
    </main>
  );
}

function readRange(query: string): DurationRange | null {
  const fields = new URLSearchParams(query);
  const [fromMs, toMs] = ['from', 'to'].map((name) => Number.parseFloat(fields.get(name) ?? ''));
  return fromMs! >= 0 && toMs! > fromMs! ? { fromMs: fromMs!, toMs: toMs! } : null;
}

/** As many digits as tell one edge of a bin from the next. */
function precise(ms: number): string {
  return String(Number(ms.toPrecision(6)));
}
