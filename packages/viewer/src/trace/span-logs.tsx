import { useMemo } from 'react';
import { Link } from 'wouter';
import { useTraceLog } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import { grouped } from '../engine/duration-format.ts';
import { ALL_LINES, filterLines, lineOffset } from '../engine/log-filter.ts';
import type { TraceModel } from '../engine/trace-model.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { LevelBadge } from './level-badge.tsx';
import styles from './span-logs.module.css';

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  readonly row: number;
  readonly logHref: (spanId: string) => string;
}

/** Lines that are shown, at most. */
const LINES = 5;

/** The newest lines that a span, or one below it, logged; nothing where there are none. */
export function SpanLogs({ source, model, row, logHref }: Props) {
  const log = useTraceLog(source, model.skeleton.summary.log_count > 0);
  const spanId = model.skeleton.span_id[row]!;
  const lines = useMemo(
    () => filterLines(log.data?.lines ?? [], { ...ALL_LINES, spanId }, model),
    [log.data, spanId, model],
  );
  if (lines.length === 0) return null;
  return (
    <section>
      <h3 className={styles['title']}>
        Log
        <Link href={logHref(spanId)}>
          {grouped(lines.length)} {lines.length === 1 ? 'line' : 'lines'}
          <span className="sr-only"> of this span in the log</span>
        </Link>
      </h3>
      <ul className={styles['lines']}>
        {lines.slice(0, LINES).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no id, and those of a span stay in their order
          <li key={index}>
            <LevelBadge level={line.level} /> <span>{lineOffset(line, model.skeleton.origin_unix_nano)}</span>
            <p>{visibleText(cutText(line.message, 300))}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
