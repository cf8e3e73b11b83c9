import type { TraceSummary } from '@gatescope/protocol';
import { useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useAttributeBlocks, useSessionTraces, useSkeleton } from '../api/queries.ts';
import { storedTrace } from '../api/trace-source.ts';
import { useTraceModels } from '../api/use-trace-models.ts';
import { ComparisonTable } from '../compare/comparison-table.tsx';
import { type ComparedSide, compare, medianSide, signed } from '../engine/comparison.ts';
import { formatDuration } from '../engine/duration-format.ts';
import { paths } from '../engine/paths.ts';
import { likeTraces } from '../engine/session-median.ts';
import { factsIn, textAttribute } from '../engine/span-facts.ts';
import { stepTimes } from '../engine/step-times.ts';
import { summaryBlocks } from '../engine/summary-blocks.ts';
import { durationOf, type TraceModel, traceModel } from '../engine/trace-model.ts';
import { clockText } from '../engine/trace-row.ts';
import { writeTraceUrl } from '../engine/trace-url.ts';
import { shortId } from '../engine/visible-text.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { Field } from '../parts/field.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import styles from './compare-page.module.css';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
}

/** Traces whose steps make up the median, at most: the newest. */
const MEDIAN_OF_MAX = 40;
/** Traces offered to compare with, at most. */
const OFFERED_MAX = 300;

