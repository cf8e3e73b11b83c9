import { AppError, type Logger } from '@gatescope/base';
import { type Capture, SESSION_IDS_ATTRIBUTE } from '@gatescope/protocol';
import {
  readExportTraceServiceRequest,
  type ScopeSpansEnvelope,
  summariseScopeSpans,
} from '@gatescope/trace';
import type { CheckedConfig, ConfigStore } from '../config/config-store.ts';
import type { EventHub } from '../events/event-hub.ts';
import { appendEvents, type StoredEvent } from '../events/event-log.ts';
import type { Keyring } from '../keys/keyring.ts';
import { PayloadConsent } from '../sessions/payload-consent.ts';
import type { SessionLife } from '../sessions/session-life.ts';
import { takesFrom } from '../sessions/takes-from.ts';
import type { Repositories } from '../store/repositories.ts';
import type { TraceRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { LogBudget, noteDropped } from './log-budget.ts';
import { sealLines } from './log-row.ts';
import { sealPayload } from './payload-row.ts';
import type { SafetyNet } from './safety-net.ts';
import type { SealedSummary } from './sealed-summary.ts';
import { readDetail, type TraceDetail } from './trace-detail.ts';
import { sealSpans, sealSummary } from './trace-row.ts';

export interface IngestParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly configs: ConfigStore;
  readonly life: SessionLife;
  readonly hub: EventHub;
  readonly net: SafetyNet;
  readonly logger: Logger;
}

/** What was taken of a batch. */
export interface IngestResult {
  readonly stored: number;
  readonly refused: number;
}

const NOT_SEALED = Buffer.alloc(0);

/** A trace ready to be stored for one session. */
interface Candidate {
  readonly sessionId: string;
  /** With what is sealed once it is known to be wanted. */
  readonly row: TraceRow;
  readonly summary: SealedSummary;
  readonly bytes: Uint8Array;
  readonly detail: TraceDetail;
}

/**
 * Stores what nodes send: only for sessions that run on the node that sent it, each trace once however often it comes, and never more
 * than a session may have. When the promise resolves everything taken is on disk.
 */
export class Ingest {
  readonly #parts: IngestParts;
  stored = 0;
  refused = 0;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /** Takes an ExportTraceServiceRequest. Throws `invalid_request` where it is none, and what the database throws. */
  async take(nodeId: string, body: Uint8Array): Promise<IngestResult> {
    const candidates = await this.#checked(await this.#candidates(nodeId, body));
    const bySession = new Map<string, Candidate[]>();
    for (const candidate of candidates) {
      const all = bySession.get(candidate.sessionId);
      if (all === undefined) bySession.set(candidate.sessionId, [candidate]);
      else all.push(candidate);
    }
    let stored = 0;
    for (const [sessionId, all] of bySession) stored += await this.#store(nodeId, sessionId, all);
    const refused = candidates.length - stored;
    this.stored += stored;
    this.refused += refused;
    return { stored, refused };
  }

  /** With what came besides spans looked through once more. */
  async #checked(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const check = this.#parts.net.begin();
    const checked: Candidate[] = [];
    for (const candidate of candidates) {
      const { detail } = candidate;
      checked.push(isPlain(candidate) ? candidate : { ...candidate, detail: await check.detail(detail) });
    }
    return checked;
  }

  async #candidates(nodeId: string, body: Uint8Array): Promise<Candidate[]> {
    const { store, configs } = this.#parts;
    const node = await store.nodes.find(nodeId);
    if (node === undefined) throw new AppError('unauthorized', `node ${nodeId} has not said hello`);
    const config = await configs.get(node.control_plane_id);
    const candidates: Candidate[] = [];
    try {
      for (const { scopes } of readExportTraceServiceRequest(body))
        for (const scope of scopes) addCandidates(candidates, nodeId, scope, config?.checked ?? null);
      return candidates;
    } catch (error) {
      throw new AppError('invalid_request', 'the body is no OTLP trace export request', { cause: error });
    }
  }

  /** The session's data key; null where its key can't be used, which costs this session its traces and no other. */
  async #openKey(nodeId: string, sessionId: string, traces: number): Promise<Buffer | null> {
    const { store, keyring, logger } = this.#parts;
    try {
      return await keyring.open(sessionId);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'key_unavailable') throw error;
      logger.log('error', 'ingest', `${traces} traces of session ${sessionId} are lost: ${error.message}`);
      await store.transaction(async (repositories) => {
        await noteDropped(repositories, sessionId, nodeId, 'key_unavailable', traces);
      });
      return null;
    }
  }

  async #store(nodeId: string, sessionId: string, candidates: readonly Candidate[]): Promise<number> {
    const { store, hub, life } = this.#parts;
    if (!(await store.sessionNodes.has(sessionId, nodeId))) return 0;
    const dataKey = await this.#openKey(nodeId, sessionId, candidates.length);
    if (dataKey === null) return 0;
    let full = false;
    let stored = 0;
    const events = await store.transaction(async (repositories): Promise<StoredEvent[]> => {
      const session = await repositories.sessions.find(sessionId);
      if (session === undefined || !(await takesFrom(nodeId, session, repositories))) return [];
      const ids: string[] = [];
      let spans = 0;
      const budget = new LogBudget(session.logs);
      const capture = await allowedCapture(repositories, JSON.parse(session.capture) as Capture);
      const room = session.max_traces - session.traces;
      for (let at = 0; at < candidates.length && ids.length < room; ) {
        const some = candidates.slice(at, at + room - ids.length);
        at += some.length;
        const allowed = some.map((candidate) => allowedOf(candidate, capture, budget));
        for (const { id, span_count, log_count } of await insertNew(repositories, dataKey, allowed)) {
          ids.push(id);
          spans += span_count;
          budget.stored += log_count;
        }
      }
      if (ids.length === 0) return [];
      await repositories.sessions.addStored(sessionId, { traces: ids.length, spans, logs: budget.stored });
      if (budget.dropped > 0)
        await noteDropped(repositories, sessionId, nodeId, 'log_lines_of_session', budget.dropped);
      full = session.state !== 'draining' && session.traces + ids.length >= session.max_traces;
      stored = ids.length;
      return await appendEvents(
        repositories,
        sessionId,
        ids.map((ref) => ({ kind: 'trace', ref })),
      );
    });
    hub.tell(sessionId, events);
    if (stored > 0) life.onStored(sessionId);
    if (full) await life.onFull(sessionId);
    return stored;
  }
}

