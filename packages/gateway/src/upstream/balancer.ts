import type { Target, Upstream } from '../config/entities.ts';

/** Chooses targets in proportion to their weights, spread as evenly as it goes (smooth weighted round-robin). */
export class RoundRobin {
  readonly #targets: readonly Target[];
  readonly #current: number[];
  readonly #total: number;

  constructor(upstream: Upstream) {
    this.#targets = upstream.targets.filter((target) => target.weight > 0);
    this.#current = this.#targets.map(() => 0);
    this.#total = this.#targets.reduce((sum, target) => sum + target.weight, 0);
  }

  /** The next target that is not among `tried`; of those tried already, the next, once all were; null where there is none. */
  next(tried: readonly Target[]): Target | null {
    if (this.#targets.length === 0) return null;
    const allTried = this.#targets.every((target) => tried.includes(target));
    for (let round = 0; round < this.#targets.length; round++) {
      const target = this.#advance();
      if (allTried || !tried.includes(target)) return target;
    }
    return this.#targets.find((target) => !tried.includes(target)) ?? this.#targets[0]!;
  }

  #advance(): Target {
    let best = 0;
    for (let index = 0; index < this.#targets.length; index++) {
      this.#current[index]! += this.#targets[index]!.weight;
      if (this.#current[index]! > this.#current[best]!) best = index;
    }
    this.#current[best]! -= this.#total;
    return this.#targets[best]!;
  }
}
