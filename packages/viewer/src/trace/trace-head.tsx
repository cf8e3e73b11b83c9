import type { TraceSummary } from '@gatescope/protocol';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatDuration } from '../engine/duration-format.ts';
import { TRACE_TABS, type TraceTab } from '../engine/paths.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import styles from './trace-head.module.css';

interface Props {
  readonly summary: TraceSummary;
  readonly tab: TraceTab;
  readonly hrefOfTab: (tab: TraceTab) => string;
  readonly actions: ReactNode;
}

const TAB_LABELS: Readonly<Record<TraceTab, string>> = {
  summary: 'Summary',
  spans: 'Spans',
  logs: 'Logs',
  payload: 'Payload',
};

/** What was asked and answered, the trace's id, and its tabs with what else can be done. */
export function TraceHead({ summary, tab, hrefOfTab, actions }: Props) {
  return (
    <header className={styles['head']}>
      <div className={styles['title']}>
        <h1 title={`${summary.method} ${summary.path}`}>
          {summary.method} {summary.path}
        </h1>
        <StatusBadge status={summary.status_code} />
        <strong className={styles['total']}>{formatDuration(summary.duration_ms * 1e6)}</strong>
      </div>
      <p className={styles['facts']}>
        {summary.host !== null && <span>{summary.host}</span>}
        <span>{summary.route === null ? 'no route' : `route ${summary.route}`}</span>
        {summary.service !== null && <span>service {summary.service}</span>}
        {summary.consumer !== null && <span>consumer {summary.consumer}</span>}
        <RelativeTime instant={summary.started_at} />
        <span className={styles['id']}>
          trace <code>{summary.trace_id}</code>
          <CopyButton text={summary.trace_id} label="Copy the trace id" />
        </span>
      </p>
      <nav className={styles['tabs']} aria-label="Views of the trace">
        {TRACE_TABS.map((one, index) => (
          <Link
            key={one}
            href={hrefOfTab(one)}
            replace
            className={styles['tab']}
            aria-current={one === tab ? 'page' : undefined}
            aria-keyshortcuts={String(index + 1)}
          >
            {TAB_LABELS[one]}
            {one === 'spans' && <span className={styles['count']}>{summary.span_count}</span>}
            {one === 'logs' && summary.log_count > 0 && (
              <span className={styles['count']}>{summary.log_count}</span>
            )}
          </Link>
        ))}
        <span className={styles['actions']}>{actions}</span>
      </nav>
    </header>
  );
}
