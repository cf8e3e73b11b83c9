import { AppError } from '@gatescope/base';
import type { SentPayload } from '@gatescope/protocol';
import type { Keyring } from '../keys/keyring.ts';
import type { Store } from '../store/store.ts';
import { openPayload } from './payload-row.ts';

/** Reads captured headers and bodies back; who may is decided before. */
export class PayloadReader {
  readonly #store: Pick<Store, 'payloads'>;
  readonly #keyring: Keyring;

  constructor(store: Pick<Store, 'payloads'>, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /** What was captured of a trace, by the id of its root span. Throws `not_captured`. */
  async read(sessionId: string, rootId: string): Promise<SentPayload> {
    const row = await this.#store.payloads.find(sessionId, rootId);
    if (row === undefined)
      throw new AppError(
        'not_captured',
        'no headers or bodies were captured of this trace; start a session with capture.headers or capture.bodies',
      );
    return openPayload(await this.#keyring.open(sessionId), sessionId, rootId, row.sealed_payload);
  }
}
