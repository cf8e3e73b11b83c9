import { type Clock, systemClock } from '@gatescope/base';

/** Time that the rules of a user may take for one text, in milliseconds. */
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
  readonly #deadlineMs: number;
  #visits = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#deadlineMs = clock.monotonicMs() + RULES_MS_MAX;
  }

  /** Throws {@link WorkLimitExceeded} where the time is over. */
  check(): void {
    if (this.#clock.monotonicMs() > this.#deadlineMs) throw new WorkLimitExceeded();
  }

  /** Counts one visit to a JSON value. */
  visit(): void {
    if ((++this.#visits & 0xfff) === 0) {
      if (this.#visits > VISITS_MAX) throw new WorkLimitExceeded();
      this.check();
    }
  }
}
