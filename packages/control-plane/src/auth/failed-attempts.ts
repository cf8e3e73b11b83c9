import { AppError, type Clock, systemClock } from '@gatescope/base';

/** Failed attempts at one account from one address before it is locked, and for how long. */
const ATTEMPTS_MAX = 10;
/** Failed attempts from one address, whichever the accounts, before it is locked. */
const ADDRESS_ATTEMPTS_MAX = 100;
const LOCK_MS = 15 * 60_000;
/** Pairs of account and address remembered. */
const PAIRS_MAX = 10_000;

interface Attempts {
  count: number;
  /** When they are forgotten, and the lock with them; monotonic. */
  until: number;
}

/** Attempts to sign in that failed, by account and address; too many lock the pair for a while. */
export class FailedAttempts {
  readonly #clock: Clock;
  readonly #pairs = new Map<string, Attempts>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Notes an attempt as failed before it is made, so that those that are made at once count too; {@link succeeded} takes it back.
   * Throws `rate_limited`.
   */
  begin(account: string, address: string): void {
    const now = this.#clock.monotonicMs();
    const counted = [
      { attempts: this.#of(pair(account, address), now), max: ATTEMPTS_MAX },
      { attempts: this.#of(address, now), max: ADDRESS_ATTEMPTS_MAX },
    ];
    if (counted.some(({ attempts, max }) => attempts.count >= max))
      throw new AppError('rate_limited', 'too many failed attempts; wait a quarter of an hour');
    for (const { attempts } of counted) {
      attempts.count++;
      attempts.until = now + LOCK_MS;
    }
  }

  succeeded(account: string, address: string): void {
    this.#pairs.delete(pair(account, address));
    const ofAddress = this.#pairs.get(address);
    if (ofAddress !== undefined && --ofAddress.count <= 0) this.#pairs.delete(address);
  }

  #of(key: string, now: number): Attempts {
    const known = this.#pairs.get(key);
    if (known !== undefined && known.until > now) return known;
    // One that is begun anew is the youngest again.
    this.#pairs.delete(key);
    if (this.#pairs.size >= PAIRS_MAX) this.#pairs.delete(this.#pairs.keys().next().value!);
    const begun = { count: 0, until: 0 };
    this.#pairs.set(key, begun);
    return begun;
  }

  /** Forgets what is too old to count. */
  sweep(): void {
    const now = this.#clock.monotonicMs();
    for (const [key, { until }] of this.#pairs) if (until <= now) this.#pairs.delete(key);
  }

  get size(): number {
    return this.#pairs.size;
  }
}

function pair(account: string, address: string): string {
  return JSON.stringify([account, address]);
}
