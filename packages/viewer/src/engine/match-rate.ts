/** A count at an instant, ms. */
export interface CountSample {
  readonly atMs: number;
  readonly count: number;
}

/** The stretch that a rate is told of, ms. */
export const RATE_WINDOW_MS = 10_000;

/** The samples with one more, without those that are too old to tell anything; the newest old one stays as the beginning. */
export function withSample(samples: readonly CountSample[], sample: CountSample): readonly CountSample[] {
  const oldest = sample.atMs - RATE_WINDOW_MS;
  const first = samples.findLastIndex(({ atMs }) => atMs <= oldest);
  return [...samples.slice(Math.max(0, first)), sample];
}

/** How much a count rises in a second, over the window that ends now; null while too little is known. */
export function ratePerSecond(samples: readonly CountSample[], nowMs: number): number | null {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || nowMs - first.atMs < 1_000) return null;
  return Math.max(0, ((last.count - first.count) * 1_000) / (nowMs - first.atMs));
}

/** A rate in a few digits: `0.4`, `12`. */
export function rateText(rate: number): string {
  return rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1).replace(/\.0$/, '');
}
