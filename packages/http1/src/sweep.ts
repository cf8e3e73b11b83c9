/** Something with a deadline that one coarse timer watches, instead of a timer of its own. */
export interface Deadlined {
  /** performance.now() at which {@link onDeadline} is due; Infinity: never. */
  deadlineMs: number;
  onDeadline(nowMs: number): void;
}

/** How late a deadline can be noticed. */
export const SWEEP_INTERVAL_MS = 50;

/** Watches the deadlines of many things with one timer, which runs only while there is something to watch. */
export class DeadlineSweep {
  readonly #watched = new Set<Deadlined>();
  #timer: NodeJS.Timeout | null = null;

  get size(): number {
    return this.#watched.size;
  }

  add(item: Deadlined): void {
    this.#watched.add(item);
    if (this.#timer === null) {
      this.#timer = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
      this.#timer.unref();
    }
  }

  delete(item: Deadlined): void {
    this.#watched.delete(item);
    if (this.#watched.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  /** All that is watched, for closing or counting. */
  values(): Iterable<Deadlined> {
    return this.#watched;
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const item of this.#watched) {
      if (item.deadlineMs <= nowMs) item.onDeadline(nowMs);
    }
  }
}
