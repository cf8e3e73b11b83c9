import { useCallback, useEffect, useMemo } from 'react';
import { useLocation } from 'wouter';
import { useAttributeBlocks, useSkeleton } from '../api/queries.ts';
import { paths, TRACE_TABS, type TraceTab } from '../engine/paths.ts';
import { factsIn } from '../engine/span-facts.ts';
import { summaryBlocks } from '../engine/summary-blocks.ts';
import { traceFaults } from '../engine/trace-faults.ts';
import { type TraceModel, traceModel } from '../engine/trace-model.ts';
import { writeTraceUrl } from '../engine/trace-url.ts';
import { isTyping } from '../parts/is-typing.ts';
import { EmptyState, FaultNotice, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { SpansTab } from '../trace/spans-tab.tsx';
import { SummaryTab } from '../trace/summary-tab.tsx';
import { TraceHead } from '../trace/trace-head.tsx';
import { useTraceView } from '../trace/use-trace-view.ts';
import styles from './trace-page.module.css';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traceId: string;
  readonly tab: TraceTab;
}

/** One trace: its summary, or its spans. */
export function TracePage(props: Props) {
  const { cp, sessionId, traceId } = props;
  const skeleton = useSkeleton(cp, sessionId, traceId);
  const model = useMemo(
    () => (skeleton.data === undefined ? null : traceModel(skeleton.data)),
    [skeleton.data],
  );
  if (skeleton.isError) {
    return (
      <main className={styles['page']}>
        <ProblemNotice error={skeleton.error} />
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
  return <Trace {...props} model={model} />;
}

function Trace({ cp, sessionId, traceId, tab, model }: Props & { readonly model: TraceModel }) {
  const { summary, span_id: spanIds } = model.skeleton;
  const [, navigate] = useLocation();
  const [view, setView] = useTraceView(cp, sessionId, traceId, tab);
  const { blocks } = useAttributeBlocks(
    cp,
    sessionId,
    traceId,
    useMemo(() => summaryBlocks(model), [model]),
  );
  const faults = useMemo(() => traceFaults(model), [model]);
  const factsOf = useCallback((row: number) => factsIn(blocks, row), [blocks]);
  usePageTitle(`${summary.method} ${summary.path}`);
  const hrefOfTab = useCallback(
    (to: TraceTab) => paths.trace(cp, sessionId, traceId, to, writeTraceUrl(view)),
    [cp, sessionId, traceId, view],
  );
  const hrefOfRow = useCallback(
    (row: number) => {
      const spanId = spanIds[row] ?? null;
      return paths.trace(cp, sessionId, traceId, 'spans', writeTraceUrl({ spanId, range: null, filter: '' }));
    },
    [cp, sessionId, traceId, spanIds],
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const to = TRACE_TABS[Number(event.key) - 1];
      if (to !== undefined && !isTyping(event)) navigate(hrefOfTab(to), { replace: true });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [navigate, hrefOfTab]);
  return (
    <main className={tab === 'spans' ? styles['filling'] : styles['page']}>
      <TraceHead
        cp={cp}
        sessionId={sessionId}
        traceId={traceId}
        summary={summary}
        tab={tab}
        hrefOfTab={hrefOfTab}
      />
      {faults.length > 0 && (
        <div className={styles['faults']}>
          <FaultNotice faults={faults} />
        </div>
      )}
      {tab === 'summary' ? (
        <SummaryTab model={model} factsOf={factsOf} hrefOfRow={hrefOfRow} />
      ) : (
        <SpansTab
          cp={cp}
          sessionId={sessionId}
          traceId={traceId}
          model={model}
          view={view}
          onView={setView}
        />
      )}
    </main>
  );
}
