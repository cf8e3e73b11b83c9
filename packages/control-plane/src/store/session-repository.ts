import type { Kysely } from 'kysely';
import type { Schema, SessionRow } from './schema.ts';

/** What of a session changes while it lives. */
export type SessionFields = Partial<
  Pick<
    SessionRow,
    | 'name'
    | 'duration_seconds'
    | 'max_traces'
    | 'state'
    | 'end_reason'
    | 'started_at'
    | 'ends_at'
    | 'ended_at'
    | 'capture'
  >
>;

/** Sessions as they are kept. */
export class SessionRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(row: SessionRow): Promise<void> {
    await this.#db.insertInto('sessions').values(row).execute();
  }

  async find(id: string): Promise<SessionRow | undefined> {
    return await this.#db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Newest first; `after` is the position of the last one of the page before. */
  async page(
    controlPlaneId: string,
    size: number,
    after: { readonly at: number; readonly id: string } | null,
  ): Promise<SessionRow[]> {
    let query = this.#db.selectFrom('sessions').selectAll().where('control_plane_id', '=', controlPlaneId);
    if (after !== null) {
      query = query.where((eb) =>
        eb.or([
          eb('created_at', '<', after.at),
          eb.and([eb('created_at', '=', after.at), eb('id', '<', after.id)]),
        ]),
      );
    }
    return await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(size).execute();
  }

  /** Those in one of the states, of one control plane or of all. */
  async inStates(states: readonly string[], controlPlaneId?: string): Promise<SessionRow[]> {
    let query = this.#db.selectFrom('sessions').selectAll().where('state', 'in', states);
    if (controlPlaneId !== undefined) query = query.where('control_plane_id', '=', controlPlaneId);
    return await query.execute();
  }

  async count(controlPlaneId: string, states: readonly string[]): Promise<number> {
    const { count } = await this.#db
      .selectFrom('sessions')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('control_plane_id', '=', controlPlaneId)
      .where('state', 'in', states)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async countByState(): Promise<{ state: string; count: number }[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    return rows.map(({ state, count }) => ({ state, count: Number(count) }));
  }

  /** Changes a session where it is in one of the states `from`; answers whether it was. */
  async change(id: string, fields: SessionFields, from: readonly string[]): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set(fields)
      .where('id', '=', id)
      .where('state', 'in', from)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Counts what was stored for a session. */
  async addStored(
    id: string,
    { traces = 0, spans = 0, logs = 0 }: { traces?: number; spans?: number; logs?: number },
  ): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set((eb) => ({
        traces: eb('traces', '+', traces),
        spans: eb('spans', '+', spans),
        logs: eb('logs', '+', logs),
      }))
      .where('id', '=', id)
      .execute();
  }

  /** Numbers `count` events more; answers the last number, or undefined where the session is gone. */
  async takeEventNumbers(id: string, count: number): Promise<number | undefined> {
    const row = await this.#db
      .updateTable('sessions')
      .set((eb) => ({ event_seq: eb('event_seq', '+', count) }))
      .where('id', '=', id)
      .returning('event_seq')
      .executeTakeFirst();
    return row?.event_seq;
  }

  /** Those that have ended and whose time is up at `now`. */
  async expired(now: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('expires_at', '<=', now)
      .where('state', '=', 'ended')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Sessions whose data keys the key wrapped, with those. */
  async wrappedBy(keyId: string): Promise<{ id: string; wrapped_key: Uint8Array }[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['id', 'wrapped_key'])
      .where('key_id', '=', keyId)
      .where('wrapped_key', 'is not', null)
      .execute();
    return rows.map(({ id, wrapped_key }) => ({ id, wrapped_key: wrapped_key! }));
  }

  /** Puts a newly wrapped data key in place of the old one, unless that has been destroyed meanwhile. */
  async rewrapKey(id: string, wrapped: Uint8Array): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ wrapped_key: wrapped })
      .where('id', '=', id)
      .where('wrapped_key', 'is not', null)
      .execute();
  }

  async destroyKey(id: string): Promise<void> {
    await this.#db.updateTable('sessions').set({ wrapped_key: null }).where('id', '=', id).execute();
  }

  /** Whether anything is sealed with a data key that the key wrapped. */
  async isSealedWith(keyId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('key_id', '=', keyId)
      .where('wrapped_key', 'is not', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Whether the control plane has any, ended ones too. */
  async anyOf(controlPlaneId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('control_plane_id', '=', controlPlaneId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Deletes a session and all that belongs to it; to be called in a transaction. */
  async remove(id: string): Promise<void> {
    for (const table of ['traces', 'logs', 'payloads', 'events', 'session_counts', 'session_nodes'] as const)
      await this.#db.deleteFrom(table).where('session_id', '=', id).execute();
    await this.#db.deleteFrom('sessions').where('id', '=', id).execute();
  }
}
