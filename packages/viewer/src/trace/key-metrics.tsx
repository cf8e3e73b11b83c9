import type { TraceSummary } from '@gatescope/protocol';
import { formatDuration, formatExactMs, formatShare } from '../engine/duration-format.ts';
import { LATENCY_PARTS, PART_LABELS } from '../engine/latency-segments.ts';
import { partTimes } from '../engine/trace-row.ts';
import styles from './key-metrics.module.css';

/** The numbers one asks for first: the total, whose time it was, the statuses, the slowest plugin. */
export function KeyMetrics({ summary }: { readonly summary: TraceSummary }) {
  const totalNs = summary.duration_ms * 1e6;
  const times = partTimes(summary);
  const { slowest_plugin: slowest, status_code: status, upstream_status_code: upstream } = summary;
  return (
    <dl className={styles['metrics']}>
      <Metric name="Total" value={formatDuration(totalNs)} note={formatExactMs(totalNs)} />
      {LATENCY_PARTS.map((part) => (
        <Metric
          key={part}
          name={PART_LABELS[part]}
          value={formatDuration(times[part])}
          note={`${formatShare(times[part], totalNs)} of total`}
        />
      ))}
      <Metric
        name="Status"
        value={status === null ? 'none' : String(status)}
        note={upstream === null ? 'no upstream answer' : `upstream ${upstream}`}
        isBad={status !== null && status >= 500}
      />
      {slowest !== null && (
        <Metric
          name="Slowest plugin"
          value={slowest.name}
          note={`${formatDuration(slowest.duration_ms * 1e6)} in ${slowest.phase}`}
        />
      )}
    </dl>
  );
}

interface MetricProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isBad?: boolean;
}

function Metric({ name, value, note, isBad = false }: MetricProps) {
  return (
    <div className={styles['metric']}>
      <dt>{name}</dt>
      <dd className={isBad ? styles['bad'] : styles['value']}>{value}</dd>
      <dd className={styles['note']}>{note}</dd>
    </div>
  );
}
