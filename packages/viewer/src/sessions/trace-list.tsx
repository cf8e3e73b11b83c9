import type { TraceSummary } from '@gatescope/protocol';
import { type FocusEvent, type PointerEvent, useRef, useState } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { rowWindow } from '../engine/row-window.ts';
import { RowGap } from '../parts/row-gap.tsx';
import { useElementSize } from '../parts/use-element-size.ts';
import styles from './trace-list.module.css';
import { TraceListRow } from './trace-list-row.tsx';

const ROW_HEIGHT = 36;
const OVERSCAN = 8;
const COLUMNS = ['Time', 'Status', 'Request', 'Route', 'Total', 'Whose time', 'Ended by', 'Slowest plugin'];

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traces: readonly TraceSummary[];
  /** The query that the list was narrowed by. */
  readonly filterQuery: string;
  /** Traces that came since the list is held. */
  readonly waiting: number;
  /** Told when the reader is in the list, so that rows must stay where they are, and when not any more. */
  readonly onHold: (isHeld: boolean) => void;
}

/** Traces, newest first; only the rows that can be seen are drawn. */
export function TraceList({ cp, sessionId, traces, filterQuery, waiting, onHold }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { height } = useElementSize(frame);
  const [scrollTop, setScrollTop] = useState(0);
  const presence = useRef({ pointer: false, focus: false, scrolled: false });
  const tell = (changed: Partial<typeof presence.current>) => {
    presence.current = { ...presence.current, ...changed };
    onHold(Object.values(presence.current).includes(true));
  };
  const showNew = () => {
    frame.current?.scrollTo({ top: 0 });
    tell({ pointer: false, focus: false, scrolled: false });
  };
  const { first, end } = rowWindow(scrollTop, height, ROW_HEIGHT, traces.length, OVERSCAN);
  return (
    <div className={styles['outer']}>
      {waiting > 0 && (
        <button type="button" className={styles['new']} onClick={showNew}>
          {grouped(waiting)} new
        </button>
      )}
      <div
        ref={frame}
        className={styles['frame']}
        onScroll={(event) => {
          setScrollTop(event.currentTarget.scrollTop);
          tell({ scrolled: event.currentTarget.scrollTop > 0 });
        }}
      >
        <table
          aria-label="Traces"
          aria-rowcount={traces.length + 1}
          className={styles['table']}
          // A pointer that merely rests where the list appears is nobody who reads it.
          onPointerMove={(event: PointerEvent) => {
            if (!presence.current.pointer && (event.movementX !== 0 || event.movementY !== 0))
              tell({ pointer: true });
          }}
          onPointerLeave={() => tell({ pointer: false })}
          onFocus={() => tell({ focus: true })}
          onBlur={(event: FocusEvent) => {
            if (!event.currentTarget.contains(event.relatedTarget)) tell({ focus: false });
          }}
        >
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <RowGap height={first * ROW_HEIGHT} />
            {traces.slice(first, end).map((trace, index) => (
              <TraceListRow
                key={trace.id}
                cp={cp}
                sessionId={sessionId}
                filterQuery={filterQuery}
                trace={trace}
                rowIndex={first + index + 2}
              />
            ))}
            <RowGap height={(traces.length - end) * ROW_HEIGHT} />
          </tbody>
        </table>
      </div>
    </div>
  );
}
