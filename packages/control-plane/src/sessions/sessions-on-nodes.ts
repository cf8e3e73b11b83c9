import type {
  Capture,
  DesiredSession,
  RedactionRule,
  ReportSessionsParams,
  SyncSessionsResult,
} from '@gatescope/protocol';
import type { NodeSessions } from '../nodes/node-registry.ts';
import type { NodeRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { ArmingTimes } from './arming-times.ts';
import type { RedactionRules } from './redaction-rules.ts';
import type { SessionLife } from './session-life.ts';
import { RUNNING } from './session-states.ts';
import type { SessionTeller } from './session-teller.ts';

/** What the nodes should have armed, and what they say of it. */
export class SessionsOnNodes implements NodeSessions {
  readonly #store: Store;
  readonly #life: SessionLife;
  readonly #teller: SessionTeller;
  readonly #redaction: RedactionRules;
  /** How long nodes took to arm a session, from the moment they were to. */
  readonly arming = new ArmingTimes();

  constructor(store: Store, life: SessionLife, teller: SessionTeller, redaction: RedactionRules) {
    this.#store = store;
    this.#life = life;
    this.#teller = teller;
    this.#redaction = redaction;
  }

  async desiredOn(node: NodeRow): Promise<DesiredSession[]> {
    const rows = await this.#store.sessionNodes.sessionsOn(node.id, RUNNING);
    const now = Date.now();
    const organisationRules = await this.#redaction.rules();
    return rows.map((row) => ({
      id: row.id,
      service_id: row.service_id,
      route_id: row.route_id,
      rule: row.rule,
      rate: row.rate,
      remaining_ms: row.ends_at === null ? row.duration_seconds * 1_000 : Math.max(0, row.ends_at - now),
      remaining_traces: Math.max(0, row.max_traces - row.traces),
      capture: withRules(JSON.parse(row.capture) as Capture, organisationRules),
    }));
  }

  async onConnected(node: NodeRow): Promise<void> {
    if (node.tracing_available === 0) return;
    const { sessions, sessionNodes } = this.#store;
    for (const row of await sessions.inStates(RUNNING, node.control_plane_id))
      if (row.nodes === '"all"') await sessionNodes.join(row.id, node.id);
    await this.#teller.tellNode(node.id);
  }

  async onAnswer(nodeId: string, states: SyncSessionsResult['sessions']): Promise<void> {
    const now = Date.now();
    const known = await this.#store.sessionNodes.statesOn(nodeId);
    const running = new Map(
      known.flatMap((one) => (RUNNING.includes(one.session_state) ? [[one.session_id, one.state]] : [])),
    );
    for (const { id, state, reason } of states) {
      if (!running.has(id) || running.get(id) === state) continue;
      await this.#store.sessionNodes.setState(id, nodeId, { state, reason }, now);
      if (state === 'armed') {
        const askedAt = known.find((one) => one.session_id === id)?.asked_at;
        if (askedAt != null && running.get(id) === 'pending') this.arming.note(now - askedAt);
        await this.#life.start(id, now);
      }
      await this.#teller.tell(id, 'session', id);
    }
    const told = new Set(states.map((one) => one.id));
    // Of a session that ended while the node was away it has not said its last word.
    const over = known
      .filter((one) => one.state === 'armed' || (one.state === 'lost' && one.session_state !== 'ended'))
      .map((one) => one.session_id)
      .filter((id) => !told.has(id));
    if (over.length === 0) return;
    await this.#store.sessionNodes.move({ sessions: over, node: nodeId }, ['armed', 'lost'], {
      state: 'ended',
    });
  }

  async onLost(nodeId: string): Promise<void> {
    const { sessionNodes } = this.#store;
    const armed = (await sessionNodes.statesOn(nodeId)).filter((one) => one.state === 'armed');
    if (armed.length === 0) return;
    await sessionNodes.move({ node: nodeId }, ['armed'], {
      state: 'lost',
      reason: 'the node lost its connection',
    });
    for (const { session_id } of armed) {
      this.#life.onNodeDone(session_id, nodeId);
      await this.#teller.tell(session_id, 'session', session_id);
    }
    await this.#teller.tellNode(nodeId);
  }

  async onReport(nodeId: string, report: ReportSessionsParams): Promise<void> {
    const { sessionNodes } = this.#store;
    for (const { id, counts, disarmed } of report.sessions) {
      if (!(await sessionNodes.has(id, nodeId))) continue;
      await sessionNodes.setCounts({
        session_id: id,
        node_id: nodeId,
        epoch: report.epoch,
        seen: counts.seen,
        matched: counts.matched,
        dropped: JSON.stringify(counts.dropped),
      });
      this.#teller.tellProgress(id);
      if (!disarmed) continue;
      // A node may say so before it is told, when the time is up by its clock.
      await sessionNodes.move({ sessions: [id], node: nodeId }, ['armed', 'lost'], {
        state: 'ended',
        reason: null,
      });
      this.#life.onNodeDone(id, nodeId);
    }
  }
}

function withRules(capture: Capture, rules: readonly RedactionRule[]): Capture {
  return { ...capture, redact: [...capture.redact, ...rules] };
}
