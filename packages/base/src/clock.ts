/** Time as the parts of the system see it; tests pass a clock they turn by hand. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch; may jump when the system's clock is set. */
  wallMs(): number;
  /** Monotonic milliseconds with a fraction, from an arbitrary origin; never goes back. */
  monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until it is turned. Both readings advance together. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs: number;

  constructor(wallMs = 1_700_000_000_000, monotonicMs = 0) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Lets `ms` milliseconds pass on both clocks. */
  advance(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }

  /** Sets the wall clock alone, as an operator or NTP would. */
  setWall(ms: number): void {
    this.#wallMs = ms;
  }
}
