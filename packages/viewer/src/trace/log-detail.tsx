import type { LogLine } from '@gatescope/protocol';
import { Link } from 'wouter';
import { attributeText } from '../engine/attribute-groups.ts';
import { lineOffset, rowOfLine } from '../engine/log-filter.ts';
import { nameOf, type TraceModel } from '../engine/trace-model.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { instantText } from '../engine/wall-time.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icons.tsx';
import { LongText } from '../parts/long-text.tsx';
import { LevelBadge } from './level-badge.tsx';
import styles from './log-detail.module.css';

interface Props {
  readonly line: LogLine;
  readonly model: TraceModel;
  readonly hrefOfRow: (row: number) => string;
  readonly onSpan: (spanId: string) => void;
  readonly onClose: () => void;
}

/** Attributes that are shown, at most. */
const ATTRIBUTES_MAX = 100;

/** One line of a log whole. */
export function LogDetail({ line, model, hrefOfRow, onSpan, onClose }: Props) {
  const row = rowOfLine(line, model);
  const attributes = Object.entries(line.attributes);
  return (
    <aside className={styles['detail']} aria-label="Selected line">
      <header className={styles['head']}>
        <LevelBadge level={line.level} />
        <h2>{visibleText(cutText(line.source, 100))}</h2>
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" />
        </IconButton>
      </header>
      <p className={styles['message']}>
        <LongText text={line.message} label="the message" />
      </p>
      <dl className={styles['facts']}>
        <dt>Time</dt>
        <dd>
          {lineOffset(line, model.skeleton.origin_unix_nano)}
          <span className={styles['note']}>{instantText(line.time_unix_nano, 0)}</span>
        </dd>
        <dt>Type</dt>
        <dd>{visibleText(cutText(line.type, 100))}</dd>
        <dt>Span</dt>
        <dd>
          {line.span_id === null ? (
            'none'
          ) : (
            <>
              {row < 0 ? <code>{line.span_id}</code> : nameOf(model, row)}
              <span className={styles['links']}>
                {row >= 0 && (
                  <Link href={hrefOfRow(row)} aria-keyshortcuts="g">
                    Show span (g)
                  </Link>
                )}
                <Button kind="quiet" onClick={() => onSpan(line.span_id!)}>
                  Only its lines
                </Button>
              </span>
            </>
          )}
        </dd>
        {attributes.slice(0, ATTRIBUTES_MAX).map(([name, value]) => (
          <div key={name} className={styles['attribute']}>
            <dt>{visibleText(cutText(name, 200))}</dt>
            <dd>
              <LongText text={attributeText({ value, unit: null })} label={cutText(name, 60)} />
            </dd>
          </div>
        ))}
      </dl>
      <CopyButton text={() => JSON.stringify(line, null, 2)} label="Copy the line as JSON">
        Copy as JSON
      </CopyButton>
    </aside>
  );
}