/** Stores traces with what came with them; answers the rows of those that are new. */
async function insertNew(
  repositories: Repositories,
  dataKey: Buffer,
  candidates: readonly Candidate[],
): Promise<TraceRow[]> {
  for (const { sessionId, row, summary, bytes } of candidates) {
    row.sealed_summary = sealSummary(dataKey, sessionId, row.id, summary);
    row.sealed_spans = sealSpans(dataKey, sessionId, row.id, bytes);
  }
  const added = await repositories.traces.addNew(candidates.map(({ row }) => row));
  const rows: TraceRow[] = [];
  for (const candidate of candidates) {
    // Of two under one id the first was stored.
    if (!added.delete(candidate.row.id)) continue;
    if (!isPlain(candidate)) await insertDetail(repositories, dataKey, candidate);
    rows.push(candidate.row);
  }
  return rows;
}

async function insertDetail(
  { logs, payloads }: Repositories,
  dataKey: Buffer,
  { sessionId, row, detail: { lines, payload } }: Candidate,
): Promise<void> {
  const place = { session_id: sessionId, id: row.id };
  if (lines.length > 0)
    await logs.addNew(sealLines(dataKey, { ...place, node_id: row.node_id, of_trace: 1 }, lines));
  if (payload !== null)
    await payloads.add({ ...place, sealed_payload: sealPayload(dataKey, sessionId, row.id, payload) });
}

/** Whether only spans came. */
function isPlain({ detail }: Candidate): boolean {
  return detail.lines.length === 0 && detail.payload === null;
}

/** What a session captures, without payload where the organisation has withdrawn its consent. */
async function allowedCapture(repositories: Repositories, capture: Capture): Promise<Capture> {
  if ((!capture.headers && !capture.bodies) || (await new PayloadConsent(repositories).isGiven()))
    return capture;
  return { ...capture, headers: false, bodies: false };
}

/** A candidate without what its session did not ask for, and without lines beyond what it may have. */
function allowedOf(candidate: Candidate, capture: Capture, budget: LogBudget): Candidate {
  if (isPlain(candidate)) return candidate;
  const lines = capture.logs === false ? [] : budget.take(candidate.detail.lines);
  const payload = capture.headers || capture.bodies ? candidate.detail.payload : null;
  const row = { ...candidate.row, log_count: lines.length, has_payload: payload === null ? 0 : 1 };
  return { ...candidate, row, detail: { lines, payload } };
}

/** Adds what a trace is to each of the sessions that it names. */
function addCandidates(
  candidates: Candidate[],
  nodeId: string,
  scope: ScopeSpansEnvelope,
  config: CheckedConfig | null,
): void {
  const sessions = scope.scopeAttributes[SESSION_IDS_ATTRIBUTE];
  if (!Array.isArray(sessions)) return;
  const read = summariseScopeSpans(scope.bytes);
  if (read === null) return;
  const { traceId, summary } = read;
  const detail = readDetail(scope, traceId);
  const sealed: SealedSummary = {
    host: summary.host,
    path: summary.path,
    service: nameOf(config?.services, summary.service_id),
    route: nameOf(config?.routes, summary.route_id),
    consumer: nameOf(config?.consumers, summary.consumer_id),
    client_address: summary.client_address,
    error: summary.error,
    slowest_plugin: summary.slowest_plugin,
    exited_by: summary.exited_by,
  };
  for (const sessionId of new Set(sessions)) {
    if (typeof sessionId !== 'string') continue;
    candidates.push({
      sessionId,
      summary: sealed,
      bytes: scope.bytes,
      detail,
      row: {
        session_id: sessionId,
        id: summary.root_span_id,
        trace_id: traceId,
        node_id: nodeId,
        started_us: Number(BigInt(summary.start_unix_nano) / 1_000n),
        method: summary.method,
        status_code: summary.status_code,
        upstream_status_code: summary.upstream_status_code,
        duration_ms: summary.duration_ms,
        upstream_ms: summary.upstream_ms,
        gateway_ms: summary.gateway_ms,
        client_ms: summary.client_ms,
        io_ms: summary.io_ms,
        service_id: summary.service_id,
        route_id: summary.route_id,
        span_count: summary.span_count,
        log_count: 0,
        has_payload: 0,
        sealed_summary: NOT_SEALED,
        sealed_spans: NOT_SEALED,
      },
    });
  }
}

function nameOf(
  entities: readonly { id: string; name: string | null }[] | undefined,
  id: string | null,
): string | null {
  if (id === null) return null;
  return entities?.find((entity) => entity.id === id)?.name ?? id;
}
