import { AppError, uuid } from '@gatescope/base';
import { type Capture, SESSION_LIMITS, type Session, type SessionRequest } from '@gatescope/protocol';
import type { Actor } from '../audit/actor.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { SessionRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { newSessionRow } from './new-session-row.ts';
import type { PayloadConsent } from './payload-consent.ts';
import { changed, type SessionChange } from './session-change.ts';
import type { SessionLife } from './session-life.ts';
import { resolveRequest } from './session-request.ts';
import { RUNNING, TAKING } from './session-states.ts';
import type { SessionTeller } from './session-teller.ts';
import { viewSessions } from './session-view.ts';
import { targetNodes } from './target-nodes.ts';

/** How long the answer to a started session waits for its nodes, so that it mostly says `active`. */
const ARM_GRACE_MS = 1_000;

export interface SessionsParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly nodes: NodeRegistry;
  readonly configs: ConfigStore;
  readonly life: SessionLife;
  readonly teller: SessionTeller;
  readonly audit: AuditLog;
  readonly consent: PayloadConsent;
}

/** What people do with sessions: start, look at, change, stop and delete them. */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #store: Store;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#store = parts.store;
  }

  async create(controlPlane: ControlPlaneRow, request: SessionRequest, by: Actor): Promise<Session> {
    const { keyring, nodes, configs, life, audit, consent } = this.#parts;
    const config = await configs.get(controlPlane.id);
    const resolved = resolveRequest(request, config?.checked ?? null, await consent.isGiven());
    const isConnected = (nodeId: string) => nodes.isConnected(nodeId);
    targetNodes(resolved.nodes, await nodes.rows(controlPlane.id), isConnected);
    const id = uuid();
    const key = await keyring.create(id);
    const row = newSessionRow(id, controlPlane.id, resolved, key, by.name, Date.now());
    await this.#store.transaction(async (repositories) => {
      await checkRoom(repositories, controlPlane.id);
      await repositories.sessions.add(row);
      // Chosen in here: a node that connects from now on finds the session, one that did before is among these.
      const known = await repositories.nodes.of(controlPlane.id);
      await repositories.sessionNodes.add(
        targetNodes(resolved.nodes, known, isConnected).map((node) => ({
          session_id: id,
          node_id: node.id,
          state: node.reason === null ? 'pending' : 'refused',
          armed_at: null,
          reason: node.reason,
          asked_at: row.created_at,
        })),
      );
    });
    life.expect(row);
    await audit.note(by, 'session.start', id, {
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
    const [session] = await viewSessions(this.#store, controlPlane.name, [
      await this.row(controlPlane.id, id),
    ]);
    return session!;
  }

  /** Throws `not_found`. */
  async row(
    controlPlaneId: string,
    id: string,
    { sessions }: Pick<Repositories, 'sessions'> = this.#store,
  ): Promise<SessionRow> {
    const row = await sessions.find(id);
    if (row === undefined || row.control_plane_id !== controlPlaneId)
      throw new AppError('not_found', `there is no session ${id}`);
    return row;
  }

  /** Newest first; `after` is the position of the last one of the page before. */
  async list(
    controlPlane: ControlPlaneRow,
    size: number,
    after: { at: number; id: string } | null,
  ): Promise<Session[]> {
    const rows = await this.#store.sessions.page(controlPlane.id, size, after);
    return await viewSessions(this.#store, controlPlane.name, rows);
  }

  /** Ends a session early. Throws `session_ended` where it is over. */
  async stop(controlPlane: ControlPlaneRow, id: string, by: Actor): Promise<Session> {
    const row = await this.row(controlPlane.id, id);
    if (!RUNNING.includes(row.state))
      throw new AppError('session_ended', `the session ended (${row.end_reason}); start a new one`);
    await this.#parts.life.drain(id, 'stopped');
    await this.#parts.audit.note(by, 'session.stop', id);
    return await this.view(controlPlane, id);
  }

  /** Renames a session, or changes the limits of one that runs. */
  async update(
    controlPlane: ControlPlaneRow,
    id: string,
    change: SessionChange,
    by: Actor,
  ): Promise<Session> {
    const { life, nodes, teller } = this.#parts;
    const row = await this.#store.transaction(async (repositories) => {
      const before = await this.row(controlPlane.id, id, repositories);
      const after = changed(before, change);
      if (Object.keys(change).length > 0)
        await repositories.sessions.change(id, { ...change, ends_at: after.ends_at }, [before.state]);
      return after;
    });
    await this.#parts.audit.note(by, 'session.update', id, { ...change });
    if (change.duration_seconds !== undefined && row.state === 'active') life.expect(row);
    if (change.duration_seconds !== undefined || change.max_traces !== undefined)
      void nodes.syncAll(controlPlane.id);
    await teller.tell(id, 'session', id);
    if (change.max_traces !== undefined && row.traces >= row.max_traces) await life.onFull(id);
    return await this.view(controlPlane, id);
  }

  /** Ends the capture of headers and bodies in every session that runs, and answers which that were; what was captured stays. */
  async endPayloadCapture(): Promise<string[]> {
    const { nodes, teller } = this.#parts;
    const running = await this.#store.sessions.inStates(TAKING);
    const ended: SessionRow[] = [];
    for (const row of running) {
      const capture = JSON.parse(row.capture) as Capture;
      if (!capture.headers && !capture.bodies) continue;
      const without = JSON.stringify({ ...capture, headers: false, bodies: false } satisfies Capture);
      if (await this.#store.sessions.change(row.id, { capture: without }, TAKING)) ended.push(row);
    }
    const told = [...new Set(ended.map((row) => row.control_plane_id))].map((id) => nodes.syncAll(id));
    await Promise.race([Promise.all(told), new Promise((resolve) => setTimeout(resolve, ARM_GRACE_MS))]);
    for (const { id } of ended) await teller.tell(id, 'session', id);
    return ended.map(({ id }) => id);
  }

  /** Deletes a session and all that belongs to it, its data key first. */
  async remove(controlPlane: ControlPlaneRow, id: string, by: Actor): Promise<void> {
    const { life, audit } = this.#parts;
    const row = await this.row(controlPlane.id, id);
    if (row.state !== 'ended') {
      if (row.state !== 'draining') await life.drain(id, 'stopped');
      await life.end(id);
    }
    await this.erase(id);
    await audit.note(by, 'session.delete', id);
    this.#store.checkpoint();
  }

  /** Destroys the data key, then everything stored under it. */
  async erase(id: string): Promise<void> {
    this.#parts.life.forget(id);
    this.#parts.keyring.forget(id);
    await this.#store.sessions.destroyKey(id);
    await this.#store.transaction(async ({ sessions }) => await sessions.remove(id));
  }

  /** How many of a control plane's have not ended. */
  async runningOf(controlPlaneId: string): Promise<number> {
    return await this.#store.sessions.count(controlPlaneId, TAKING);
  }

  /** How many sessions are kept in each state that any is in. */
  async countByState(): Promise<{ state: string; count: number }[]> {
    return await this.#store.sessions.countByState();
  }
}

/** Throws `conflict` where as many sessions run as a node takes. */
async function checkRoom({ sessions }: Repositories, controlPlaneId: string): Promise<void> {
  if ((await sessions.count(controlPlaneId, RUNNING)) < SESSION_LIMITS.runningMax) return;
  throw new AppError('conflict', `${SESSION_LIMITS.runningMax} sessions run already; stop one of them first`);
}
