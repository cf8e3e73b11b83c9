import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';

export type EventKind = 'session' | 'node' | 'trace' | 'end';

/** An event as it is stored: what happened to which resource; the resource itself is read when the event is told. */
export interface StoredEvent {
  readonly seq: number;
  readonly kind: EventKind;
  /** Id of the resource. */
  readonly ref: string;
}

/** Rows stored by one statement: SQLite takes no more than 32,766 values. */
const ROWS_PER_INSERT = 1_000;
/** Kinds of which only the newest event matters: it is told with the resource as it is then. */
const REPLACING: ReadonlySet<EventKind> = new Set(['session', 'node', 'end']);

/** Numbers events of a session, without gaps and in the order they are committed, and keeps them. */
export async function appendEvents(
  trx: Transaction<Schema>,
  sessionId: string,
  events: readonly Omit<StoredEvent, 'seq'>[],
): Promise<StoredEvent[]> {
  const updated = await trx
    .updateTable('sessions')
    .set((eb) => ({ event_seq: eb('event_seq', '+', events.length) }))
    .where('id', '=', sessionId)
    .returning('event_seq')
    .executeTakeFirst();
  if (updated === undefined) return [];
  const first = updated.event_seq - events.length + 1;
  const stored = events.map((event, index) => ({ ...event, seq: first + index }));
  for (const event of stored) {
    if (!REPLACING.has(event.kind)) continue;
    await trx
      .deleteFrom('events')
      .where('session_id', '=', sessionId)
      .where('kind', '=', event.kind)
      .where('ref', '=', event.ref)
      .execute();
  }
  for (let at = 0; at < stored.length; at += ROWS_PER_INSERT) {
    const rows = stored.slice(at, at + ROWS_PER_INSERT).map((event) => ({ session_id: sessionId, ...event }));
    await trx.insertInto('events').values(rows).execute();
  }
  return stored;
}

/** Events as they are kept. */
export class EventLog {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** What happened after `seq`, oldest first. */
  async after(sessionId: string, seq: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.#db
      .selectFrom('events')
      .select(['seq', 'kind', 'ref'])
      .where('session_id', '=', sessionId)
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows as StoredEvent[];
  }

  /** The end of a session, or undefined while it lasts. */
  async end(sessionId: string): Promise<StoredEvent | undefined> {
    const row = await this.#db
      .selectFrom('events')
      .select(['seq', 'kind', 'ref'])
      .where('session_id', '=', sessionId)
      .where('kind', '=', 'end')
      .executeTakeFirst();
    return row as StoredEvent | undefined;
  }
}
