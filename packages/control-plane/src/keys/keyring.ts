import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError, type Logger, messageOf, uuid } from '@gatescope/base';
import {
  dataKeyContext,
  type KeyConfig,
  KeyError,
  type KeyProvider,
  type KeyProviderName,
  LocalKey,
  openKey,
} from '@gatescope/envelope';
import type { KeyRow } from '../store/key-repository.ts';
import type { Store } from '../store/store.ts';

/** The organisation everything is bound to; a deployment serves one. */
export const ORGANISATION = 'default';
/** Data keys kept open in memory. */
const OPEN_KEYS_MAX = 256;

/** Gives sessions their data keys, wrapped by the active key, and opens them again. */
export class Keyring {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #providers = new Map<string, { readonly config: string; readonly provider: KeyProvider }>();
  readonly #open = new Map<string, { readonly keyId: string; readonly dataKey: Buffer }>();

  private constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * The keyring with the keys that are registered. The first one, of an installation that has none yet, is in the file at `path`, which is
   * made where nothing is sealed with it.
   */
  static async open(store: Store, path: string, logger: Logger): Promise<Keyring> {
    const first = await store.keys.ofProvider('local');
    if (first === undefined && (await store.keys.all()).length === 0) {
      const now = Date.now();
      await store.keys.add({
        id: uuid(),
        name: 'local',
        provider: 'local',
        state: 'active',
        config: JSON.stringify({ path }),
        created_at: now,
        activated_at: now,
        reason: null,
      });
    }
    const local = await store.keys.ofProvider('local');
    let file = local === undefined ? undefined : (JSON.parse(local.config) as KeyConfig).path;
    if (file !== undefined && file !== path && basename(file) === basename(path) && existsSync(path)) {
      // The data directory is another one than before: it was moved, or brought back from a backup, and the key with it.
      await store.keys.change(local!.id, { config: JSON.stringify({ path }) });
      file = path;
    }
    if (file === path && !existsSync(path) && !(await store.sessions.isSealedWith(local!.id)))
      LocalKey.create(path);
    return new Keyring(store, logger);
  }

  /** A new data key for a session: the wrapped form and the id of the key that wrapped it are to be stored. Throws `key_unavailable`. */
  async create(sessionId: string): Promise<{ keyId: string; wrapped: Uint8Array }> {
    const active = (await this.#store.keys.all()).find(({ state }) => state === 'active');
    if (active === undefined)
      throw new AppError('key_unavailable', 'no key is active; activate one with POST /keys/{id}/activate');
    const context = dataKeyContext(ORGANISATION, sessionId);
    const { dataKey, wrapped } = await this.providerOf(active).generateDataKey(context);
    this.#remember(sessionId, active.id, dataKey);
    return { keyId: active.id, wrapped };
  }

  /** The data key of a session. Throws `key_unavailable` saying which key is missing and `not_found` for a session that is gone. */
  async open(sessionId: string): Promise<Buffer> {
    const open = this.#open.get(sessionId);
    if (open !== undefined) return open.dataKey;
    const row = await this.#store.sessions.find(sessionId);
    if (row === undefined) throw new AppError('not_found', `there is no session ${sessionId}`);
    if (row.wrapped_key === null)
      throw new AppError('key_unavailable', 'the data key of this session has been destroyed');
    const key = await this.#store.keys.find(row.key_id);
    if (key === undefined) throw new AppError('key_unavailable', `there is no key ${row.key_id} any more`);
    const dataKey = await this.#provider(key).unwrap(
      row.wrapped_key,
      dataKeyContext(ORGANISATION, sessionId),
    );
    this.#remember(sessionId, key.id, dataKey);
    return dataKey;
  }

  /** The provider of a key, whether it is disabled or not. */
  providerOf(key: KeyRow): KeyProvider {
    const known = this.#providers.get(key.id);
    if (known?.config === key.config) return known.provider;
    const provider = openKey(key.provider as KeyProviderName, JSON.parse(key.config) as KeyConfig);
    this.#providers.set(key.id, { config: key.config, provider });
    return provider;
  }

  /** A key has a new version from now on, and its data keys are to be wrapped anew; that is remembered until {@link rewrap} has done it. */
  async rotated(key: KeyRow, config: string): Promise<void> {
    await this.#store.transaction(async ({ keys, settings }) => {
      await keys.change(key.id, { config });
      await settings.set(pendingRewrap(key), config);
    });
  }

  /** Wraps anew what was to be when the last process ended, or could not be for a while. */
  async resumeRewraps(): Promise<void> {
    for (const key of await this.#store.keys.all()) {
      const isPending = (await this.#store.settings.get(pendingRewrap(key))) !== undefined;
      if (isPending && key.state !== 'disabled') await this.rewrap(key);
    }
  }

  /** Wraps the data keys of a key's sessions by the version of it that is in force. Failures are logged; the old wrapping stays good. */
  async rewrap(key: KeyRow): Promise<void> {
    const provider = this.#provider(key);
    let failed = 0;
    const sessions = await this.#store.sessions.wrappedBy(key.id);
    for (const { id, wrapped_key } of sessions) {
      try {
        const wrapped = await provider.rewrap(wrapped_key, dataKeyContext(ORGANISATION, id));
        await this.#store.sessions.rewrapKey(id, wrapped);
      } catch (error) {
        failed++;
        this.#logger.log(
          'error',
          'keys',
          `session ${id} stays with an earlier version of its key: ${messageOf(error)}`,
        );
      }
    }
    // Where it was rotated once more meanwhile, the wrapping for that is still under way.
    const { settings } = this.#store;
    if (failed === 0 && (await settings.get(pendingRewrap(key))) === key.config)
      await settings.remove(pendingRewrap(key));
    this.#logger.log(
      'notice',
      'keys',
      `${sessions.length - failed} of ${sessions.length} data keys wrapped anew by ${key.name}`,
    );
  }

  forget(sessionId: string): void {
    this.#open.get(sessionId)?.dataKey.fill(0);
    this.#open.delete(sessionId);
  }

  /** Forgets every data key that a key wrapped. */
  forgetKey(keyId: string): void {
    for (const [sessionId, open] of this.#open) if (open.keyId === keyId) this.forget(sessionId);
    this.#providers.delete(keyId);
  }

  #provider(key: KeyRow): KeyProvider {
    if (key.state === 'disabled')
      throw new KeyError(
        'disabled',
        `the key ${key.name} is disabled; an organisation admin can activate it again`,
      );
    return this.providerOf(key);
  }

  #remember(sessionId: string, keyId: string, dataKey: Buffer): void {
    if (this.#open.size >= OPEN_KEYS_MAX) this.#open.delete(this.#open.keys().next().value!);
    this.#open.set(sessionId, { keyId, dataKey });
  }
}

/** The name of the setting that is there while data keys wait to be wrapped by a new version. */
function pendingRewrap(key: KeyRow): string {
  return `rewrap.${key.id}`;
}
