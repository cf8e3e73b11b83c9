import { type Logger, messageOf } from '@gatescope/base';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Store } from '../store/store.ts';

/** How often is looked for what has run out. */
const INTERVAL_MS = 10 * 60_000;

/** Deletes sessions whose time is up, with all that belongs to them, and captured headers and bodies earlier where they are kept for less. */
export class Retention {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #authenticator: Authenticator;
  readonly #logger: Logger;
  readonly #payloadMs: number | null;
  readonly #timer: NodeJS.Timeout;

  /** `payloadMs`: how long captured headers and bodies are kept, from the start of their session; null: as long as that. */
  constructor(
    store: Store,
    sessions: Sessions,
    authenticator: Authenticator,
    logger: Logger,
    payloadMs: number | null,
  ) {
    this.#payloadMs = payloadMs;
    this.#store = store;
    this.#sessions = sessions;
    this.#authenticator = authenticator;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.run(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Deletes what has run out at `now`; answers how many sessions that were. */
  async run(now = Date.now()): Promise<number> {
    try {
      const expired = await this.#store.sessions.expired(now);
      for (const id of expired) await this.#sessions.erase(id);
      const payloads = await this.#removePayloads(now);
      await this.#authenticator.sweep();
      if (expired.length + payloads > 0) this.#store.checkpoint();
      if (expired.length > 0)
        this.#logger.log('notice', 'retention', `deleted ${expired.length} sessions whose time was up`);
      if (payloads > 0)
        this.#logger.log('notice', 'retention', `deleted the headers and bodies of ${payloads} requests`);
      return expired.length;
    } catch (error) {
      this.#logger.log('error', 'retention', `what has run out could not be deleted: ${messageOf(error)}`);
      return 0;
    }
  }

  async #removePayloads(now: number): Promise<number> {
    const payloadMs = this.#payloadMs;
    if (payloadMs === null) return 0;
    return await this.#store.transaction(async ({ payloads }) => await payloads.removeOf(now - payloadMs));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
