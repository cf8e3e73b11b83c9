import type { CriticalPath } from '../engine/critical-path.ts';
import type { TimeRange } from '../engine/time-range.ts';
import { durationOf, endOf, hasFailed, startOf, type TraceModel } from '../engine/trace-model.ts';
import type { SpanColours } from './span-colours.ts';

const BAR_MIN_PX = 2;
const BAR_INSET_PX = 6;
const DIMMED = 0.35;
const PATH_PX = 3;

/** What is painted: the rows `first` up to, without, `end`, of those that are shown. Sizes are CSS pixels. */
export interface BarScene {
  readonly model: TraceModel;
  readonly visible: Int32Array;
  readonly first: number;
  readonly end: number;
  readonly scrollTop: number;
  readonly rowHeight: number;
  readonly range: TimeRange;
  readonly ticks: readonly number[];
  /** 1 for rows that match the filter; null: no filter. */
  readonly matches: Uint8Array | null;
  /** Where it is shown. */
  readonly path: CriticalPath | null;
  readonly colours: SpanColours;
}

/** Makes a canvas as sharp as the screen, and gives what draws on it in CSS pixels, empty. */
export function freshContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const pixelWidth = Math.round(width * ratio);
  const pixelHeight = Math.round(height * ratio);
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** Sets off what lies after the response: nobody waited for it. */
function paintAfter(context: CanvasRenderingContext2D, height: number, from: number, width: number): void {
  if (from >= width) return;
  context.globalAlpha = 0.4;
  context.fillRect(Math.max(0, from), 0, width - Math.max(0, from), height);
  context.globalAlpha = 1;
}

/** Paints the time grid and a bar for each row. */
export function paintBars(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  scene: BarScene,
): void {
  const { model, visible, first, end, scrollTop, rowHeight, range, ticks, matches, colours } = scene;
  const perNs = width / Math.max(1, range.toNs - range.fromNs);
  context.fillStyle = colours.grid;
  paintAfter(context, height, (endOf(model, model.root) - range.fromNs) * perNs, width);
  for (const tick of ticks) context.fillRect(Math.round((tick - range.fromNs) * perNs), 0, 1, height);
  for (let index = first; index < end; index++) {
    const row = visible[index]!;
    const top = index * rowHeight - scrollTop + BAR_INSET_PX;
    const from = (startOf(model, row) - range.fromNs) * perNs;
    const to = from + durationOf(model, row) * perNs;
    context.globalAlpha = matches === null || matches[row] === 1 ? 1 : DIMMED;
    if (to < 0 || from > width) {
      paintPointer(context, to < 0, width, top, rowHeight - 2 * BAR_INSET_PX, colours.muted);
      continue;
    }
    const left = Math.max(0, Math.min(from, width - BAR_MIN_PX));
    const right = Math.min(width, to);
    context.fillStyle = hasFailed(model, row) ? colours.failed : colours.categories[model.category[row]!]!;
    context.beginPath();
    context.roundRect(left, top, Math.max(BAR_MIN_PX, right - left), rowHeight - 2 * BAR_INSET_PX, 2);
    context.fill();
  }
  context.globalAlpha = 1;
  if (scene.path !== null) paintPath(context, width, scene, scene.path);
}

/** A line below the bars wherever a span was what the request waited for. */
function paintPath(
  context: CanvasRenderingContext2D,
  width: number,
  { visible, first, end, scrollTop, rowHeight, range, colours }: BarScene,
  { row, startNs, endNs }: CriticalPath,
): void {
  const perNs = width / Math.max(1, range.toNs - range.fromNs);
  const indexOf = new Map<number, number>();
  for (let index = first; index < end; index++) indexOf.set(visible[index]!, index);
  context.fillStyle = colours.text;
  for (let at = 0; at < row.length; at++) {
    const index = indexOf.get(row[at]!);
    if (index === undefined) continue;
    const from = Math.max(0, (startNs[at]! - range.fromNs) * perNs);
    const to = Math.min(width, (endNs[at]! - range.fromNs) * perNs);
    if (to < 0 || from > width) continue;
    context.fillRect(
      from,
      (index + 1) * rowHeight - scrollTop - PATH_PX - 1,
      Math.max(1, to - from),
      PATH_PX,
    );
  }
}

/** Shows on which side of the stretch a span lies that is not in it. */
function paintPointer(
  context: CanvasRenderingContext2D,
  isBefore: boolean,
  width: number,
  top: number,
  height: number,
  colour: string,
): void {
  const tip = isBefore ? 2 : width - 2;
  const base = isBefore ? 7 : width - 7;
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(tip, top + height / 2);
  context.lineTo(base, top + 2);
  context.lineTo(base, top + height - 2);
  context.fill();
}
