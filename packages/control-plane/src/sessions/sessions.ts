import { AppError, type Logger, messageOf, uuid } from '@gatescope/base';
import {
  type Capture,
  type DesiredSession,
  type EndReason,
  RETENTION_DAYS,
  type ReportSessionsParams,
  SESSION_LIMITS,
  type Session,
  type SessionRequest,
  type SyncSessionsResult,
} from '@gatescope/protocol';
import type { Kysely, Transaction } from 'kysely';
import { AuditLog } from '../audit/audit-log.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { ControlPlaneRow } from '../control-planes.ts';
import type { EventHub } from '../events/event-hub.ts';
import { appendEvents, type EventKind } from '../events/event-log.ts';
import type { Keyring } from '../keyring.ts';
import type { NodeRegistry, NodeRow, NodeSessions } from '../nodes/node-registry.ts';
import type { Schema } from '../store/schema.ts';
import { resolveRequest } from './session-request.ts';
import { type SessionRow, viewSessions } from './session-view.ts';

/** A session that no node armed within this time has failed. */
const ARM_TIMEOUT_MS = 10_000;
/** How long a session that ends waits for what its nodes still have. */
const DRAIN_MS = 3_000;
/** While traces still come the wait goes on, up to this long. */
const DRAIN_MAX_MS = 30_000;
/** Changes of counts are told to listeners no more often than this. */
const PROGRESS_INTERVAL_MS = 150;
/** How long the answer to a started session waits for its nodes, so that it mostly says `active`. */
const ARM_GRACE_MS = 1_000;

export interface SessionsParts {
  readonly db: Kysely<Schema>;
  /** Empties the journal of what was deleted. */
  checkpoint(): void;
  readonly keyring: Keyring;
  readonly nodes: NodeRegistry;
  readonly configs: ConfigStore;
  readonly hub: EventHub;
  readonly logger: Logger;
}

const RUNNING = ['pending', 'active'];

/** What of a session can be changed. */
export interface SessionChange {
  readonly name?: string;
  readonly duration_seconds?: number;
  readonly max_traces?: number;
}

/** The life of sessions, from the request to start one to its end: what the nodes should have armed, and what they said of it. */
export class Sessions implements NodeSessions {
  readonly #parts: SessionsParts;
  readonly #db: Kysely<Schema>;
  readonly #audit: AuditLog;
  /** Ends of pending and active sessions; a draining one's last moment. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #draining = new Map<string, { readonly waiting: Set<string>; readonly until: number }>();
  readonly #progress = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#db = parts.db;
    this.#audit = new AuditLog(parts.db);
  }

  /** Takes sessions up where the last process left them. */
  async resume(): Promise<void> {
    const rows = await this.#db.selectFrom('sessions').selectAll().where('state', '!=', 'ended').execute();
    for (const row of rows) {
      if (row.state === 'pending')
        this.#schedule(row.id, row.created_at + ARM_TIMEOUT_MS, () => this.#failUnarmed(row.id));
      else if (row.state === 'active')
        this.#schedule(row.id, row.ends_at!, () => this.#drain(row.id, 'duration'));
      else this.#schedule(row.id, Date.now() + DRAIN_MS, () => this.#end(row.id));
    }
    await this.#db
      .updateTable('session_nodes')
      .set({ state: 'lost' })
      .where('state', '=', 'armed')
      .where(
        'session_id',
        'in',
        rows.map((row) => row.id),
      )
      .execute();
  }

