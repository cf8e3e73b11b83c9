import { definitionOf } from '@gatescope/trace';
import { useMemo } from 'react';
import { useAttributeBlocks } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import type { CriticalPath } from '../engine/critical-path.ts';
import { formatDuration, formatExactMs, formatShare } from '../engine/duration-format.ts';
import { selfTime } from '../engine/self-time.ts';
import { blockStart, factsIn } from '../engine/span-facts.ts';
import {
  categoryOfRow,
  durationOf,
  endOf,
  hasFailed,
  nameOf,
  startOf,
  type TraceModel,
} from '../engine/trace-model.ts';
import { instantText } from '../engine/wall-time.ts';
import { Badge } from '../parts/badge.tsx';
import { Button, IconButton } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icons.tsx';
import { LongText } from '../parts/long-text.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { CategorySwatch } from './category-swatch.tsx';
import { SpanAttributes } from './span-attributes.tsx';
import styles from './span-detail.module.css';
import { SpanEvents } from './span-events.tsx';
import { SpanLogs } from './span-logs.tsx';

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  /** Where it is shown. */
  readonly path: CriticalPath | null;
  readonly row: number;
  readonly onSelect: (row: number) => void;
  readonly onZoom: (row: number) => void;
  readonly onClose: () => void;
  /** Where the log of a span is shown. */
  readonly logHref: (spanId: string) => string;
}

/** All that is known of one span. */
export function SpanDetail({ source, model, path, row, onSelect, onZoom, onClose, logHref }: Props) {
  const starts = useMemo(() => [blockStart(row)], [row]);
  const { blocks, error } = useAttributeBlocks(source, starts);
  const facts = factsIn(blocks, row);
  const name = nameOf(model, row);
  const parent = model.parent[row]!;
  return (
    <aside className={styles['detail']} aria-label="Selected span">
      <header className={styles['head']}>
        <CategorySwatch category={categoryOfRow(model, row)} />
        <h2>{name}</h2>
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" />
        </IconButton>
      </header>
      <p className={styles['about']}>{definitionOf(name)?.description ?? 'A span of a plugin’s own.'}</p>
      {hasFailed(model, row) && (
        <p className={styles['failed']}>
          <Badge tone="danger">
            <Icon name="alert" size={11} />
            failed
          </Badge>
          {facts !== null && <LongText text={facts.status_message} label="the message" />}
        </p>
      )}
      <Times model={model} row={row} path={path} />
      <p className={styles['links']}>
        <Button onClick={() => onZoom(row)}>Zoom to span</Button>
        {parent >= 0 && (
          <Button kind="quiet" onClick={() => onSelect(parent)} title={nameOf(model, parent)}>
            Parent
          </Button>
        )}
      </p>
      {error !== null && <ProblemNotice error={error} />}
      {facts === null && error === null && <p role="status">Loading attributes …</p>}
      {facts !== null && (
        <>
          <SpanAttributes name={name} attributes={facts.attributes} />
          <SpanLogs source={source} model={model} row={row} logHref={logHref} />
          <SpanEvents events={facts.events} originUnixNano={model.skeleton.origin_unix_nano} />
        </>
      )}
      <p className={styles['id']}>
        span <code>{model.skeleton.span_id[row]}</code>
        <CopyButton text={model.skeleton.span_id[row]!} label="Copy the span id" />
        {facts !== null && <span className={styles['kind']}>{facts.kind.toLowerCase()}</span>}
      </p>
    </aside>
  );
}

/** Start, end, duration and self time, to the nanosecond. */
function Times({ model, row, path }: Pick<Props, 'model' | 'row' | 'path'>) {
  const took = durationOf(model, row);
  const self = selfTime(model, row);
  const rows: readonly (readonly [string, string, string])[] = [
    ['Duration', formatExactMs(took), `${formatShare(took, durationOf(model, model.root))} of the request`],
    ['Self time', formatExactMs(self), `${formatDuration(self)} in none of its children`],
    ...(path === null
      ? []
      : [
          [
            'On the path',
            formatExactMs(path.timeOfRow[row]!),
            `${formatShare(path.timeOfRow[row]!, durationOf(model, model.root))} of the critical path`,
          ] as const,
        ]),
    [
      'Starts',
      `+${formatExactMs(startOf(model, row))}`,
      instantText(model.skeleton.origin_unix_nano, startOf(model, row)),
    ],
    [
      'Ends',
      `+${formatExactMs(endOf(model, row))}`,
      instantText(model.skeleton.origin_unix_nano, endOf(model, row)),
    ],
  ];
  return (
    <dl className={styles['times']}>
      {rows.map(([label, value, note]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {value}
            <span className={styles['note']}>{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
