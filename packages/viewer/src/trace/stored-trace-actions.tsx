import type { TraceSummary } from '@gatescope/protocol';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { useSessionTraces } from '../api/queries.ts';
import { neighboursOf } from '../engine/neighbours.ts';
import { paths, type TraceTab } from '../engine/paths.ts';
import { writeTraceUrl } from '../engine/trace-url.ts';
import { ButtonLink, IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { isTyping } from '../parts/is-typing.ts';
import styles from './stored-trace-actions.module.css';
import { TraceExports } from './trace-exports.tsx';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traceId: string;
  readonly summary: TraceSummary;
  readonly tab: TraceTab;
  /** The query that the session's list was narrowed by. */
  readonly list: string;
  /** Of the request: `http`, `https`; empty where it is not known. */
  readonly scheme: string;
}

/** The traces before and after in the session's list, and what else can be done with this one. */
export function StoredTraceActions({ cp, sessionId, traceId, summary, tab, list, scheme }: Props) {
  const [, navigate] = useLocation();
  const traces = useSessionTraces(cp, sessionId);
  const found = traces.data === undefined ? null : neighboursOf(traces.data, summary.id, list);
  const go = (to: TraceSummary | null | undefined) => {
    if (to != null)
      navigate(paths.trace(cp, sessionId, to.id, tab, writeTraceUrl({ list })), { replace: true });
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || (event.key !== '[' && event.key !== ']')) return;
      event.preventDefault();
      go(event.key === '[' ? found?.previous : found?.next);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
  return (
    <span className={styles['actions']}>
      {found !== null && (
        <span className={styles['neighbours']}>
          <IconButton
            label="Trace above in the list ([)"
            aria-keyshortcuts="["
            disabled={found.previous === null}
            onClick={() => go(found.previous)}
          >
            <Icon name="chevron-up" />
          </IconButton>
          <IconButton
            label="Trace below in the list (])"
            aria-keyshortcuts="]"
            disabled={found.next === null}
            onClick={() => go(found.next)}
          >
            <Icon name="chevron-down" />
          </IconButton>
          {found.position} of {found.count}
        </span>
      )}
      <ButtonLink href={paths.compare(cp, sessionId, summary.id)} kind="quiet">
        Compare
      </ButtonLink>
      <TraceExports cp={cp} sessionId={sessionId} traceId={traceId} summary={summary} scheme={scheme} />
    </span>
  );
}
