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

  /** Deletes those of sessions made at `before` (epoch milliseconds) or earlier, and answers how many. */
  async removeOf(before: number): Promise<number> {
    const old = this.#db.selectFrom('sessions').select('id').where('created_at', '<=', before);
    const { numDeletedRows } = await this.#db
      .deleteFrom('payloads')
      .where('session_id', 'in', old)
      .executeTakeFirst();
    if (numDeletedRows > 0n)
      await this.#db
        .updateTable('traces')
        .set({ has_payload: 0 })
        .where('has_payload', '=', 1)
        .where('session_id', 'in', old)
        .execute();
    return Number(numDeletedRows);
  }
}
