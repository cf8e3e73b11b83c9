import { AppError, messageOf, uuid } from '@gatescope/base';
import { adoptKey, type KeyConfig, KeyError } from '@gatescope/envelope';
import type { Key, KeyRequest } from '@gatescope/protocol';
import type { Actor } from '../audit/actor.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { KeyRow } from '../store/key-repository.ts';
import type { Store } from '../store/store.ts';
import { timestamp, timestampOrNull } from '../time.ts';
import type { Keyring } from './keyring.ts';

/** How long is waited for a key to answer before it counts as unreachable, milliseconds. */
const CHECK_MS_MAX = 3_000;

/** What admins do with the keys that wrap the data keys of sessions. */
export class Keys {
  readonly #store: Store;
  readonly #keyring: Keyring;
  readonly #audit: AuditLog;

  constructor(store: Store, keyring: Keyring, audit: AuditLog) {
    this.#store = store;
    this.#keyring = keyring;
    this.#audit = audit;
  }

  /** In the order in which they were registered, each checked. */
  async list(): Promise<Key[]> {
    const rows = await this.#store.keys.all();
    return await Promise.all(rows.map((row) => this.#view(row)));
  }

  /** Throws `not_found`. */
  async view(id: string): Promise<Key> {
    return await this.#view(await this.#row(id));
  }

  /** Registers a key that can be used. Throws `invalid_request` where it can not, and `conflict` where there is one of the name. */
  async add({ name, provider, config }: KeyRequest, by: Actor): Promise<Key> {
    if ((await this.#store.keys.all()).some((row) => row.name === name))
      throw new AppError('conflict', `there is a key ${name} already; choose another name`);
    const adopted = await adoptKey(provider, config as KeyConfig).catch((error: unknown) => {
      // Nothing is sealed with it yet: what the request names is wrong, or not there yet.
      if (error instanceof KeyError)
        throw new AppError('invalid_request', `the key can't be used: ${error.message}`, { cause: error });
      throw error;
    });
    const row: KeyRow = {
      id: uuid(),
      name,
      provider,
      state: 'inactive',
      config: JSON.stringify(adopted),
      created_at: Date.now(),
      activated_at: null,
      reason: null,
    };
    await this.#store.keys.add(row);
    await this.#audit.note(by, 'key.add', row.id, { name, provider });
    return await this.#view(row);
  }

  /** Makes a key the one that new sessions are sealed with; what it sealed before can be read again. Throws `key_unavailable`. */
  async activate(id: string, by: Actor): Promise<Key> {
    const row = await this.#row(id);
    await this.#keyring.providerOf(row).describe();
    await this.#store.transaction(async ({ keys }) => await keys.activate(id, Date.now()));
    await this.#audit.note(by, 'key.activate', id, { name: row.name });
    void this.#keyring.resumeRewraps().catch(() => {});
    return await this.view(id);
  }

  /** Makes a new version of a key, and wraps anew in the background. Throws `conflict` where it is disabled, and `key_unavailable`. */
  async rotate(id: string, by: Actor): Promise<Key> {
    const row = await this.#row(id);
    if (row.state === 'disabled')
      throw new AppError('conflict', `the key ${row.name} is disabled; activate it first`);
    const config = JSON.stringify(await this.#keyring.providerOf(row).rotate());
    await this.#keyring.rotated(row, config);
    await this.#audit.note(by, 'key.rotate', id, { name: row.name });
    const rotated = { ...row, config };
    void this.#keyring.rewrap(rotated).catch(() => {});
    return await this.#view(rotated);
  }

  /** What the key sealed can't be read, and nothing more is sealed with it, until it is activated again. */
  async disable(id: string, by: Actor): Promise<Key> {
    const row = await this.#row(id);
    await this.#store.keys.change(id, { state: 'disabled' });
    this.#keyring.forgetKey(id);
    await this.#audit.note(by, 'key.disable', id, { name: row.name });
    return await this.view(id);
  }

  async #row(id: string): Promise<KeyRow> {
    const row = await this.#store.keys.find(id);
    if (row === undefined) throw new AppError('not_found', `there is no key ${id}`);
    return row;
  }

  async #view(row: KeyRow): Promise<Key> {
    const { state, reason } = await this.#stateOf(row);
    return {
      id: row.id,
      name: row.name,
      provider: row.provider as Key['provider'],
      state,
      created_at: timestamp(row.created_at),
      activated_at: timestampOrNull(row.activated_at),
      reason,
    };
  }

  async #stateOf(row: KeyRow): Promise<Pick<Key, 'state' | 'reason'>> {
    if (row.state === 'disabled') return { state: 'disabled', reason: 'disabled by an admin' };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS_MAX} ms`)), CHECK_MS_MAX);
    });
    try {
      await Promise.race([this.#keyring.providerOf(row).describe(), late]);
      return { state: row.state as Key['state'], reason: null };
    } catch (error) {
      const trouble = error instanceof KeyError ? error.trouble : 'unavailable';
      const state = trouble === 'disabled' || trouble === 'destroyed' ? trouble : 'unreachable';
      return { state, reason: messageOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
