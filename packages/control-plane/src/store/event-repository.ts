import { CompiledQuery, type Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

/** Rows stored by one statement. */
const ROWS_PER_INSERT = 64;
/** Written out, as it is run for every trace: to build and compile it anew takes longer than to run it. */
const INSERTS: readonly string[] = Array.from(
  { length: ROWS_PER_INSERT + 1 },
  (_, rows) =>
    `insert into events (session_id, seq, kind, ref) values ${Array(rows).fill('(?, ?, ?, ?)').join(', ')}`,
);

export type EventRow = Row<'events'>;

/** The events of sessions as they are kept. */
export class EventRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(rows: readonly EventRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
      const some = rows.slice(at, at + ROWS_PER_INSERT);
      const values: EventRow[keyof EventRow][] = [];
      for (const { session_id, seq, kind, ref } of some) values.push(session_id, seq, kind, ref);
      await this.#db.executeQuery(CompiledQuery.raw(INSERTS[some.length]!, values));
    }
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
