import type { TraceSummary } from '@gatescope/protocol';
import { decadesOf, type ScatterScale, xOf, yOf } from '../engine/scatter.ts';

const RADIUS_PX = 2.5;

/** Draws traces as points: dots, and crosses for errors, so that they differ without their colour; those not in `bright` faint. */
export function paintScatter(
  canvas: HTMLCanvasElement,
  scale: ScatterScale,
  traces: readonly TraceSummary[],
  bright: ReadonlySet<string>,
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(scale.width * ratio);
  canvas.height = Math.round(scale.height * ratio);
  context.scale(ratio, ratio);
  const colours = getComputedStyle(canvas);
  const colour = (name: string) => colours.getPropertyValue(name).trim();
  context.strokeStyle = colour('--border');
  context.lineWidth = 1;
  context.beginPath();
  for (const ms of decadesOf(scale)) {
    const y = Math.round(yOf(scale, ms)) + 0.5;
    context.moveTo(0, y);
    context.lineTo(scale.width, y);
  }
  context.stroke();
  const fine = colour('--cat-upstream');
  const warn = colour('--cat-gateway');
  const failed = colour('--danger');
  context.lineWidth = 1.6;
  // The oldest first, so that the newest lies on top.
  for (let index = traces.length - 1; index >= 0; index--) {
    const { id, started_at: startedAt, duration_ms: ms, status_code: status, error } = traces[index]!;
    const x = xOf(scale, Date.parse(startedAt));
    const y = yOf(scale, ms);
    const isFailed = error !== null || status === null || status >= 500;
    context.globalAlpha = bright.has(id) ? 0.85 : 0.15;
    context.beginPath();
    if (isFailed) {
      context.strokeStyle = failed;
      context.moveTo(x - RADIUS_PX, y - RADIUS_PX);
      context.lineTo(x + RADIUS_PX, y + RADIUS_PX);
      context.moveTo(x + RADIUS_PX, y - RADIUS_PX);
      context.lineTo(x - RADIUS_PX, y + RADIUS_PX);
      context.stroke();
    } else {
      context.fillStyle = status >= 400 ? warn : fine;
      context.arc(x, y, RADIUS_PX, 0, Math.PI * 2);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}
