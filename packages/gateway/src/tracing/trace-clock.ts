const WORD = 0x1_0000_0000;

/** Turns the moments of one request into wall time, as nanoseconds in two words. One instance serves a worker. */
export class TraceClock {
  /** The wall time of the request's beginning: `high` · 2^32 + `low` nanoseconds, whole microseconds. */
  high = 0;
  low = 0;
  #originMs = 0;

  /** Points it at a request that began at `originMs` of performance.now(), to which `wallOffsetMs` is added to get wall time. */
  of(wallOffsetMs: number, originMs: number): this {
    const us = Math.round((wallOffsetMs + originMs) * 1_000);
    // In two steps: the nanoseconds since 1970 are more than a number holds.
    const low = (us % WORD) * 1_000;
    const carry = Math.floor(low / WORD);
    this.high = Math.floor(us / WORD) * 1_000 + carry;
    this.low = low - carry * WORD;
    this.#originMs = originMs;
    return this;
  }

  /** Nanoseconds from the request's beginning to a moment that is not before it. */
  since(ms: number): number {
    return Math.max(0, Math.round((ms - this.#originMs) * 1e6));
  }
}
