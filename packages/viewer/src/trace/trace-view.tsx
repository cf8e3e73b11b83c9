import { type ReactNode, useCallback, useEffect, useMemo } from 'react';
import { useLocation } from 'wouter';
import { useAttributeBlocks } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import { ALL_LINES } from '../engine/log-filter.ts';
import { TRACE_TABS, type TraceTab } from '../engine/paths.ts';
import type { SessionMedian } from '../engine/session-median.ts';
import { factsIn, textAttribute } from '../engine/span-facts.ts';
import { summaryBlocks } from '../engine/summary-blocks.ts';
import { traceFaults } from '../engine/trace-faults.ts';
import type { TraceModel } from '../engine/trace-model.ts';
import { writeTraceUrl } from '../engine/trace-url.ts';
import { isTyping } from '../parts/is-typing.ts';
import { FaultNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { LogsTab } from './logs-tab.tsx';
import { PayloadTab } from './payload-tab.tsx';
import { SpansTab } from './spans-tab.tsx';
import { SummaryTab } from './summary-tab.tsx';
import { TraceHead } from './trace-head.tsx';
import styles from './trace-view.module.css';
import { type HrefOf, useTraceView } from './use-trace-view.ts';

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  readonly tab: TraceTab;
  /** Stays the same function while the trace does. */
  readonly hrefOf: HrefOf;
  /** What else can be done with the trace, at the end of its tabs; given the query that its list was narrowed by and the request's scheme. */
  readonly actions?: (list: string, scheme: string) => ReactNode;
  /** What is usual for requests like this one; null where that is not known. */
  readonly median?: SessionMedian | null;
  /** Where the trace is compared with its session's median; null where it has no session. */
  readonly compareHref?: string | null;
}

/** A trace of any source: its summary, or its spans. */
export function TraceView(props: Props) {
  const { source, model, tab, hrefOf, actions, median = null, compareHref = null } = props;
  const { summary, span_id: spanIds } = model.skeleton;
  const [, navigate] = useLocation();
  const [view, setView] = useTraceView(hrefOf, tab);
  const { blocks } = useAttributeBlocks(
    source,
    useMemo(() => summaryBlocks(model), [model]),
  );
  const faults = useMemo(() => traceFaults(model), [model]);
  const factsOf = useCallback((row: number) => factsIn(blocks, row), [blocks]);
  usePageTitle(`${summary.method} ${summary.path}`);
  const hrefOfTab = useCallback((to: TraceTab) => hrefOf(to, writeTraceUrl(view)), [hrefOf, view]);
  const { list } = view;
  const hrefOfRow = useCallback(
    (row: number) => hrefOf('spans', writeTraceUrl({ spanId: spanIds[row] ?? null, list })),
    [hrefOf, spanIds, list],
  );
  const logHref = useCallback(
    (spanId: string) => hrefOf('logs', writeTraceUrl({ list, log: { ...ALL_LINES, spanId } })),
    [hrefOf, list],
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
    <main className={tab === 'spans' || tab === 'logs' ? styles['filling'] : styles['page']}>
      <TraceHead
        summary={summary}
        tab={tab}
        hrefOfTab={hrefOfTab}
        actions={actions?.(list, textAttribute(factsOf(model.root), 'url.scheme') ?? '')}
      />
      {faults.length > 0 && (
        <div className={styles['faults']}>
          <FaultNotice faults={faults} />
        </div>
      )}
      {tab === 'summary' && (
        <SummaryTab
          model={model}
          factsOf={factsOf}
          median={median}
          hrefOfRow={hrefOfRow}
          compareHref={compareHref}
        />
      )}
      {tab === 'spans' && (
        <SpansTab source={source} model={model} view={view} onView={setView} logHref={logHref} />
      )}
      {tab === 'logs' && (
        <LogsTab source={source} model={model} view={view} onView={setView} hrefOfRow={hrefOfRow} />
      )}
      {tab === 'payload' && <PayloadTab source={source} view={view} onView={setView} />}
    </main>
  );
}
