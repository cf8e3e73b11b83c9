import { type Clock, systemClock } from '@gatescope/base';

/** Time that the rules of a user may take for one text, in milliseconds: CPU time where the caller can tell it. */
export const RULES_MS_MAX = 250;
/** JSON values that the JSONPath rules may visit for one text, all together. */
export const VISITS_MAX = 4_000_000;

/** Thrown where rules of a user would take too long; what they should have looked through counts as not scanned. */
export class WorkLimitExceeded extends Error {
  constructor() {
    super('the redaction rules took too long');
    this.name = 'WorkLimitExceeded';
  }
}

/**
 * What the rules of a user may spend on one text. A search for a pattern is linear, but a pattern may ask for as many searches as the text has
 * characters, and a JSONPath may ask for a search under every value.
 */
export class WorkLimit {
  readonly #clock: Clock;
  readonly #spentMs: () => number;
  /** When it is worth asking what was spent; null until work has begun. */
  #askMs: number | null = null;
  #startMs = 0;
  #visits = 0;

  /** `spentMs` tells milliseconds of work: CPU time, so that what a busy machine gives to others does not count. Left out: the time that passes. */
  constructor(clock: Clock = systemClock, spentMs: () => number = () => clock.monotonicMs()) {
    this.#clock = clock;
    this.#spentMs = spentMs;
  }

  /** Throws {@link WorkLimitExceeded} where the time is over, which begins with the first call. */
  check(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#askMs === null) this.#startMs = this.#spentMs();
    else if (nowMs <= this.#askMs) return;
    const leftMs = RULES_MS_MAX - (this.#spentMs() - this.#startMs);
    if (leftMs < 0) throw new WorkLimitExceeded();
    this.#askMs = nowMs + leftMs;
  }

  /** Counts one visit to a JSON value. */
  visit(): void {
    if ((++this.#visits & 0xfff) === 0) {
      if (this.#visits > VISITS_MAX) throw new WorkLimitExceeded();
      this.check();
    }
  }
}
