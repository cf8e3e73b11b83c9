import { type PointerEvent, useLayoutEffect, useRef } from 'react';
import { type BrushMode, brushed, brushModeAt } from '../engine/brush.ts';
import { isWhole, type TimeRange } from '../engine/time-range.ts';
import { durationOf, hasFailed, startOf, type TraceModel } from '../engine/trace-model.ts';
import { useElementSize } from '../parts/use-element-size.ts';
import styles from './minimap.module.css';
import { freshContext } from './paint-bars.ts';
import { type SpanColours, useSpanColours } from './span-colours.ts';

interface Props {
  readonly model: TraceModel;
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
}

interface Drag {
  readonly mode: BrushMode;
  readonly before: TimeRange;
  readonly startNs: number;
  readonly startX: number;
}

/** A drag shorter than this is a click, which changes nothing. */
const DRAG_PX = 3;

/** The whole trace in small, and the stretch of it that is shown, which can be drawn, moved and pulled. For pointers alone: keys zoom too. */
export function Minimap({ model, range, onRange }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag | null>(null);
  const { width, height } = useElementSize(frame);
  const colours = useSpanColours();
  const { endNs } = model;
  useLayoutEffect(() => {
    const context = canvas.current === null ? null : freshContext(canvas.current, width, height);
    if (context !== null) paintAll(context, width, height, model, colours);
  }, [model, width, height, colours]);

  const placeOf = (event: PointerEvent) => {
    const x = event.clientX - (frame.current?.getBoundingClientRect().left ?? 0);
    return { x, ns: (x / Math.max(1, width)) * endNs };
  };
  const onPointerDown = (event: PointerEvent) => {
    const { x, ns } = placeOf(event);
    drag.current = { mode: brushModeAt(x, width, range, endNs), before: range, startNs: ns, startX: x };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, ns } = placeOf(event);
    if (drag.current === null) {
      if (frame.current !== null) frame.current.dataset['mode'] = brushModeAt(x, width, range, endNs);
      return;
    }
    const { mode, before, startNs, startX } = drag.current;
    if (Math.abs(x - startX) >= DRAG_PX) onRange(brushed(mode, before, startNs, ns, endNs));
  };
  const share = (ns: number) => `${(ns / Math.max(1, endNs)) * 100}%`;
  return (
    <div
      ref={frame}
      className={styles['minimap']}
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        drag.current = null;
      }}
      onDoubleClick={() => onRange({ fromNs: 0, toNs: endNs })}
    >
      <canvas ref={canvas} className={styles['canvas']} />
      {!isWhole(range, endNs) && (
        <>
          <span className={styles['shade']} style={{ left: 0, width: share(range.fromNs) }} />
          <span className={styles['shade']} style={{ left: share(range.toNs), right: 0 }} />
          <span
            className={styles['window']}
            style={{ left: share(range.fromNs), width: share(range.toNs - range.fromNs) }}
          />
        </>
      )}
    </div>
  );
}

/** Pixels free above the first and below the last line. */
const INSET_PX = 5;

/** Every span as a line at its place in the tree; where there are more spans than pixels they lie upon each other. */
function paintAll(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  model: TraceModel,
  colours: SpanColours,
): void {
  const room = height - 2 * INSET_PX;
  const line = Math.max(1, Math.min(4, room / model.count - 1));
  for (let position = 0; position < model.count; position++) {
    const row = model.preorder[position]!;
    context.fillStyle = hasFailed(model, row) ? colours.failed : colours.categories[model.category[row]!]!;
    const left = (startOf(model, row) / Math.max(1, model.endNs)) * width;
    const long = (durationOf(model, row) / Math.max(1, model.endNs)) * width;
    context.fillRect(left, INSET_PX + (position / model.count) * (room - line), Math.max(1, long), line);
  }
}
