import { existsSync } from 'node:fs';
import { AppError, uuid } from '@gatescope/base';
import { dataKeyContext, type KeyProvider, LocalKey, newDataKey } from '@gatescope/envelope';
import type { Repositories } from './store/repositories.ts';

/** The organisation everything is bound to; a deployment serves one. */
export const ORGANISATION = 'default';
/** Where is kept which key wrapped which data key. */
type KeptKeys = Pick<Repositories, 'keys' | 'sessions'>;

/** Data keys kept open in memory. */
const OPEN_KEYS_MAX = 256;

/** Gives sessions their data keys, wrapped by the active key, and opens them again. */
export class Keyring {
  readonly #kept: KeptKeys;
  readonly #providers: ReadonlyMap<string, KeyProvider>;
  readonly #activeId: string;
  readonly #open = new Map<string, Buffer>();

  private constructor(kept: KeptKeys, activeId: string, providers: ReadonlyMap<string, KeyProvider>) {
    this.#kept = kept;
    this.#activeId = activeId;
    this.#providers = providers;
  }

  /** The keyring with the local key in a file as its active one; the file is made where nothing is sealed with it yet. */
  static async withLocalKey(kept: KeptKeys, path: string): Promise<Keyring> {
    const known = await kept.keys.ofProvider('local');
    const id = known?.id ?? uuid();
    if (known === undefined) {
      const now = Date.now();
      await kept.keys.add({
        id,
        name: 'local',
        provider: 'local',
        state: 'active',
        config: JSON.stringify({ path }),
        created_at: now,
        activated_at: now,
        reason: null,
      });
    }
    if (!(await kept.sessions.isSealedWith(id)) && !existsSync(path)) LocalKey.create(path);
    return new Keyring(kept, id, new Map([[id, new ExpectedLocalKey(path)]]));
  }

  /** A new data key for a session: the wrapped form and the id of the key that wrapped it are to be stored. */
  async create(sessionId: string): Promise<{ keyId: string; wrapped: Uint8Array }> {
    const dataKey = newDataKey();
    const wrapped = await this.#provider(this.#activeId).wrap(
      dataKey,
      dataKeyContext(ORGANISATION, sessionId),
    );
    this.#remember(sessionId, dataKey);
    return { keyId: this.#activeId, wrapped };
  }

  /** The data key of a session. Throws `key_unavailable` saying which key is missing and `not_found` for a session that is gone. */
  async open(sessionId: string): Promise<Buffer> {
    const open = this.#open.get(sessionId);
    if (open !== undefined) return open;
    const row = await this.#kept.sessions.find(sessionId);
    if (row === undefined) throw new AppError('not_found', `there is no session ${sessionId}`);
    if (row.wrapped_key === null)
      throw new AppError('key_unavailable', 'the data key of this session has been destroyed');
    const dataKey = await this.#provider(row.key_id).unwrap(
      row.wrapped_key,
      dataKeyContext(ORGANISATION, sessionId),
    );
    this.#remember(sessionId, dataKey);
    return dataKey;
  }

  forget(sessionId: string): void {
    this.#open.get(sessionId)?.fill(0);
    this.#open.delete(sessionId);
  }

  #remember(sessionId: string, dataKey: Buffer): void {
    if (this.#open.size >= OPEN_KEYS_MAX) this.#open.delete(this.#open.keys().next().value!);
    this.#open.set(sessionId, dataKey);
  }

  #provider(keyId: string): KeyProvider {
    const provider = this.#providers.get(keyId);
    if (provider === undefined) throw new AppError('key_unavailable', `key ${keyId} is not configured here`);
    return provider;
  }
}

/** The local key where it has to be there already; says how to mend it where it is not. */
class ExpectedLocalKey implements KeyProvider {
  readonly #path: string;
  readonly #key: LocalKey;

  constructor(path: string) {
    this.#path = path;
    this.#key = new LocalKey(path);
  }

  async wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    this.#expect();
    return await this.#key.wrap(dataKey, context);
  }

  async unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer> {
    this.#expect();
    return await this.#key.unwrap(wrapped, context);
  }

  #expect(): void {
    if (existsSync(this.#path)) return;
    throw new AppError(
      'key_unavailable',
      `the key file ${this.#path} is missing, and sessions are sealed with it; put it back from a backup, or delete those sessions and restart`,
    );
  }
}
