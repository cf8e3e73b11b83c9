import { AppError } from '@gatescope/base';
import { type Capture, LOG_CHUNK_ATTRIBUTE, SESSION_IDS_ATTRIBUTE } from '@gatescope/protocol';
import { type LogLine, readExportLogsServiceRequest, type ScopeLogs } from '@gatescope/trace';
import type { Keyring } from '../keys/keyring.ts';
import type { SessionLife } from '../sessions/session-life.ts';
import { takesFrom } from '../sessions/takes-from.ts';
import type { Store } from '../store/store.ts';
import { LogBudget, noteDropped } from './log-budget.ts';
import { sealLines } from './log-row.ts';
import type { SafetyNet } from './safety-net.ts';

export interface LogIngestParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly life: SessionLife;
  readonly net: SafetyNet;
}

const CHUNK_ID_CHARACTERS_MAX = 128;

/**
 * Stores the lines of nodes that belong to no request: for sessions that run on the node that sent them and capture logs, each chunk once
 * however often it comes. (Those of a request come with its trace.) When the promise resolves everything taken is on disk.
 */
export class LogIngest {
  readonly #parts: LogIngestParts;

  constructor(parts: LogIngestParts) {
    this.#parts = parts;
  }

  /** Takes an ExportLogsServiceRequest. Throws `invalid_request` where it is none, and what the database throws. */
  async take(nodeId: string, body: Uint8Array): Promise<void> {
    const check = this.#parts.net.begin();
    for (const { scopeAttributes, lines } of scopesOf(body)) {
      const sessions = scopeAttributes[SESSION_IDS_ATTRIBUTE];
      const chunk = scopeAttributes[LOG_CHUNK_ATTRIBUTE];
      if (!Array.isArray(sessions) || typeof chunk !== 'string' || lines.length === 0) continue;
      if (chunk === '' || chunk.length > CHUNK_ID_CHARACTERS_MAX)
        throw new AppError(
          'invalid_request',
          `a chunk has an id of 1 to ${CHUNK_ID_CHARACTERS_MAX} characters`,
        );
      const own = (await check.lines(lines)).map((line) => ({ ...line, trace_id: null, span_id: null }));
      for (const id of new Set(sessions.filter((one) => typeof one === 'string')))
        await this.#store(nodeId, id, `${nodeId} ${chunk}`, own);
    }
  }

  async #store(nodeId: string, sessionId: string, chunk: string, lines: readonly LogLine[]): Promise<void> {
    const { store, keyring, life } = this.#parts;
    if (!(await store.sessionNodes.has(sessionId, nodeId))) return;
    const dataKey = await keyring.open(sessionId).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'key_unavailable') return null;
      throw error;
    });
    if (dataKey === null) {
      await store.transaction(
        async (repositories) =>
          await noteDropped(repositories, sessionId, nodeId, 'key_unavailable', lines.length),
      );
      return;
    }
    const isStored = await store.transaction(async (repositories) => {
      const session = await repositories.sessions.find(sessionId);
      if (session === undefined || !(await takesFrom(nodeId, session, repositories))) return false;
      if ((JSON.parse(session.capture) as Capture).logs === false) return false;
      const budget = new LogBudget(session.logs);
      const kept = budget.take(lines);
      if (budget.dropped > 0)
        await noteDropped(repositories, sessionId, nodeId, 'log_lines_of_session', budget.dropped);
      if (kept.length === 0) return false;
      const place = { session_id: sessionId, id: chunk, node_id: nodeId, of_trace: 0 };
      if (!(await repositories.logs.addNew(sealLines(dataKey, place, kept)))) return false;
      await repositories.sessions.addStored(sessionId, { logs: kept.length });
      return true;
    });
    if (isStored) life.onStored(sessionId);
  }
}

function scopesOf(body: Uint8Array): ScopeLogs[] {
  try {
    return readExportLogsServiceRequest(body);
  } catch (error) {
    throw new AppError('invalid_request', 'the body is no OTLP log export request', { cause: error });
  }
}
