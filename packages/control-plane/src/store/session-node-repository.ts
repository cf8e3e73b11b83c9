import type { Kysely } from 'kysely';
import type { Row, Schema, SessionRow } from './schema.ts';

export type SessionNodeRow = Row<'session_nodes'>;
export type SessionCountRow = Row<'session_counts'>;

/** What each node says of each session: its state there, and what it counted. */
export class SessionNodeRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(rows: readonly SessionNodeRow[]): Promise<void> {
    await this.#db.insertInto('session_nodes').values(rows).execute();
  }

  /** A node joins a session as pending, unless it belongs to it already. */
  async join(sessionId: string, nodeId: string): Promise<void> {
    await this.#db
      .insertInto('session_nodes')
      .values({
        session_id: sessionId,
        node_id: nodeId,
        state: 'pending',
        armed_at: null,
        reason: null,
        asked_at: Date.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async has(sessionId: string, nodeId: string): Promise<boolean> {
    return (await this.stateOf(sessionId, nodeId)) !== undefined;
  }

  /** A node's state in a session; undefined: it does not belong to it. */
  async stateOf(sessionId: string, nodeId: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('session_nodes')
      .select('state')
      .where('session_id', '=', sessionId)
      .where('node_id', '=', nodeId)
      .executeTakeFirst();
    return row?.state;
  }

  /** Of some sessions, by node. */
  async of(sessionIds: readonly string[]): Promise<SessionNodeRow[]> {
    return await this.#db
      .selectFrom('session_nodes')
      .selectAll()
      .where('session_id', 'in', sessionIds)
      .orderBy('node_id')
      .execute();
  }

  /** The sessions that a node belongs to and that are in one of the states, oldest first. */
  async sessionsOn(nodeId: string, states: readonly string[]): Promise<SessionRow[]> {
    return await this.#db
      .selectFrom('sessions')
      .innerJoin('session_nodes', 'session_nodes.session_id', 'sessions.id')
      .selectAll('sessions')
      .where('session_nodes.node_id', '=', nodeId)
      .where('sessions.state', 'in', states)
      .orderBy('sessions.created_at')
      .execute();
  }

  /** What is known of a node in every session that has not ended, and in those where it is not done. */
  async statesOn(
    nodeId: string,
  ): Promise<{ session_id: string; state: string; asked_at: number | null; session_state: string }[]> {
    return await this.#db
      .selectFrom('session_nodes')
      .innerJoin('sessions', 'sessions.id', 'session_nodes.session_id')
      .select([
        'session_nodes.session_id',
        'session_nodes.state',
        'session_nodes.asked_at',
        'sessions.state as session_state',
      ])
      .where('session_nodes.node_id', '=', nodeId)
      .where((eb) =>
        eb.or([eb('sessions.state', '!=', 'ended'), eb('session_nodes.state', 'in', ['armed', 'lost'])]),
      )
      .execute();
  }

  /** Notes what a node says of a session. The time it was first armed stays. */
  async setState(
    sessionId: string,
    nodeId: string,
    { state, reason }: { readonly state: string; readonly reason: string | null },
    now: number,
  ): Promise<void> {
    await this.#db
      .updateTable('session_nodes')
      .set((eb) => ({
        state,
        reason,
        armed_at: state === 'armed' ? eb.fn.coalesce('armed_at', eb.val(now)) : eb.ref('armed_at'),
      }))
      .where('session_id', '=', sessionId)
      .where('node_id', '=', nodeId)
      .execute();
  }

  /** Moves what is in one of the states `from` into another, for the sessions or nodes that are named. */
  async move(
    which: { readonly sessions?: readonly string[]; readonly node?: string },
    from: readonly string[],
    to: { readonly state: string; readonly reason?: string | null },
  ): Promise<void> {
    if (which.sessions?.length === 0) return;
    let query = this.#db.updateTable('session_nodes').set(to).where('state', 'in', from);
    if (which.sessions !== undefined) query = query.where('session_id', 'in', which.sessions);
    if (which.node !== undefined) query = query.where('node_id', '=', which.node);
    await query.execute();
  }

  async setCounts(row: SessionCountRow): Promise<void> {
    const { seen, matched, dropped } = row;
    await this.#db
      .insertInto('session_counts')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['session_id', 'node_id', 'epoch']).doUpdateSet({ seen, matched, dropped }),
      )
      .execute();
  }

  async countsOf(sessionIds: readonly string[]): Promise<SessionCountRow[]> {
    return await this.#db
      .selectFrom('session_counts')
      .selectAll()
      .where('session_id', 'in', sessionIds)
      .execute();
  }
}
