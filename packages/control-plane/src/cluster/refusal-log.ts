import { type Clock, type Logger, systemClock } from '@gatescope/base';

/** The same refusal of the same peer is told again after it. */
const AGAIN_MS = 60_000;
/** Refusals remembered. */
const KNOWN_MAX = 1_000;

/** Tells of peers that were refused, each reason once a minute: a node tries again and again. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #told = new Map<string, number>();
  /** Since the start. */
  refused = 0;

  constructor(logger: Logger, clock: Clock = systemClock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  tell(client: string, reason: string): void {
    this.refused++;
    const key = JSON.stringify([client, reason]);
    const now = this.#clock.monotonicMs();
    if (now - (this.#told.get(key) ?? -AGAIN_MS) < AGAIN_MS) return;
    this.#told.delete(key);
    if (this.#told.size >= KNOWN_MAX) this.#told.delete(this.#told.keys().next().value!);
    this.#told.set(key, now);
    this.#logger.log('warn', 'cluster', `a node was refused: ${reason}`, { client });
  }
}
