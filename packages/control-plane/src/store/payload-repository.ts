import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

/** Captured headers and bodies as they are kept: one sealed value a trace. */
export class PayloadRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(row: Row<'payloads'>): Promise<void> {
    await this.#db.insertInto('payloads').values(row).execute();
  }

  /** By the id of the trace's root span. */
  async find(sessionId: string, id: string): Promise<Row<'payloads'> | undefined> {
    return await this.#db
      .selectFrom('payloads')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where('id', '=', id)
      .executeTakeFirst();
  }
}
