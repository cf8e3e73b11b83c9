import { useCallback, useMemo } from 'react';
import { LOOKS_MAX, useSessionTraces, useSkeleton } from '../api/queries.ts';
import { storedTrace } from '../api/trace-source.ts';
import { paths, type TraceTab } from '../engine/paths.ts';
import { sessionMedian } from '../engine/session-median.ts';
import { traceModel } from '../engine/trace-model.ts';
import { EmptyState, Loading } from '../parts/notice.tsx';
import { GoneNotice } from '../sessions/gone-notice.tsx';
import { StoredTraceActions } from '../trace/stored-trace-actions.tsx';
import { TraceView } from '../trace/trace-view.tsx';
import styles from './page.module.css';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traceId: string;
  readonly tab: TraceTab;
}

/** One trace of a session. */
export function TracePage({ cp, sessionId, traceId, tab }: Props) {
  const source = useMemo(() => storedTrace(cp, sessionId, traceId), [cp, sessionId, traceId]);
  const skeleton = useSkeleton(source);
  const model = useMemo(
    () => (skeleton.data === undefined ? null : traceModel(skeleton.data)),
    [skeleton.data],
  );
  const hrefOf = useCallback(
    (to: TraceTab, query: string) => paths.trace(cp, sessionId, traceId, to, query),
    [cp, sessionId, traceId],
  );
  const traces = useSessionTraces(cp, sessionId).data;
  const median = useMemo(
    () => (model === null || traces === undefined ? null : sessionMedian(model.skeleton.summary, traces)),
    [model, traces],
  );
  if (model === null && skeleton.isError) {
    return (
      <main className={styles['page']}>
        <GoneNotice cp={cp} error={skeleton.error} mayCome={skeleton.errorUpdateCount < LOOKS_MAX} />
      </main>
    );
  }
  if (model === null) return <Loading what="the trace" />;
  if (model.root < 0) {
    return (
      <main className={styles['page']}>
        <EmptyState title="This trace has no spans" />
      </main>
    );
  }
  return (
    <TraceView
      source={source}
      model={model}
      tab={tab}
      hrefOf={hrefOf}
      median={median}
      compareHref={paths.compare(cp, sessionId, traceId)}
      actions={(list, scheme) => (
        <StoredTraceActions
          cp={cp}
          sessionId={sessionId}
          traceId={traceId}
          summary={model.skeleton.summary}
          tab={tab}
          list={list}
          scheme={scheme}
        />
      )}
    />
  );
}