  async create(controlPlane: ControlPlaneRow, request: SessionRequest, by: string): Promise<Session> {
    const { keyring, nodes, configs } = this.#parts;
    const config = await configs.get(controlPlane.id);
    const resolved = resolveRequest(request, config?.checked ?? null);
    this.#targetNodes(resolved.nodes, await nodes.rows(controlPlane.id));
    const id = uuid();
    const key = await keyring.create(id);
    const now = Date.now();
    const row: SessionRow = {
      id,
      control_plane_id: controlPlane.id,
      name: resolved.name,
      nodes: JSON.stringify(resolved.nodes),
      service: resolved.service,
      service_id: resolved.service_id,
      route: resolved.route,
      route_id: resolved.route_id,
      rule: resolved.rule,
      rate: resolved.rate,
      duration_seconds: resolved.duration_seconds,
      max_traces: resolved.max_traces,
      capture: JSON.stringify(resolved.capture),
      state: 'pending',
      end_reason: null,
      created_by: by,
      created_at: now,
      started_at: null,
      ends_at: null,
      ended_at: null,
      expires_at: now + RETENTION_DAYS * 86_400_000,
      key_id: key.keyId,
      wrapped_key: key.wrapped,
      traces: 0,
      spans: 0,
      logs: 0,
      event_seq: 0,
    };
    await this.#db.transaction().execute(async (trx) => {
      await this.#checkRoom(trx, controlPlane.id);
      await trx.insertInto('sessions').values(row).execute();
      // Chosen in here: a node that connects from now on finds the session, one that did before is among these.
      const targets = this.#targetNodes(resolved.nodes, await nodes.rows(controlPlane.id, trx));
      await trx
        .insertInto('session_nodes')
        .values(
          targets.map((node) => ({
            session_id: id,
            node_id: node.id,
            state: node.reason === null ? 'pending' : 'refused',
            armed_at: null,
            reason: node.reason,
          })),
        )
        .execute();
    });
    this.#schedule(id, now + ARM_TIMEOUT_MS, () => this.#failUnarmed(id));
    await this.#audit.note(by, 'session.start', id, {
      control_plane: controlPlane.name,
      name: resolved.name,
      rule: resolved.rule,
      capture: resolved.capture,
    });
    await Promise.race([
      nodes.syncAll(controlPlane.id),
      new Promise((resolve) => setTimeout(resolve, ARM_GRACE_MS)),
    ]);
    return await this.view(controlPlane, id);
  }

  async view(controlPlane: ControlPlaneRow, id: string): Promise<Session> {
    const [session] = await viewSessions(this.#db, controlPlane.name, [await this.row(controlPlane.id, id)]);
    return session!;
  }

  /** Throws `not_found`. */
  async row(controlPlaneId: string, id: string, db: Kysely<Schema> = this.#db): Promise<SessionRow> {
    const row = await db
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', id)
      .where('control_plane_id', '=', controlPlaneId)
      .executeTakeFirst();
    if (row === undefined) throw new AppError('not_found', `there is no session ${id}`);
    return row;
  }

  /** Newest first; `after` is the position of the last one of the page before. */
  async list(
    controlPlane: ControlPlaneRow,
    size: number,
    after: { at: number; id: string } | null,
  ): Promise<Session[]> {
    let query = this.#db.selectFrom('sessions').selectAll().where('control_plane_id', '=', controlPlane.id);
    if (after !== null) {
      query = query.where((eb) =>
        eb.or([
          eb('created_at', '<', after.at),
          eb.and([eb('created_at', '=', after.at), eb('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(size).execute();
    return await viewSessions(this.#db, controlPlane.name, rows);
  }

  /** Ends a session early. Throws `session_ended` where it is over. */
  async stop(controlPlane: ControlPlaneRow, id: string, by: string): Promise<Session> {
    const row = await this.row(controlPlane.id, id);
    if (row.state === 'ended' || row.state === 'draining')
      throw new AppError('session_ended', `the session ended (${row.end_reason}); start a new one`);
    await this.#drain(id, 'stopped');
    await this.#audit.note(by, 'session.stop', id);
    return await this.view(controlPlane, id);
  }

  /** Renames a session, or changes the limits of one that runs. */
  async update(controlPlane: ControlPlaneRow, id: string, change: SessionChange): Promise<Session> {
    const row = await this.#db.transaction().execute(async (trx) => {
      const before = await this.row(controlPlane.id, id, trx);
      const after = changed(before, change);
      if (Object.keys(change).length > 0) {
        await trx
          .updateTable('sessions')
          .set({ ...change, ends_at: after.ends_at })
          .where('id', '=', id)
          .execute();
      }
      return after;
    });
    if (change.duration_seconds !== undefined && row.state === 'active')
      this.#schedule(id, row.ends_at!, () => this.#drain(id, 'duration'));
    if (change.duration_seconds !== undefined || change.max_traces !== undefined)
      void this.#parts.nodes.syncAll(controlPlane.id);
    await this.#publish(id, 'session', id);
    if (change.max_traces !== undefined && row.traces >= row.max_traces) await this.onFull(id);
    return await this.view(controlPlane, id);
  }

  /** Deletes a session and all that belongs to it, its data key first. */
  async remove(controlPlane: ControlPlaneRow, id: string, by: string): Promise<void> {
    const row = await this.row(controlPlane.id, id);
    if (row.state !== 'ended') {
      if (row.state !== 'draining') await this.#drain(id, 'stopped');
      await this.#end(id);
    }
    await this.erase(id);
    await this.#audit.note(by, 'session.delete', id);
    this.#parts.checkpoint();
  }

  /** Destroys the data key, then everything stored under it. */
  async erase(id: string): Promise<void> {
    this.#cancel(id);
    this.#parts.keyring.forget(id);
    await this.#db.updateTable('sessions').set({ wrapped_key: null }).where('id', '=', id).execute();
    await this.#db.transaction().execute(async (trx) => {
      for (const table of ['traces', 'events', 'session_counts', 'session_nodes'] as const)
        await trx.deleteFrom(table).where('session_id', '=', id).execute();
      await trx.deleteFrom('sessions').where('id', '=', id).execute();
    });
  }

  // ── What nodes ask and say ─────────────────────────────────────────────────────────────────────

  async desiredOn(node: NodeRow): Promise<DesiredSession[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .innerJoin('session_nodes', 'session_nodes.session_id', 'sessions.id')
      .selectAll('sessions')
      .where('session_nodes.node_id', '=', node.id)
      .where('sessions.state', 'in', RUNNING)
      .orderBy('sessions.created_at')
      .execute();
    const now = Date.now();
    return rows.map((row) => ({
      id: row.id,
      service_id: row.service_id,
      route_id: row.route_id,
      rule: row.rule,
      rate: row.rate,
      remaining_ms: row.ends_at === null ? row.duration_seconds * 1_000 : Math.max(0, row.ends_at - now),
      remaining_traces: Math.max(0, row.max_traces - row.traces),
      capture: JSON.parse(row.capture) as Capture,
    }));
  }

  async onConnected(node: NodeRow): Promise<void> {
    if (node.tracing_available === 0) return;
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['id', 'nodes'])
      .where('control_plane_id', '=', node.control_plane_id)
      .where('state', 'in', RUNNING)
      .execute();
    for (const row of rows.filter((one) => one.nodes === '"all"')) {
      await this.#db
        .insertInto('session_nodes')
        .values({ session_id: row.id, node_id: node.id, state: 'pending', armed_at: null, reason: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await this.#tellNode(node.id);
  }

  async onAnswer(nodeId: string, states: SyncSessionsResult['sessions']): Promise<void> {
    const now = Date.now();
    const known = await this.#db
      .selectFrom('session_nodes')
      .innerJoin('sessions', 'sessions.id', 'session_nodes.session_id')
      .select(['session_nodes.session_id', 'session_nodes.state', 'sessions.state as session_state'])
      .where('session_nodes.node_id', '=', nodeId)
      .where((eb) =>
        eb.or([eb('sessions.state', 'in', RUNNING), eb('session_nodes.state', 'in', ['armed', 'lost'])]),
      )
      .execute();
    const running = new Map(
      known.flatMap((one) => (RUNNING.includes(one.session_state) ? [[one.session_id, one.state]] : [])),
    );
    for (const { id, state, reason } of states) {
      if (!running.has(id) || running.get(id) === state) continue;
      await this.#db
        .updateTable('session_nodes')
        .set((eb) => ({
          state,
          reason,
          armed_at: state === 'armed' ? eb.fn.coalesce('armed_at', eb.val(now)) : eb.ref('armed_at'),
        }))
        .where('session_id', '=', id)
        .where('node_id', '=', nodeId)
        .execute();
      if (state === 'armed') await this.#start(id, now);
      await this.#publish(id, 'session', id);
    }
    const told = new Set(states.map((one) => one.id));
    const over = known.filter((one) => ['armed', 'lost'].includes(one.state) && !told.has(one.session_id));
    if (over.length === 0) return;
    await this.#db
      .updateTable('session_nodes')
      .set({ state: 'ended' })
      .where('node_id', '=', nodeId)
      .where(
        'session_id',
        'in',
        over.map((one) => one.session_id),
      )
      .execute();
  }

  async onLost(nodeId: string): Promise<void> {
    const rows = await this.#db
      .selectFrom('session_nodes')
      .select('session_id')
      .where('node_id', '=', nodeId)
      .where('state', '=', 'armed')
      .execute();
    if (rows.length === 0) return;
    await this.#db
      .updateTable('session_nodes')
      .set({ state: 'lost', reason: 'the node lost its connection' })
      .where('node_id', '=', nodeId)
      .where('state', '=', 'armed')
      .execute();
    for (const { session_id } of rows) {
      this.#nodeIsDone(session_id, nodeId);
      await this.#publish(session_id, 'session', session_id);
    }
    await this.#tellNode(nodeId);
  }

  async onReport(nodeId: string, report: ReportSessionsParams): Promise<void> {
    for (const { id, counts, disarmed } of report.sessions) {
      const known = await this.#db
        .selectFrom('session_nodes')
        .select('session_id')
        .where('session_id', '=', id)
        .where('node_id', '=', nodeId)
        .executeTakeFirst();
      if (known === undefined) continue;
      const values = { seen: counts.seen, matched: counts.matched, dropped: JSON.stringify(counts.dropped) };
      await this.#db
        .insertInto('session_counts')
        .values({ session_id: id, node_id: nodeId, epoch: report.epoch, ...values })
        .onConflict((conflict) => conflict.columns(['session_id', 'node_id', 'epoch']).doUpdateSet(values))
        .execute();
      this.#tellProgress(id);
      if (disarmed) await this.#onDisarmed(id, nodeId);
    }
  }

  /** The session has all the traces it may have. */
  async onFull(id: string): Promise<void> {
    await this.#drain(id, 'max_traces');
  }

  /** Sessions of a control plane that have not ended. */
  async runningOf(controlPlaneId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('sessions')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('control_plane_id', '=', controlPlaneId)
      .where('state', '!=', 'ended')
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** How many sessions are kept in each state that any is in. */
  async countByState(): Promise<{ state: string; count: number }[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    return rows.map(({ state, count }) => ({ state, count: Number(count) }));
  }

  /** Something was stored for the session. */
  onStored(id: string): void {
    this.#tellProgress(id);
    const drain = this.#draining.get(id);
    if (drain !== undefined)
      this.#schedule(id, Math.min(Date.now() + DRAIN_MS, drain.until), () => this.#end(id));
  }

  close(): void {
    this.#closed = true;
    for (const timer of [...this.#timers.values(), ...this.#progress.values()]) clearTimeout(timer);
  }

  // ── Steps of a life ────────────────────────────────────────────────────────────────────────────

  #targetNodes(
    nodes: 'all' | readonly string[],
    known: readonly NodeRow[],
  ): { id: string; reason: string | null }[] {
    if (nodes === 'all') {
      const connected = known.filter((node) => this.#parts.nodes.isConnected(node.id));
      if (connected.length === 0)
        throw new AppError('node_cannot_trace', 'no node is connected; start one with gatescope data-plane');
      if (connected.every((node) => node.tracing_available === 0)) throw cannotTrace(connected);
      return connected.map((node) => ({
        id: node.id,
        reason: node.tracing_available === 1 ? null : (node.tracing_reason ?? 'the node can not trace'),
      }));
    }
    const unknown = nodes.filter((id) => !known.some((node) => node.id === id));
    if (unknown.length > 0) {
      throw new AppError('unknown_node', `there is no node ${unknown.join(', ')}`, {
        details: unknown.map((id) => ({
          message: `unknown node ${id}`,
          path: `nodes[${nodes.indexOf(id)}]`,
        })),
      });
    }
    const named = known.filter((node) => nodes.includes(node.id));
    const unable = named.filter((node) => node.tracing_available === 0);
    if (unable.length > 0) throw cannotTrace(unable);
    return named.map((node) => ({ id: node.id, reason: null }));
  }

  async #start(id: string, now: number): Promise<void> {
    const row = await this.#db
      .selectFrom('sessions')
      .select(['state', 'duration_seconds'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (row?.state !== 'pending') return;
    const endsAt = now + row.duration_seconds * 1_000;
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set({ state: 'active', started_at: now, ends_at: endsAt })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    if (numUpdatedRows === 1n) this.#schedule(id, endsAt, () => this.#drain(id, 'duration'));
  }

  async #failUnarmed(id: string): Promise<void> {
    await this.#drain(id, 'failed', ['pending']);
  }

  /** Throws `conflict` where as many sessions run as a node takes. */
  async #checkRoom(trx: Transaction<Schema>, controlPlaneId: string): Promise<void> {
    const { count } = await trx
      .selectFrom('sessions')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('control_plane_id', '=', controlPlaneId)
      .where('state', 'in', RUNNING)
      .executeTakeFirstOrThrow();
    if (Number(count) < SESSION_LIMITS.runningMax) return;
    throw new AppError(
      'conflict',
      `${SESSION_LIMITS.runningMax} sessions run already; stop one of them first`,
    );
  }

  /** Takes the session off the nodes and waits a moment for what they still have to say. */
  async #drain(id: string, reason: EndReason, from: readonly string[] = RUNNING): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set({ state: 'draining', end_reason: reason })
      .where('id', '=', id)
      .where('state', 'in', from)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const row = await this.#db
      .selectFrom('sessions')
      .select('control_plane_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const armed = await this.#db
      .selectFrom('session_nodes')
      .select('node_id')
      .where('session_id', '=', id)
      .where('state', '=', 'armed')
      .execute();
    const waiting = armed.map((one) => one.node_id).filter((node) => this.#parts.nodes.isConnected(node));
    this.#draining.set(id, { waiting: new Set(waiting), until: Date.now() + DRAIN_MAX_MS });
    this.#schedule(id, Date.now() + DRAIN_MS, () => this.#end(id));
    await this.#publish(id, 'session', id);
    void this.#parts.nodes.syncAll(row.control_plane_id);
    if (this.#draining.get(id)?.waiting.size === 0) await this.#end(id);
  }

  /** A node said its last word of a session; it may do so before it is told, when the time is up by its clock. */
  async #onDisarmed(id: string, nodeId: string): Promise<void> {
    await this.#db
      .updateTable('session_nodes')
      .set({ state: 'ended' })
      .where('session_id', '=', id)
      .where('node_id', '=', nodeId)
      .where('state', '=', 'armed')
      .execute();
    this.#nodeIsDone(id, nodeId);
  }

  #nodeIsDone(id: string, nodeId: string): void {
    const waiting = this.#draining.get(id)?.waiting;
    if (waiting?.delete(nodeId) !== true || waiting.size > 0) return;
    this.#end(id).catch((error: unknown) => this.#failed(error));
  }

  async #end(id: string): Promise<void> {
    this.#cancel(id);
    const ended = await this.#db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('sessions')
        .set({ state: 'ended', ended_at: Date.now() })
        .where('id', '=', id)
        .where('state', '=', 'draining')
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return null;
      await trx
        .updateTable('session_nodes')
        .set({ state: 'ended' })
        .where('session_id', '=', id)
        .where('state', 'in', ['armed', 'lost', 'pending'])
        .execute();
      const events = await appendEvents(trx, id, [{ kind: 'end', ref: id }]);
      const row = await trx
        .selectFrom('sessions')
        .innerJoin('control_planes', 'control_planes.id', 'sessions.control_plane_id')
        .selectAll('sessions')
        .select('control_planes.name as control_plane')
        .where('sessions.id', '=', id)
        .executeTakeFirstOrThrow();
      const [session] = await viewSessions(trx, row.control_plane, [row]);
      return events.map((event) => ({ ...event, session: session! }));
    });
    if (ended !== null) this.#parts.hub.tell(id, ended);
  }

  #schedule(id: string, at: number, what: () => Promise<void>): void {
    clearTimeout(this.#timers.get(id));
    if (this.#closed) return;
    this.#timers.set(
      id,
      setTimeout(() => what().catch((error: unknown) => this.#failed(error)), Math.max(0, at - Date.now())),
    );
  }

  #cancel(id: string): void {
    clearTimeout(this.#timers.get(id));
    clearTimeout(this.#progress.get(id));
    this.#timers.delete(id);
    this.#progress.delete(id);
    this.#draining.delete(id);
  }

  #tellProgress(id: string): void {
    if (this.#progress.has(id) || this.#closed) return;
    this.#progress.set(
      id,
      setTimeout(() => {
        this.#progress.delete(id);
        this.#publish(id, 'session', id).catch((error: unknown) => this.#failed(error));
      }, PROGRESS_INTERVAL_MS),
    );
  }

  /** A node came or went: those who watch its sessions are told. */
  async #tellNode(nodeId: string): Promise<void> {
    const rows = await this.#db
      .selectFrom('session_nodes')
      .innerJoin('sessions', 'sessions.id', 'session_nodes.session_id')
      .select('sessions.id')
      .where('session_nodes.node_id', '=', nodeId)
      .where('sessions.state', '!=', 'ended')
      .execute();
    for (const { id } of rows) await this.#publish(id, 'node', nodeId);
  }

  async #publish(id: string, kind: EventKind, ref: string): Promise<void> {
    const events = await this.#db.transaction().execute(async (trx) => {
      const session = await trx
        .selectFrom('sessions')
        .select('state')
        .where('id', '=', id)
        .executeTakeFirst();
      // The end is the last event of a session, whatever is still said of it.
      return session === undefined || session.state === 'ended'
        ? []
        : await appendEvents(trx, id, [{ kind, ref }]);
    });
    this.#parts.hub.tell(id, events);
  }

  #failed(error: unknown): void {
    this.#parts.logger.log('error', 'session', `a session could not be changed: ${messageOf(error)}`);
  }
}

/** A session as it is after a change. Throws `session_ended` and `conflict` where it can't be made. */
function changed(row: SessionRow, change: SessionChange): SessionRow {
  const { duration_seconds, max_traces } = change;
  if ((duration_seconds !== undefined || max_traces !== undefined) && !RUNNING.includes(row.state)) {
    throw new AppError(
      'session_ended',
      'the limits of a session that is over can not be changed; start a new one',
    );
  }
  if (max_traces !== undefined && max_traces < row.traces) {
    throw new AppError(
      'conflict',
      `the session has ${row.traces} traces already; max_traces can not be less`,
    );
  }
  const ends = duration_seconds !== undefined && row.started_at !== null;
  return { ...row, ...change, ends_at: ends ? row.started_at! + duration_seconds * 1_000 : row.ends_at };
}

function cannotTrace(nodes: readonly NodeRow[]): AppError {
  const [first] = nodes;
  const reason = first?.tracing_reason ?? 'the node does not offer tracing';
  return new AppError(
    'node_cannot_trace',
    nodes.length === 1
      ? `node ${first?.hostname}: ${reason}`
      : `${nodes.length} nodes can not trace: ${reason}`,
    {
      details: nodes.map((node) => ({
        message: `${node.hostname} (${node.id}): ${node.tracing_reason ?? 'does not offer tracing'}`,
        path: 'nodes',
      })),
    },
  );
}
