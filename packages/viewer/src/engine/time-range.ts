/** A stretch of a trace's time, nanoseconds after its origin. */
export interface TimeRange {
  readonly fromNs: number;
  readonly toNs: number;
}

/** The shortest stretch that can be zoomed to. */
const SHORTEST_NS = 100;

/** A range within `0 … endNs`, in order and no shorter than 100 ns. */
export function clampRange({ fromNs, toNs }: TimeRange, endNs: number): TimeRange {
  const whole = Math.max(endNs, 1);
  const length = Math.min(whole, Math.max(Math.min(SHORTEST_NS, whole), Math.abs(toNs - fromNs)));
  const from = Math.min(Math.max(0, Math.min(fromNs, toNs)), whole - length);
  return { fromNs: from, toNs: from + length };
}

/** Zooms by a factor (below 1: closer) so that the instant `aroundNs` stays where it is. */
export function zoomRange(range: TimeRange, factor: number, aroundNs: number, endNs: number): TimeRange {
  const length = Math.max(SHORTEST_NS, (range.toNs - range.fromNs) * factor);
  const share = (aroundNs - range.fromNs) / Math.max(1, range.toNs - range.fromNs);
  const fromNs = aroundNs - share * length;
  return clampRange({ fromNs, toNs: fromNs + length }, endNs);
}

/** Moves the range by nanoseconds, as far as there is room. */
export function panRange(range: TimeRange, byNs: number, endNs: number): TimeRange {
  return clampRange({ fromNs: range.fromNs + byNs, toNs: range.toNs + byNs }, endNs);
}

/** Whether the range is the whole trace. */
export function isWhole({ fromNs, toNs }: TimeRange, endNs: number): boolean {
  return fromNs <= 0 && toNs >= endNs;
}

/** Round instants within the range, at most `most` of them: one, two or five times a power of ten apart. */
export function axisTicks({ fromNs, toNs }: TimeRange, most: number): number[] {
  const rough = Math.max(1, (toNs - fromNs) / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromNs / step) * step; at <= toNs; at += step) ticks.push(at);
  return ticks;
}
