import { clampRange, panRange, type TimeRange } from './time-range.ts';

/** What a drag over the minimap does: a new stretch, the stretch moved, or one of its ends. */
export type BrushMode = 'new' | 'move' | 'from' | 'to';

/** Pixels around an end within which it is grabbed. */
const GRAB_PX = 7;

/** What a drag begins that starts at `x` on a minimap of `width` pixels. While all is shown there is nothing to move. */
export function brushModeAt(x: number, width: number, range: TimeRange, endNs: number): BrushMode {
  const from = (range.fromNs / endNs) * width;
  const to = (range.toNs / endNs) * width;
  if (range.fromNs <= 0 && range.toNs >= endNs) return 'new';
  if (Math.abs(x - from) <= GRAB_PX) return 'from';
  if (Math.abs(x - to) <= GRAB_PX) return 'to';
  return x > from && x < to ? 'move' : 'new';
}

/** The stretch after a drag from one instant to another; `before` is the one it began with. */
export function brushed(
  mode: BrushMode,
  before: TimeRange,
  startNs: number,
  nowNs: number,
  endNs: number,
): TimeRange {
  if (mode === 'move') return panRange(before, nowNs - startNs, endNs);
  if (mode === 'from') return clampRange({ fromNs: Math.min(nowNs, before.toNs), toNs: before.toNs }, endNs);
  if (mode === 'to')
    return clampRange({ fromNs: before.fromNs, toNs: Math.max(nowNs, before.fromNs) }, endNs);
  return clampRange({ fromNs: startNs, toNs: nowNs }, endNs);
}
