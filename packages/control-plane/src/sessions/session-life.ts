import { type Logger, messageOf } from '@gatescope/base';
import type { EndReason } from '@gatescope/protocol';
import type { EventHub } from '../events/event-hub.ts';
import { appendEvents } from '../events/event-log.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { SessionRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { RUNNING, TAKING } from './session-states.ts';
import type { SessionTeller } from './session-teller.ts';
import { viewSessions } from './session-view.ts';

/** A session that no node armed within this time has failed. */
const ARM_TIMEOUT_MS = 10_000;
/** How long a session that ends waits for what its nodes still have. */
const DRAIN_MS = 3_000;
/** While traces still come the wait goes on, up to this long. */
const DRAIN_MAX_MS = 30_000;

export interface SessionLifeParts {
  readonly store: Store;
  readonly nodes: NodeRegistry;
  readonly hub: EventHub;
  readonly teller: SessionTeller;
  readonly logger: Logger;
}

/** Moves sessions from one state to the next, each at its time: pending, active, draining, ended. */
export class SessionLife {
  readonly #parts: SessionLifeParts;
  /** Ends of pending and active sessions; a draining one's last moment. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #draining = new Map<string, { readonly waiting: Set<string>; readonly until: number }>();
  #closed = false;

  constructor(parts: SessionLifeParts) {
    this.#parts = parts;
  }

  /** Takes sessions up where the last process left them. */
  async resume(): Promise<void> {
    const { sessions, sessionNodes } = this.#parts.store;
    const rows = await sessions.inStates(TAKING);
    for (const row of rows) {
      if (row.state === 'draining') this.#schedule(row.id, Date.now() + DRAIN_MS, () => this.end(row.id));
      else this.expect(row);
    }
    const ids = rows.map((row) => row.id);
    await sessionNodes.move({ sessions: ids }, ['armed'], {
      state: 'lost',
      reason: 'the control plane was started anew, and the node has not come back yet',
    });
  }

  /** Ends a running session when its time is up: that to be armed where it is pending, its duration where it is active. */
  expect({ id, state, created_at, ends_at }: SessionRow): void {
    if (state === 'pending') this.#schedule(id, created_at + ARM_TIMEOUT_MS, () => this.#failUnarmed(id));
    if (state === 'active') this.#schedule(id, ends_at!, () => this.drain(id, 'duration'));
  }

  /** No node armed the session in time: each says why. */
  async #failUnarmed(id: string): Promise<void> {
    const { store, nodes } = this.#parts;
    const silent = (await store.sessionNodes.of([id])).filter((node) => node.state === 'pending');
    for (const { node_id } of silent) {
      const reason = nodes.isConnected(node_id)
        ? `the node did not answer within ${ARM_TIMEOUT_MS / 1_000} s`
        : 'the node is not connected';
      await store.sessionNodes.move({ sessions: [id], node: node_id }, ['pending'], {
        state: 'pending',
        reason,
      });
    }
    await this.drain(id, 'failed', ['pending']);
  }

  /** A node armed the session: with the first one it starts. */
  async start(id: string, now: number): Promise<void> {
    const { sessions } = this.#parts.store;
    const row = await sessions.find(id);
    if (row?.state !== 'pending') return;
    const started = { state: 'active', started_at: now, ends_at: now + row.duration_seconds * 1_000 };
    if (await sessions.change(id, started, ['pending'])) this.expect({ ...row, ...started });
  }

  /** Takes the session off the nodes and waits a moment for what they still have to say. */
  async drain(id: string, reason: EndReason, from: readonly string[] = RUNNING): Promise<void> {
    const { store, nodes, teller } = this.#parts;
    if (!(await store.sessions.change(id, { state: 'draining', end_reason: reason }, from))) return;
    const row = await store.sessions.find(id);
    if (row === undefined) return;
    const waiting = (await store.sessionNodes.of([id]))
      .filter((node) => node.state === 'armed' && nodes.isConnected(node.node_id))
      .map((node) => node.node_id);
    this.#draining.set(id, { waiting: new Set(waiting), until: Date.now() + DRAIN_MAX_MS });
    this.#schedule(id, Date.now() + DRAIN_MS, () => this.end(id));
    await teller.tell(id, 'session', id);
    void nodes.syncAll(row.control_plane_id);
    if (this.#draining.get(id)?.waiting.size === 0) await this.end(id);
  }

  /** A node has said its last word of a session. */
  onNodeDone(id: string, nodeId: string): void {
    const waiting = this.#draining.get(id)?.waiting;
    if (waiting?.delete(nodeId) !== true || waiting.size > 0) return;
    this.end(id).catch((error: unknown) => this.#failed(error));
  }

  /** Something was stored for the session. */
  onStored(id: string): void {
    this.#parts.teller.tellProgress(id);
    const drain = this.#draining.get(id);
    if (drain !== undefined)
      this.#schedule(id, Math.min(Date.now() + DRAIN_MS, drain.until), () => this.end(id));
  }

  /** The session has all the traces it may have. */
  async onFull(id: string): Promise<void> {
    await this.drain(id, 'max_traces');
  }

  /** Ends a session that drains. */
  async end(id: string): Promise<void> {
    const { store, hub } = this.#parts;
    this.forget(id);
    const ended = await store.transaction(async (repositories) => {
      const { sessions, sessionNodes, controlPlanes } = repositories;
      if (!(await sessions.change(id, { state: 'ended', ended_at: Date.now() }, ['draining']))) return null;
      // One that is lost may come back with traces of the time before; see takesFrom().
      await sessionNodes.move({ sessions: [id] }, ['armed', 'pending'], { state: 'ended' });
      const events = await appendEvents(repositories, id, [{ kind: 'end', ref: id }]);
      const row = (await sessions.find(id))!;
      const controlPlane = await controlPlanes.find(row.control_plane_id);
      const [session] = await viewSessions(repositories, controlPlane?.name ?? '', [row]);
      return events.map((event) => ({ ...event, session: session! }));
    });
    if (ended !== null) hub.tell(id, ended);
  }

  /** Nothing more happens to the session by itself. */
  forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#draining.delete(id);
    this.#parts.teller.forget(id);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #schedule(id: string, at: number, what: () => Promise<void>): void {
    clearTimeout(this.#timers.get(id));
    if (this.#closed) return;
    this.#timers.set(
      id,
      setTimeout(() => what().catch((error: unknown) => this.#failed(error)), Math.max(0, at - Date.now())),
    );
  }

  #failed(error: unknown): void {
    this.#parts.logger.log('error', 'session', `a session could not be changed: ${messageOf(error)}`);
  }
}
