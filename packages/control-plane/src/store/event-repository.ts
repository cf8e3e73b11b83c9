import type { Kysely } from 'kysely';
import { RowInserts } from './row-inserts.ts';
import type { Row, Schema } from './schema.ts';

export type EventRow = Row<'events'>;

/** 64 rows are stored by one statement. */
const inserts = new RowInserts<EventRow>('events', ['session_id', 'seq', 'kind', 'ref'], 64);

/** The events of sessions as they are kept. */
export class EventRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(rows: readonly EventRow[]): Promise<void> {
    for (const insert of inserts.of(rows)) await this.#db.executeQuery(insert);
  }

  /** Removes what was said before of the same resource. */
  async remove(sessionId: string, kind: string, ref: string): Promise<void> {
    await this.#db
      .deleteFrom('events')
      .where('session_id', '=', sessionId)
      .where('kind', '=', kind)
      .where('ref', '=', ref)
      .execute();
  }

  /** What happened after `seq`, oldest first. */
  async after(sessionId: string, seq: number, limit: number): Promise<EventRow[]> {
    return await this.#db
      .selectFrom('events')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute();
  }

  /** The newest event of a kind. */
  async last(sessionId: string, kind: string): Promise<EventRow | undefined> {
    return await this.#db
      .selectFrom('events')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where('kind', '=', kind)
      .orderBy('seq', 'desc')
      .executeTakeFirst();
  }
}
