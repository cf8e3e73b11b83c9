import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type KeyRow = Row<'keys'>;

/** The keys that wrap data keys, as they are kept: how to reach them, never what they are. */
export class KeyRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(row: KeyRow): Promise<void> {
    await this.#db.insertInto('keys').values(row).execute();
  }

  async find(id: string): Promise<KeyRow | undefined> {
    return await this.#db.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** In the order in which they were registered. */
  async all(): Promise<KeyRow[]> {
    return await this.#db.selectFrom('keys').selectAll().orderBy('created_at').orderBy('id').execute();
  }

  async change(
    id: string,
    fields: Partial<Pick<KeyRow, 'state' | 'config' | 'activated_at'>>,
  ): Promise<void> {
    await this.#db.updateTable('keys').set(fields).where('id', '=', id).execute();
  }

  /** Makes one key the active one; the one that was is kept for what it sealed. */
  async activate(id: string, now: number): Promise<void> {
    await this.#db
      .updateTable('keys')
      .set({ state: 'inactive' })
      .where('state', '=', 'active')
      .where('id', '!=', id)
      .execute();
    await this.change(id, { state: 'active', activated_at: now });
  }

  /** The first one of a provider. */
  async ofProvider(provider: string): Promise<KeyRow | undefined> {
    return await this.#db.selectFrom('keys').selectAll().where('provider', '=', provider).executeTakeFirst();
  }
}
