import type { TraceSummary } from '@gatescope/protocol';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { formatDuration } from '../engine/duration-format.ts';
import {
  brushedFilter,
  decadesOf,
  type PlotPoint,
  type ScatterScale,
  scatterScale,
  xOf,
  yOf,
} from '../engine/scatter.ts';
import type { TraceListFilter } from '../engine/trace-list-filter.ts';
import { clockText } from '../engine/trace-row.ts';
import { useElementSize } from '../parts/use-element-size.ts';
import { useTheme } from '../shell/theme.ts';
import { paintScatter } from './paint-scatter.ts';
import styles from './trace-scatter.module.css';

interface Props {
  /** All there are. */
  readonly traces: readonly TraceSummary[];
  /** Those that the filter lets through; the others are drawn faint. */
  readonly passed: readonly TraceSummary[];
  readonly filter: TraceListFilter;
  readonly onChange: (filter: TraceListFilter) => void;
}

interface Drag {
  readonly start: PlotPoint;
  readonly end: PlotPoint;
  /** The plot's when the drag began. */
  readonly scale: ScatterScale;
}

/** Every trace by when it started and how long it took; a drag narrows the list to what it covers. What it shows is in the list too. */
export function TraceScatter({ traces, passed, filter, onChange }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useElementSize(frame);
  const theme = useTheme();
  const [drag, setDrag] = useState<Drag | null>(null);
  const fitting = useMemo(() => scatterScale(traces, width, height), [traces, width, height]);
  // What arrives meanwhile does not move the plot under somebody's drag.
  const scale = drag?.scale ?? fitting;
  const bright = useMemo(() => new Set(passed.map(({ id }) => id)), [passed]);
  useEffect(() => {
    if (canvas.current !== null && scale !== null && theme !== undefined)
      paintScatter(canvas.current, scale, traces, bright);
  }, [scale, traces, bright, theme]);
  const pointOf = (event: PointerEvent<HTMLDivElement>): PlotPoint => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const finish = () => {
    if (drag === null) return;
    const asked = brushedFilter(drag.scale, drag.start, drag.end);
    setDrag(null);
    onChange({ ...filter, ...(asked ?? { from: '', to: '', minMs: '', maxMs: '' }) });
  };
  return (
    <figure className={styles['plot']} aria-hidden="true">
      <div className={styles['labels']}>
        {scale !== null &&
          decadesOf(scale).map((ms) => (
            <span key={ms} style={{ top: yOf(scale, ms) }}>
              {formatDuration(ms * 1e6)}
            </span>
          ))}
      </div>
      <div
        ref={frame}
        className={styles['frame']}
        onPointerDown={(event) => {
          if (event.button !== 0 || scale === null) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const start = pointOf(event);
          setDrag({ start, end: start, scale });
        }}
        onPointerMove={(event) => {
          if (drag !== null) setDrag({ ...drag, end: pointOf(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
      >
        <canvas ref={canvas} className={styles['canvas']} />
        {drag !== null && <div className={styles['brush']} style={boxOf(drag.start, drag.end)} />}
        {drag === null && scale !== null && filter.from !== '' && (
          <div
            className={styles['brush']}
            style={boxOf(
              {
                x: xOf(scale, Number(filter.from)),
                y: filter.maxMs === '' ? 0 : yOf(scale, Number(filter.maxMs)),
              },
              {
                x: xOf(scale, Number(filter.to)),
                y: filter.minMs === '' ? height : yOf(scale, Number(filter.minMs)),
              },
            )}
          />
        )}
      </div>
      {scale !== null && (
        <figcaption className={styles['ends']}>
          <span>{clockText(new Date(scale.fromMs).toISOString()).slice(0, 8)}</span>
          <span>drag to narrow down, click to let go</span>
          <span>{clockText(new Date(scale.toMs).toISOString()).slice(0, 8)}</span>
        </figcaption>
      )}
    </figure>
  );
}

function boxOf(a: PlotPoint, b: PlotPoint) {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}