/** A trace beside another, or beside what is usual in its session. */
export function ComparePage({ cp, sessionId }: Props) {
  const query = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const [a, b] = [query.get('a') ?? '', query.get('b') ?? ''];
  const subject = useSide(cp, sessionId, a, b !== '');
  const other = useSide(cp, sessionId, b, true);
  const traces = useSessionTraces(cp, sessionId);
  const summary = subject.model?.skeleton.summary ?? null;
  const like = useMemo(
    () => (summary === null || traces.data === undefined ? [] : likeTraces(summary, traces.data)),
    [summary, traces.data],
  );
  const medianIds = useMemo(
    () => (b === '' ? like.slice(0, MEDIAN_OF_MAX).map(({ id }) => id) : []),
    [b, like],
  );
  const { models, isLoading } = useTraceModels(cp, sessionId, medianIds);
  const baseline = useMemo(
    () =>
      b === ''
        ? models.length === 0
          ? null
          : medianSide(models.map((model) => timesOf(model)))
        : other.side,
    [b, models, other.side],
  );
  const comparison = useMemo(
    () => (subject.side === null || baseline === null ? null : compare(baseline, subject.side)),
    [subject.side, baseline],
  );
  usePageTitle('Compare');
  const error = subject.error ?? other.error ?? traces.error;
  const hrefOf = (trace: string) => (row: number, spanId: string | undefined) =>
    row < 0
      ? paths.trace(cp, sessionId, trace)
      : paths.trace(cp, sessionId, trace, 'spans', writeTraceUrl({ spanId: spanId ?? null }));
  if (a === '')
    return (
      <main className={styles['page']}>
        <EmptyState title="No trace to compare">
          <p>Open a trace and choose Compare there.</p>
        </EmptyState>
      </main>
    );
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <h1>Compare</h1>
        <div className={styles['sides']}>
          <section className={styles['side']} aria-label="Trace">
            <h2>Trace</h2>
            {summary !== null && (
              <p className={styles['request']}>
                <Link href={paths.trace(cp, sessionId, a)}>
                  {summary.method} {summary.path}
                </Link>
                <StatusBadge status={summary.status_code} />
              </p>
            )}
            {subject.side !== null && <strong>{formatDuration(subject.side.totalNs)}</strong>}
          </section>
          <section className={styles['side']} aria-label="Against">
            <Field label="Against">
              {(control) => (
                <select
                  {...control}
                  value={b}
                  onChange={(event) =>
                    navigate(paths.compare(cp, sessionId, a, event.target.value), { replace: true })
                  }
                >
                  <option value="">the median of requests like it</option>
                  {offered(traces.data ?? [], summary, b).map((trace) => (
                    <option key={trace.id} value={trace.id}>
                      {clockText(trace.started_at)} {trace.method} {trace.path.slice(0, 60)} ·{' '}
                      {trace.status_code ?? 'none'} · {formatDuration(trace.duration_ms * 1e6)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {b !== '' && other.model !== null && (
              <StatusBadge status={other.model.skeleton.summary.status_code} />
            )}
            {baseline !== null && <strong>{formatDuration(baseline.totalNs)}</strong>}
          </section>
        </div>
      </header>
      {error !== null && <ProblemNotice error={error} />}
      {comparison !== null && baseline !== null && (
        <>
          <p className={styles['headline']}>
            <strong
              className={
                comparison.isAlike ? undefined : comparison.deltaNs > 0 ? styles['slower'] : styles['faster']
              }
            >
              {signed(comparison.deltaNs)}
            </strong>
            <span>{comparison.headline}</span>
          </p>
          <ComparisonTable
            comparison={comparison}
            names={['Trace', b === '' ? 'Median' : 'Other']}
            hrefOfRow={(row) => hrefOf(a)(row, subject.model?.skeleton.span_id[row])}
            hrefOfOtherRow={(row) => hrefOf(b)(row, other.model?.skeleton.span_id[row])}
          />
        </>
      )}
      {error === null && comparison === null && (
        <Waiting isMedian={b === ''} isLoading={isLoading || traces.isLoading || subject.model === null} />
      )}
    </main>
  );
}

function Waiting({ isMedian, isLoading }: { readonly isMedian: boolean; readonly isLoading: boolean }) {
  if (isLoading || !isMedian) return <Loading what="the traces" />;
  return (
    <EmptyState title="There is nothing usual yet">
      <p>
        The session has no other trace of the same method and route. Choose another trace to compare with.
      </p>
    </EmptyState>
  );
}

/** Of the session's traces those of the same route first; the chosen one always. */
function offered(
  traces: readonly TraceSummary[],
  summary: TraceSummary | null,
  chosen: string,
): readonly TraceSummary[] {
  const others = traces.filter(({ id }) => id !== summary?.id);
  const isLike = (trace: TraceSummary) => Number(trace.route !== summary?.route);
  const sorted = [...others].sort((x, y) => isLike(x) - isLike(y));
  const listed = sorted.slice(0, OFFERED_MAX);
  const missing = sorted.slice(OFFERED_MAX).find(({ id }) => id === chosen);
  return missing === undefined ? listed : [missing, ...listed];
}

/** One side that is a trace; nothing for an empty id. Of a median no plugin's instance is known, so that it must not be told apart there. */
function useSide(cp: string, sessionId: string, id: string, byInstance: boolean) {
  const source = useMemo(() => storedTrace(cp, sessionId, id), [cp, sessionId, id]);
  const skeleton = useSkeleton(source, id !== '');
  const model = useMemo(
    () => (skeleton.data === undefined ? null : traceModel(skeleton.data)),
    [skeleton.data],
  );
  const { blocks, isLoading } = useAttributeBlocks(
    source,
    useMemo(() => (model === null ? [] : summaryBlocks(model)), [model]),
  );
  const side = useMemo((): ComparedSide | null => {
    if (model === null || isLoading) return null;
    const instanceOf = (row: number) => textAttribute(factsIn(blocks, row), 'proxy.kong.plugin.instance_id');
    return {
      ...timesOf(model, byInstance ? instanceOf : undefined),
      name: `trace ${shortId(model.skeleton.summary.id)}`,
    };
  }, [model, blocks, isLoading, byInstance]);
  return { model, side, error: skeleton.error };
}

function timesOf(model: TraceModel, instanceOf?: (row: number) => string | null) {
  return { totalNs: model.root < 0 ? 0 : durationOf(model, model.root), steps: stepTimes(model, instanceOf) };
}
