/** A length of time that requests are counted over. */
export interface Period {
  readonly name: 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';
  readonly ms: number;
}

/** Shortest first. Months and years are those of 30 and 365 days. */
export const PERIODS: readonly Period[] = [
  { name: 'second', ms: 1_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'day', ms: 86_400_000 },
  { name: 'month', ms: 30 * 86_400_000 },
  { name: 'year', ms: 365 * 86_400_000 },
];

/** Callers counted in one period at once; beyond it the counters of the window begin anew, so that memory stays bounded. */
const CALLERS_MAX = 100_000;

interface Window {
  start: number;
  readonly counts: Map<string, number>;
}

/** Counts requests per caller in fixed windows that begin at multiples of their length. */
export class WindowCounters {
  readonly #windows = new Map<Period, Window>();

  /** Wall time at which the window of `nowMs` began, milliseconds. */
  windowStart(period: Period, nowMs: number): number {
    return nowMs - (nowMs % period.ms);
  }

  used(caller: string, period: Period, nowMs: number): number {
    return this.#window(period, nowMs).counts.get(caller) ?? 0;
  }

  add(caller: string, period: Period, nowMs: number): void {
    const { counts } = this.#window(period, nowMs);
    if (counts.size >= CALLERS_MAX) counts.clear();
    counts.set(caller, (counts.get(caller) ?? 0) + 1);
  }

  #window(period: Period, nowMs: number): Window {
    const start = this.windowStart(period, nowMs);
    let window = this.#windows.get(period);
    if (window === undefined) {
      window = { start, counts: new Map() };
      this.#windows.set(period, window);
    } else if (window.start !== start) {
      window.start = start;
      window.counts.clear();
    }
    return window;
  }
}
