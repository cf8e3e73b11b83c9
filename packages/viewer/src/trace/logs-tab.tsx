import type { LogLine } from '@gatescope/protocol';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ApiProblem } from '../api/api-problem.ts';
import { useTraceLog } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import { filterLines, rowOfLine } from '../engine/log-filter.ts';
import type { TraceModel } from '../engine/trace-model.ts';
import { NO_LOGS_ASKED } from '../engine/trace-part.ts';
import type { TraceUrlState } from '../engine/trace-url.ts';
import { isTyping } from '../parts/is-typing.ts';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { LogDetail } from './log-detail.tsx';
import { LogList } from './log-list.tsx';
import styles from './logs-tab.module.css';
import { LogsToolbar } from './logs-toolbar.tsx';

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  readonly view: TraceUrlState;
  readonly onView: (changed: Partial<TraceUrlState>) => void;
  readonly hrefOfRow: (row: number) => string;
}

const NO_LINES: readonly LogLine[] = [];

/** A trace's log, newest line first, with the chosen line whole beside it. */
export function LogsTab({ source, model, view, onView, hrefOfRow }: Props) {
  const log = useTraceLog(source);
  const [, navigate] = useLocation();
  const lines = log.data?.lines ?? NO_LINES;
  const shown = useMemo(() => filterLines(lines, view.log, model), [lines, view.log, model]);
  const [chosen, setChosen] = useState<LogLine | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLTableElement>(null);
  const index = chosen === null ? -1 : shown.indexOf(chosen);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const isHere = event.target === document.body || event.target === list.current;
    const go = (to: number) => setChosen(shown[Math.min(shown.length - 1, Math.max(0, to))] ?? null);
    if (event.key === '/') input.current?.focus();
    else if (event.key === 'j' || (event.key === 'ArrowDown' && isHere)) go(index + 1);
    else if (event.key === 'k' || (event.key === 'ArrowUp' && isHere)) go(index - 1);
    else if (event.key === 'Home' && isHere) go(0);
    else if (event.key === 'End' && isHere) go(shown.length - 1);
    else if (event.key === 'Escape') setChosen(null);
    else if (event.key === 'g' && index >= 0 && rowOfLine(shown[index]!, model) >= 0)
      navigate(hrefOfRow(rowOfLine(shown[index]!, model)));
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  if ('reason' in source.log) return <NoLogs reason={source.log.reason} />;
  if (log.error instanceof ApiProblem && log.error.code === 'not_captured')
    return <NoLogs reason={NO_LOGS_ASKED} />;
  if (log.error !== null && log.data === undefined)
    return (
      <div className={styles['page']}>
        <ProblemNotice error={log.error} title="The log can’t be shown" />
      </div>
    );
  if (log.data === undefined) return <Loading what="the log" />;
  if (lines.length === 0)
    return (
      <NoLogs reason="Nothing was logged at this level while the request was handled." title="No lines" />
    );
  return (
    <div className={styles['tab']}>
      <LogsToolbar
        lines={lines}
        shownCount={shown.length}
        isCut={log.data.isCut}
        model={model}
        filter={view.log}
        inputRef={input}
        onFilter={(changed) => onView({ log: { ...view.log, ...changed } })}
        onLeave={() => list.current?.focus()}
      />
      <div className={styles['body']}>
        <LogList model={model} lines={shown} chosen={index} tree={list} onChoose={setChosen} />
        {index >= 0 && (
          <LogDetail
            line={shown[index]!}
            model={model}
            hrefOfRow={hrefOfRow}
            onSpan={(spanId) => onView({ log: { ...view.log, spanId } })}
            onClose={() => setChosen(null)}
          />
        )}
      </div>
    </div>
  );
}

function NoLogs({ reason, title = 'No logs' }: { readonly reason: string; readonly title?: string }) {
  return (
    <div className={styles['page']}>
      <EmptyState title={title}>
        <p>{reason}</p>
      </EmptyState>
    </div>
  );
}
