import type { Kysely } from 'kysely';
import type { LogRow, Schema } from './schema.ts';

/** Log lines as they are kept: in rows of lines that came together, sealed. */
export class LogRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Stores a row unless there is one under its id; answers whether there was none. */
  async addNew(row: LogRow): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('logs')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** The lines of a trace, by the id of its root span. */
  async findOfTrace(sessionId: string, id: string): Promise<LogRow | undefined> {
    return await this.#db
      .selectFrom('logs')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where('id', '=', id)
      .where('of_trace', '=', 1)
      .executeTakeFirst();
  }

  /** The next `limit` rows of a session by their last line, newest first, of those that hold a line of `fromUs` or before. */
  async page(
    sessionId: string,
    fromUs: number | null,
    after: { readonly last_us: number; readonly id: string } | null,
    limit: number,
  ): Promise<LogRow[]> {
    let query = this.#db.selectFrom('logs').selectAll().where('session_id', '=', sessionId);
    if (fromUs !== null) query = query.where('first_us', '<=', fromUs);
    if (after !== null) {
      query = query.where((eb) =>
        eb.or([
          eb('last_us', '<', after.last_us),
          eb.and([eb('last_us', '=', after.last_us), eb('id', '<', after.id)]),
        ]),
      );
    }
    return await query.orderBy('last_us', 'desc').orderBy('id', 'desc').limit(limit).execute();
  }
}
