/** A range of durations, milliseconds: from `fromMs` to below `toMs`. */
export interface DurationRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How many requests took about so long. */
export interface HistogramBin extends DurationRange {
  readonly count: number;
  /** Of these, how many failed. */
  readonly failed: number;
}

/** Bins a decade of durations is cut into, and bins in all, at most. */
const PER_DECADE = 8;
const BINS_MAX = 64;
/** Shorter than this is as good as nothing, milliseconds. */
const LEAST_MS = 0.001;

/** Durations by bins of equal width on a logarithmic scale, from the shortest to the longest; none for no durations. */
export function latencyHistogram(
  requests: readonly { readonly ms: number; readonly failed: boolean }[],
): HistogramBin[] {
  if (requests.length === 0) return [];
  const steps = requests.map(({ ms }) => Math.log10(Math.max(LEAST_MS, ms)) * PER_DECADE);
  const lowest = Math.floor(steps.reduce((least, step) => Math.min(least, step), Number.POSITIVE_INFINITY));
  const highest = Math.floor(steps.reduce((most, step) => Math.max(most, step), Number.NEGATIVE_INFINITY));
  const width = Math.max(1, Math.ceil((highest - lowest + 1) / BINS_MAX));
  const count = Math.ceil((highest - lowest + 1) / width);
  const bins = Array.from({ length: count }, (_, index) => ({
    fromMs: 10 ** ((lowest + index * width) / PER_DECADE),
    toMs: 10 ** ((lowest + (index + 1) * width) / PER_DECADE),
    ...{ count: 0, failed: 0 },
  }));
  requests.forEach(({ failed }, index) => {
    const bin = bins[Math.min(count - 1, Math.floor((Math.floor(steps[index]!) - lowest) / width))]!;
    bin.count++;
    if (failed) bin.failed++;
  });
  return bins;
}
