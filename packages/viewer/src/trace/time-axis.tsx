import { type PointerEvent, useRef, useState } from 'react';
import { formatTick } from '../engine/duration-format.ts';
import { clampRange, type TimeRange } from '../engine/time-range.ts';
import styles from './time-axis.module.css';

interface Props {
  readonly range: TimeRange;
  readonly ticks: readonly number[];
  readonly width: number;
  readonly endNs: number;
  readonly onRange: (range: TimeRange) => void;
}

/** The times above the bars. A drag over it zooms to what was dragged over. */
export function TimeAxis({ range, ticks, width, endNs, onRange }: Props) {
  const axis = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const stepNs = ticks.length > 1 ? ticks[1]! - ticks[0]! : Math.max(1, ticks[0] ?? 1);
  const length = Math.max(1, range.toNs - range.fromNs);
  const xOf = (event: PointerEvent) => {
    const x = event.clientX - (axis.current?.getBoundingClientRect().left ?? 0);
    return Math.min(width, Math.max(0, x));
  };
  const nsAt = (x: number) => range.fromNs + (x / Math.max(1, width)) * length;
  const finish = () => {
    if (drag !== null && Math.abs(drag.to - drag.from) > 4)
      onRange(clampRange({ fromNs: nsAt(drag.from), toNs: nsAt(drag.to) }, endNs));
    setDrag(null);
  };
  return (
    <div
      ref={axis}
      className={styles['axis']}
      style={{ width }}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: xOf(event), to: xOf(event) });
      }}
      onPointerMove={(event) => {
        if (drag !== null) setDrag({ from: drag.from, to: xOf(event) });
      }}
      onPointerUp={finish}
      onPointerCancel={() => setDrag(null)}
    >
      {ticks.map((tick) => (
        <span
          key={tick}
          className={styles['tick']}
          style={{ left: ((tick - range.fromNs) / length) * width }}
        >
          {formatTick(tick, stepNs)}
        </span>
      ))}
      {drag !== null && (
        <span
          className={styles['drag']}
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }}
        />
      )}
    </div>
  );
}
