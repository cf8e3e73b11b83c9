import { type Logger, messageOf } from '@gatescope/base';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Store } from '../store/store.ts';

/** How often is looked for what has run out. */
const INTERVAL_MS = 10 * 60_000;

/** Deletes sessions whose time is up, with all that belongs to them. */
export class Retention {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #authenticator: Authenticator;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;

  constructor(store: Store, sessions: Sessions, authenticator: Authenticator, logger: Logger) {
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
      await this.#authenticator.sweep();
      if (expired.length > 0) {
        this.#store.checkpoint();
        this.#logger.log('notice', 'retention', `deleted ${expired.length} sessions whose time was up`);
      }
      return expired.length;
    } catch (error) {
      this.#logger.log('error', 'retention', `what has run out could not be deleted: ${messageOf(error)}`);
      return 0;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
