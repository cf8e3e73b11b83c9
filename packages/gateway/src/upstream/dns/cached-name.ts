import type { DnsAnswer, DnsRecords } from './dns-answer.ts';

/** What is remembered of a name. */
export interface CachedName {
  /** Null where nothing was found. */
  readonly records: DnsRecords | null;
  readonly error: string | null;
  /** performance.now() from which it is asked for again. */
  readonly expiresMs: number;
  /** performance.now() until which it is used all the same while it is asked for again. */
  readonly staleUntilMs: number;
  /** performance.now() before which it is not asked for again although it has expired. */
  retryMs: number;
  readonly turns: Turns;
}

/** A cached answer; its addresses take turns, by their weights, in being the first. */
export function answerFromCache(
  name: string,
  { records, error, turns }: CachedName,
  isStale: boolean,
): DnsAnswer {
  const stale = isStale ? { stale: true } : {};
  if (records === null) {
    const told = error ?? 'ENOTFOUND';
    return {
      ...{ addresses: [], ports: [] },
      attempts: [{ name, error: told, cache_hit: true }],
      ...{ cacheHit: true, error: told },
    };
  }
  const first = turns.next();
  const addresses = turned(records.addresses, first);
  return {
    addresses,
    ports: turned(records.ports, first),
    attempts: [{ name, type: records.type, answer: addresses.join(' '), cache_hit: true, ...stale }],
    cacheHit: true,
    error: null,
  };
}

function turned<T>(list: readonly T[], first: number): readonly T[] {
  return first === 0 || list.length === 0 ? list : [...list.slice(first), ...list.slice(0, first)];
}

/** Takes places in turn, in proportion to their weights (smooth weighted round-robin). */
export class Turns {
  readonly #weights: readonly number[];
  readonly #current: number[];
  readonly #total: number;
  readonly #count: number;
  #next = 0;

  /** `weights` is empty where all of `count` weigh the same. */
  constructor(count: number, weights: readonly number[]) {
    this.#count = count;
    this.#weights = weights;
    this.#current = weights.map(() => 0);
    this.#total = weights.reduce((sum, weight) => sum + weight, 0);
  }

  next(): number {
    if (this.#weights.length === 0) {
      const index = this.#next;
      this.#next = this.#count === 0 ? 0 : (index + 1) % this.#count;
      return index;
    }
    let best = 0;
    for (let index = 0; index < this.#weights.length; index++) {
      this.#current[index]! += this.#weights[index]!;
      if (this.#current[index]! > this.#current[best]!) best = index;
    }
    this.#current[best]! -= this.#total;
    return best;
  }
}
