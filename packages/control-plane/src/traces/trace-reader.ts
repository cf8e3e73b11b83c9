import { AppError } from '@gatescope/base';
import { type BoundRule, compileRule } from '@gatescope/expressions';
import { inStartOrder, type SessionStatistics, type TraceSummary } from '@gatescope/protocol';
import { readScopeSpans, type Span } from '@gatescope/trace';
import type { Keyring } from '../keys/keyring.ts';
import type { Repositories } from '../store/repositories.ts';
import type { TraceRow } from '../store/schema.ts';
import type {
  ListedTraceRow,
  TraceConditions,
  TracePosition,
  TraceRepository,
} from '../store/trace-repository.ts';
import { Slices } from './slices.ts';
import { StoredFacts } from './stored-facts.ts';
import { storedReaders } from './stored-readers.ts';
import { openSpans, openSummary } from './trace-row.ts';

export interface TraceFilter {
  /** `503`, or a class such as `5xx`. */
  readonly status: string | null;
  readonly method: string | null;
  /** Name or id. */
  readonly route: string | null;
  readonly minDurationMs: number | null;
  /** A rule over what is stored. */
  readonly filter: string | null;
}

/** A trace read back whole. */
export interface StoredTrace {
  readonly summary: TraceSummary;
  readonly traceId: string;
  /** In start order. */
  readonly spans: readonly Span[];
}

/** Rows read at a time while a filter looks for matches, and with their spans. */
const CHUNK = 500;
const SPANS_CHUNK = 50;

/** Reads traces back. */
export class TraceReader {
  readonly #traces: TraceRepository;
  readonly #keyring: Keyring;

  constructor({ traces }: Pick<Repositories, 'traces'>, keyring: Keyring) {
    this.#traces = traces;
    this.#keyring = keyring;
  }

  /** How the traces of a session did. */
  async statistics(sessionId: string): Promise<SessionStatistics> {
    const { traces, failed, durationsMs } = await this.#traces.statistics(sessionId, [0.5, 0.95]);
    const [p50 = null, p95 = null] = durationsMs;
    return { session_id: sessionId, traces, failed, p50_ms: p50, p95_ms: p95 };
  }

  /** A page of a session's traces, newest first. `next` is the position to go on after, null on the last page. */
  async list(
    sessionId: string,
    filter: TraceFilter,
    size: number,
    after: TracePosition | null,
  ): Promise<{ data: TraceSummary[]; next: TracePosition | null }> {
    const dataKey = await this.#keyring.open(sessionId);
    const rule = filter.filter === null ? null : compileFilter(filter.filter);
    const conditions = conditionsOf(filter);
    const limit = rule !== null ? SPANS_CHUNK : filter.route !== null ? CHUNK : size + 1;
    const data: TraceSummary[] = [];
    const slices = new Slices();
    let position = after;
    for (;;) {
      const rows = await this.#traces.page(sessionId, conditions, position, limit, rule !== null);
      for (const row of rows) {
        if (slices.isOver) await slices.next();
        const here = { startedUs: row.started_us, id: row.id };
        const summary = openSummary(dataKey, row);
        if (filter.route !== null && summary.route !== filter.route && row.route_id !== filter.route)
          continue;
        if (rule !== null && !rule.matches(new StoredFacts(summary, () => spansOf(dataKey, row)))) continue;
        if (data.length === size) return { data, next: position };
        data.push(summary);
        position = here;
      }
      if (rows.length < limit) return { data, next: null };
      const last = rows.at(-1)!;
      position = { startedUs: last.started_us, id: last.id };
    }
  }

  /** One trace, by the id of its root span or by its trace id (the newest of those). Throws `not_found`. */
  async read(sessionId: string, id: string): Promise<StoredTrace> {
    const row = await this.#find(sessionId, id);
    const dataKey = await this.#keyring.open(sessionId);
    const { traceId, spans } = readScopeSpans(openSpans(dataKey, row));
    return { summary: openSummary(dataKey, row), traceId, spans: inStartOrder(spans) };
  }

  /** One row of the list. Throws `not_found`. */
  async summary(sessionId: string, id: string): Promise<TraceSummary> {
    const row = await this.#traces.findSummary(sessionId, id);
    if (row === undefined) throw new AppError('not_found', `there is no trace ${id} in this session`);
    return openSummary(await this.#keyring.open(sessionId), row);
  }

  /** The ids of a trace, by either of them. Throws `not_found`. */
  async find(sessionId: string, id: string): Promise<{ readonly id: string; readonly trace_id: string }> {
    return await this.#find(sessionId, id);
  }

  async #find(sessionId: string, id: string): Promise<TraceRow> {
    const key = id.toLowerCase();
    const row = await this.#traces.find(sessionId, key.length === 32 ? 'trace_id' : 'id', key);
    if (row === undefined) throw new AppError('not_found', `there is no trace ${id} in this session`);
    return row;
  }
}

function conditionsOf({ status, method, minDurationMs }: TraceFilter): TraceConditions {
  return { status: status === null ? null : statusRange(status), method, minDurationMs };
}

/** `503`, or a class such as `5xx`. */
function statusRange(status: string): [from: number, to: number] {
  if (!/^\dxx$/i.test(status)) return [Number(status), Number(status) + 1];
  const hundred = Number(status[0]) * 100;
  return [hundred, hundred + 100];
}

function spansOf(dataKey: Buffer, { session_id, id, sealed_spans }: ListedTraceRow): readonly Span[] {
  return sealed_spans === undefined
    ? []
    : readScopeSpans(openSpans(dataKey, { session_id, id, sealed_spans })).spans;
}

function compileFilter(text: string): BoundRule<StoredFacts> {
  const compiled = compileRule(text);
  if (compiled.ok) return compiled.rule.bind(storedReaders);
  throw new AppError('invalid_rule', `the filter is not valid: ${compiled.diagnostics[0]?.message ?? ''}`, {
    details: compiled.diagnostics.map(({ message, line, column, suggestion }) => ({
      message,
      line,
      column,
      ...(suggestion === null ? {} : { suggestion }),
    })),
  });
}
