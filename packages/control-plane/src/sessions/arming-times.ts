/** Upper bounds of the buckets, milliseconds. */
const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

/** A histogram of how long arming took. */
export class ArmingTimes {
  readonly #counts = new Array<number>(BOUNDS_MS.length).fill(0);
  #count = 0;
  #sumMs = 0;

  note(ms: number): void {
    this.#count++;
    this.#sumMs += ms;
    const bucket = BOUNDS_MS.findIndex((bound) => ms <= bound);
    if (bucket >= 0) this.#counts[bucket]!++;
  }

  /** As Prometheus has it: cumulative, in seconds. */
  lines(name: string): string[] {
    let below = 0;
    const buckets = BOUNDS_MS.map((bound, index) => {
      below += this.#counts[index]!;
      return `${name}_bucket{le="${bound / 1_000}"} ${below}`;
    });
    return [
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sumMs / 1_000}`,
      `${name}_count ${this.#count}`,
    ];
  }
}
