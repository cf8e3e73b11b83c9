import type { TraceSummary } from '@gatescope/protocol';

/** What a scatter plot of traces shows: when they started, ms since the epoch, and how long they took, ms, on a logarithmic scale. */
export interface ScatterScale {
  readonly fromMs: number;
  readonly toMs: number;
  /** Powers of ten. */
  readonly shortestMs: number;
  readonly longestMs: number;
  readonly width: number;
  readonly height: number;
}

/** A scale that holds all traces; null where there is none. */
export function scatterScale(
  traces: readonly Pick<TraceSummary, 'started_at' | 'duration_ms'>[],
  width: number,
  height: number,
): ScatterScale | null {
  if (traces.length === 0) return null;
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (const { started_at: startedAt, duration_ms: ms } of traces) {
    const at = Date.parse(startedAt);
    fromMs = Math.min(fromMs, at);
    toMs = Math.max(toMs, at);
    shortest = Math.min(shortest, Math.max(ms, LEAST_MS));
    longest = Math.max(longest, ms);
  }
  const shortestMs = 10 ** Math.floor(Math.log10(shortest));
  const longestMs = Math.max(shortestMs * 10, 10 ** Math.ceil(Math.log10(Math.max(longest, LEAST_MS))));
  // One instant has no extent.
  const spareMs = Math.max(500, (toMs - fromMs) * 0.02);
  return { fromMs: fromMs - spareMs, toMs: toMs + spareMs, shortestMs, longestMs, width, height };
}

/** Anything quicker is drawn at the lower edge. */
const LEAST_MS = 0.001;

export function xOf(scale: ScatterScale, atMs: number): number {
  return ((atMs - scale.fromMs) / (scale.toMs - scale.fromMs)) * scale.width;
}

export function yOf({ shortestMs, longestMs, height }: ScatterScale, ms: number): number {
  const share = Math.log10(Math.max(ms, shortestMs) / shortestMs) / Math.log10(longestMs / shortestMs);
  return height - share * height;
}

/** The lines across: every power of ten, ms. */
export function decadesOf({ shortestMs, longestMs }: ScatterScale): number[] {
  const count = Math.round(Math.log10(longestMs / shortestMs));
  return Array.from({ length: count + 1 }, (_, index) => shortestMs * 10 ** index);
}

/** A place on the plot, CSS pixels. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/** Drags shorter than this are clicks. */
const DRAG_PX = 4;

/** What of the filter a drag from one place to another asks for; null for a click. A flat drag asks for a time alone. */
export function brushedFilter(
  scale: ScatterScale,
  start: PlotPoint,
  end: PlotPoint,
): { readonly from: string; readonly to: string; readonly minMs: string; readonly maxMs: string } | null {
  const isWide = Math.abs(end.x - start.x) >= DRAG_PX;
  const isHigh = Math.abs(end.y - start.y) >= DRAG_PX * 3;
  if (!isWide && !isHigh) return null;
  const atX = (x: number) =>
    Math.round(scale.fromMs + (clamp(x, scale.width) / scale.width) * (scale.toMs - scale.fromMs));
  const atY = (y: number) => {
    const share = 1 - clamp(y, scale.height) / scale.height;
    return Number((scale.shortestMs * (scale.longestMs / scale.shortestMs) ** share).toPrecision(3));
  };
  return {
    from: isWide ? String(atX(Math.min(start.x, end.x))) : '',
    to: isWide ? String(atX(Math.max(start.x, end.x))) : '',
    minMs: isHigh ? String(atY(Math.max(start.y, end.y))) : '',
    maxMs: isHigh ? String(atY(Math.min(start.y, end.y))) : '',
  };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
