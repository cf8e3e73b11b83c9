import type { TraceSummary } from '@gatescope/protocol';
import { memo } from 'react';
import { Link } from 'wouter';
import { formatDuration } from '../engine/duration-format.ts';
import { paths } from '../engine/paths.ts';
import { clockText, endedBy, partTimes } from '../engine/trace-row.ts';
import { writeTraceUrl } from '../engine/trace-url.ts';
import { Badge, StatusBadge } from '../parts/badge.tsx';
import { PartBar } from '../parts/part-bar.tsx';
import styles from './trace-list.module.css';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly filterQuery: string;
  readonly trace: TraceSummary;
  readonly rowIndex: number;
}

/** One trace of the list; the whole row leads to it. */
export const TraceListRow = memo(function TraceListRow(props: Props) {
  const { cp, sessionId, filterQuery, trace, rowIndex } = props;
  const by = endedBy(trace);
  const { slowest_plugin: slowest } = trace;
  return (
    <tr aria-rowindex={rowIndex} className={styles['row']}>
      <td className={styles['time']} title={trace.started_at}>
        {clockText(trace.started_at)}
      </td>
      <td>
        <StatusBadge status={trace.status_code} />
      </td>
      <td className={styles['request']}>
        <Link
          href={paths.trace(cp, sessionId, trace.id, 'summary', writeTraceUrl({ list: filterQuery }))}
          className={styles['link']}
          title={trace.error ?? trace.path}
        >
          <strong>{trace.method}</strong> {trace.path}
        </Link>
      </td>
      <td className={styles['muted']}>{trace.route ?? 'no route'}</td>
      <td className={styles['total']}>{formatDuration(trace.duration_ms * 1e6)}</td>
      <td>
        <PartBar times={partTimes(trace)} />
      </td>
      <td>
        {by === null ? <span className={styles['muted']}>upstream</span> : <Badge tone="warn">{by}</Badge>}
      </td>
      <td className={styles['muted']}>
        {slowest === null ? '–' : `${slowest.name} ${formatDuration(slowest.duration_ms * 1e6)}`}
      </td>
    </tr>
  );
});
