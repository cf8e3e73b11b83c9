/** Something with a deadline that one timer watches for many, instead of a timer of its own. */
export abstract class Deadlined {
  #deadlineMs = Number.POSITIVE_INFINITY;
  #sweep: DeadlineSweep | null = null;

  /** performance.now() at which {@link onDeadline} is due; Infinity: never. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  set deadlineMs(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    this.#sweep?.lookBy(deadlineMs);
  }

  watchedBy(sweep: DeadlineSweep | null): void {
    this.#sweep = sweep;
  }

  abstract onDeadline(nowMs: number): void;
}

/** How late a deadline can be noticed: there is so much between two looks at all of them. */
export const SWEEP_INTERVAL_MS = 50;
/** A timer takes no more than 2^31 ms. */
const TIMER_MS_MAX = 3_600_000;

/** Watches the deadlines of many things with one timer, which wakes the process when the first of them is due and not before. */
export class DeadlineSweep {
  readonly #watched = new Set<Deadlined>();
  #timer: NodeJS.Timeout | null = null;
  /** performance.now() of the next look; Infinity: none is planned. */
  #nextMs = Number.POSITIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#watched.size;
  }

  add(item: Deadlined): void {
    this.#watched.add(item);
    item.watchedBy(this);
    this.lookBy(item.deadlineMs);
  }

  delete(item: Deadlined): void {
    if (!this.#watched.delete(item)) return;
    item.watchedBy(null);
    if (this.#watched.size === 0) this.#unplan();
  }

  /** All that is watched, for closing or counting. */
  values(): Iterable<Deadlined> {
    return this.#watched;
  }

  /** Sees to it that deadlines are looked at by then. */
  lookBy(deadlineMs: number): void {
    const atMs = Math.max(deadlineMs, this.#lookedMs + SWEEP_INTERVAL_MS);
    if (atMs >= this.#nextMs) return;
    this.#unplan();
    this.#nextMs = atMs;
    const inMs = Math.ceil(atMs - performance.now());
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(inMs, 1), TIMER_MS_MAX));
    this.#timer.unref();
  }

  #unplan(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#nextMs = Number.POSITIVE_INFINITY;
  }

  #look(): void {
    const nowMs = performance.now();
    this.#unplan();
    this.#lookedMs = nowMs;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const item of this.#watched) {
      if (item.deadlineMs <= nowMs) item.onDeadline(nowMs);
      else firstMs = Math.min(firstMs, item.deadlineMs);
    }
    this.lookBy(firstMs);
  }
}
