import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Settings of the installation as they are kept, by name. */
export class SettingRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async get(name: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.value;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }

  async remove(name: string): Promise<void> {
    await this.#db.deleteFrom('settings').where('name', '=', name).execute();
  }

  /** The value kept under a name; made and kept where there is none. Two that ask at once get the same. */
  async getOrNew(name: string, make: () => string): Promise<string> {
    await this.#db
      .insertInto('settings')
      .values({ name, value: make() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return row.value;
  }
}
