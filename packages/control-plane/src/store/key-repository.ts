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

  /** The first one of a provider. */
  async ofProvider(provider: string): Promise<KeyRow | undefined> {
    return await this.#db.selectFrom('keys').selectAll().where('provider', '=', provider).executeTakeFirst();
  }
}
