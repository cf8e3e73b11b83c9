import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { TraceSource } from '../api/trace-source.ts';
import type { CriticalPath } from '../engine/critical-path.ts';
import { rowWindow, scrollToRow } from '../engine/row-window.ts';
import { ioOrdinals } from '../engine/span-label.ts';
import { axisTicks, panRange, type TimeRange, zoomRange } from '../engine/time-range.ts';
import type { TraceModel } from '../engine/trace-model.ts';
import type { CollapsedRows } from '../engine/visible-rows.ts';
import { RowGap } from '../parts/row-gap.tsx';
import { useElementSize } from '../parts/use-element-size.ts';
import { freshContext, paintBars } from './paint-bars.ts';
import { useSpanColours } from './span-colours.ts';
import { SpanRow, spanRowId } from './span-row.tsx';
import { TimeAxis } from './time-axis.tsx';
import { useSpanLabels } from './use-span-labels.ts';
import styles from './waterfall.module.css';

/** Pixels; the style sheet has the same. */
const ROW_HEIGHT = 24;
const TIME_WIDTH = 84;
const OVERSCAN = 6;
const PX_PER_TICK = 110;
/** Below this, pixels, names get more of the width. */
const NARROW = 1_000;

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  readonly visible: Int32Array;
  readonly collapsed: CollapsedRows;
  readonly matches: Uint8Array | null;
  /** Where it is shown. */
  readonly path: CriticalPath | null;
  readonly selected: number | null;
  readonly range: TimeRange;
  readonly tree: RefObject<HTMLTableElement | null>;
  readonly onSelect: (row: number) => void;
  readonly onToggle: (row: number) => void;
  readonly onRange: (range: TimeRange) => void;
  readonly onPageRows: (rows: number) => void;
}

/** Spans as a tree beside their bars: names and numbers are rows of a table, of which only those in view exist; bars are one canvas. */
export function Waterfall(props: Props) {
  const {
    source,
    model,
    visible,
    collapsed,
    matches,
    path,
    selected,
    range,
    tree,
    onSelect,
    onToggle,
    onRange,
    onPageRows,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useElementSize(frame);
  const [scrollTop, setScrollTop] = useState(0);
  const colours = useSpanColours();
  const namesWidth = Math.round(Math.min(460, Math.max(180, width * (width < NARROW ? 0.46 : 0.38))));
  const barsWidth = Math.max(0, width - namesWidth - TIME_WIDTH);
  const ticks = axisTicks(range, Math.max(1, Math.floor(barsWidth / PX_PER_TICK)));
  const { first, end } = rowWindow(scrollTop, height, ROW_HEIGHT, visible.length, OVERSCAN);
  const drawn = visible.subarray(first, end);
  const ordinals = useMemo(() => ioOrdinals(model), [model]);
  const labelOf = useSpanLabels(source, model, drawn);
  const selectedIndex = selected === null ? -1 : visible.indexOf(selected);
  const isSelectedDrawn = selectedIndex >= first && selectedIndex < end;

  useLayoutEffect(() => {
    const context = canvas.current === null ? null : freshContext(canvas.current, barsWidth, height);
    if (context === null) return;
    const rowHeight = ROW_HEIGHT;
    paintBars(context, barsWidth, height, {
      model,
      visible,
      first,
      end,
      scrollTop,
      rowHeight,
      range,
      ticks,
      matches,
      path,
      colours,
    });
  });
  useEffect(() => onPageRows(Math.max(1, Math.floor(height / ROW_HEIGHT) - 1)), [height, onPageRows]);
  useEffect(() => {
    const view = frame.current;
    if (view === null || selectedIndex < 0 || height === 0) return;
    view.scrollTop = scrollToRow(selectedIndex, view.scrollTop, view.clientHeight, ROW_HEIGHT);
  }, [selectedIndex, height]);
  useWheelZoom(frame, namesWidth + TIME_WIDTH, barsWidth, range, model.endNs, onRange);

  return (
    <div className={styles['waterfall']}>
      <div className={styles['head']}>
        <span style={{ width: namesWidth }}>Span</span>
        <span className={styles['took']} style={{ width: TIME_WIDTH }}>
          Duration
        </span>
        <TimeAxis range={range} ticks={ticks} width={barsWidth} endNs={model.endNs} onRange={onRange} />
      </div>
      <div
        ref={frame}
        className={styles['frame']}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      >
        <div className={styles['overlay']} aria-hidden="true">
          <canvas ref={canvas} style={{ left: namesWidth + TIME_WIDTH, width: barsWidth, height }} />
        </div>
        <table
          ref={tree}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows and cells of a table are those of a treegrid
          role="treegrid"
          aria-label="Spans"
          aria-rowcount={visible.length}
          aria-activedescendant={isSelectedDrawn && selected !== null ? spanRowId(selected) : undefined}
          tabIndex={0}
          className={styles['tree']}
        >
          <colgroup>
            <col style={{ width: namesWidth }} />
            <col style={{ width: TIME_WIDTH }} />
            <col />
          </colgroup>
          <tbody>
            <RowGap height={first * ROW_HEIGHT} />
            {Array.from(drawn, (row, index) => (
              <SpanRow
                key={row}
                model={model}
                row={row}
                rowIndex={first + index + 1}
                ordinals={ordinals}
                label={labelOf(row)}
                isCollapsed={collapsed.has(row)}
                isSelected={row === selected}
                pathNs={path === null ? 0 : path.timeOfRow[row]!}
                isDimmed={matches !== null && matches[row] !== 1}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            ))}
            <RowGap height={(visible.length - end) * ROW_HEIGHT} />
          </tbody>
        </table>
        {visible.length === 0 && <p className={styles['none']}>No span matches the filter.</p>}
      </div>
    </div>
  );
}

/** Ctrl and the wheel zoom around the pointer; a wheel that turns sideways, or with Shift, moves along. */
function useWheelZoom(
  frame: RefObject<HTMLDivElement | null>,
  left: number,
  width: number,
  range: TimeRange,
  endNs: number,
  onRange: (range: TimeRange) => void,
): void {
  useEffect(() => {
    const view = frame.current;
    if (view === null || width <= 0) return;
    const perPixel = (range.toNs - range.fromNs) / width;
    const onWheel = (event: WheelEvent) => {
      const x = event.clientX - view.getBoundingClientRect().left - left;
      if (event.ctrlKey || event.metaKey) {
        const aroundNs = range.fromNs + Math.min(width, Math.max(0, x)) * perPixel;
        onRange(zoomRange(range, Math.exp(event.deltaY * 0.003), aroundNs, endNs));
      } else {
        const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
        if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
        onRange(panRange(range, sideways * perPixel, endNs));
      }
      event.preventDefault();
    };
    view.addEventListener('wheel', onWheel, { passive: false });
    return () => view.removeEventListener('wheel', onWheel);
  }, [frame, left, width, range, endNs, onRange]);
}
