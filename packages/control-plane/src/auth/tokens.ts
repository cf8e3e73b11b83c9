import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../store/schema.ts';

export type TokenRow = Selectable<Schema['tokens']>;

/** API tokens as they are kept: by the hash of their secret. */
export class Tokens {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first. */
  async all(): Promise<TokenRow[]> {
    return await this.#db
      .selectFrom('tokens')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
  }

  async find(id: string): Promise<TokenRow | undefined> {
    return await this.#db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async add(row: TokenRow): Promise<void> {
    await this.#db.insertInto('tokens').values(row).execute();
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('tokens').where('id', '=', id).execute();
  }
}
