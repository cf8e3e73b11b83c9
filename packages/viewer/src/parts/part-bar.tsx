import type { LatencyPart } from '@gatescope/trace';
import { formatDuration, formatShare } from '../engine/duration-format.ts';
import { LATENCY_PARTS, PART_LABELS } from '../engine/latency-segments.ts';
import styles from './part-bar.module.css';

export type PartTimes = Readonly<Record<LatencyPart, number>>;

/** Whose time a total was, as a bar that is the total; `times` are nanoseconds. */
export function PartBar({ times }: { readonly times: PartTimes }) {
  const total = LATENCY_PARTS.reduce((sum, part) => sum + times[part], 0);
  const text = LATENCY_PARTS.filter((part) => times[part] > 0)
    .map((part) => `${PART_LABELS[part]} ${formatDuration(times[part])} (${formatShare(times[part], total)})`)
    .join(', ');
  return (
    <span className={styles['bar']} role="img" aria-label={text} title={text}>
      {LATENCY_PARTS.filter((part) => times[part] > 0).map((part) => (
        <span key={part} className={styles[part]} style={{ width: `${(times[part] / total) * 100}%` }} />
      ))}
    </span>
  );
}

/** What the colours of a bar stand for. */
export function PartLegend() {
  return (
    <span className={styles['legend']}>
      {LATENCY_PARTS.map((part) => (
        <span key={part} className={styles['key']}>
          <span className={`${styles['swatch']} ${styles[part]}`} aria-hidden="true" />
          {PART_LABELS[part]}
        </span>
      ))}
    </span>
  );
}
