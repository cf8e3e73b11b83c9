import { AppError } from '@gatescope/base';
import { type BoundRule, compileRule } from '@gatescope/expressions';
import type { TraceSummary } from '@gatescope/protocol';
import { readScopeSpans, type Span } from '@gatescope/trace';
import type { Kysely } from 'kysely';
import type { Keyring } from '../keyring.ts';
import type { Schema } from '../store/schema.ts';
import { inStartOrder } from './skeleton.ts';
import { Slices } from './slices.ts';
import { StoredFacts } from './stored-facts.ts';
import { storedReaders } from './stored-readers.ts';
import { openSpans, openSummary, type TraceRow } from './trace-row.ts';

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

/** The place of a trace in its session's list. */
export interface TracePosition {
  readonly startedUs: number;
  readonly id: string;
}

/** A trace read back whole. */
export interface StoredTrace {
  readonly summary: TraceSummary;
  readonly traceId: string;
  /** In start order. */
  readonly spans: readonly Span[];
}

const SUMMARY_COLUMNS = [
  'session_id',
  'id',
  'trace_id',
  'node_id',
  'started_us',
  'method',
  'status_code',
  'upstream_status_code',
  'duration_ms',
  'upstream_ms',
  'gateway_ms',
  'client_ms',
  'io_ms',
  'service_id',
  'route_id',
  'span_count',
  'log_count',
  'has_payload',
  'sealed_summary',
] as const;
/** Rows read at a time while a filter looks for matches, and with their spans. */
const CHUNK = 500;
const SPANS_CHUNK = 50;

/** Reads traces back. */
export class TraceReader {
  readonly #db: Kysely<Schema>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Schema>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
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
    const limit = rule !== null ? SPANS_CHUNK : filter.route !== null ? CHUNK : size + 1;
    const data: TraceSummary[] = [];
    const slices = new Slices();
    let position = after;
    for (;;) {
      const rows = await this.#rows(sessionId, filter, position, limit);
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
    const row = await this.#db
      .selectFrom('traces')
      .select(SUMMARY_COLUMNS)
      .where('session_id', '=', sessionId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new AppError('not_found', `there is no trace ${id} in this session`);
    return openSummary(await this.#keyring.open(sessionId), row);
  }

  async #find(sessionId: string, id: string): Promise<TraceRow> {
    const key = id.toLowerCase();
    const row = await this.#db
      .selectFrom('traces')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where(key.length === 32 ? 'trace_id' : 'id', '=', key)
      .orderBy('started_us', 'desc')
      .executeTakeFirst();
    if (row === undefined) throw new AppError('not_found', `there is no trace ${id} in this session`);
    return row;
  }

  async #rows(
    sessionId: string,
    filter: TraceFilter,
    after: TracePosition | null,
    limit: number,
  ): Promise<ListedRow[]> {
    const spans = filter.filter === null ? [] : (['sealed_spans'] as const);
    let query = this.#db
      .selectFrom('traces')
      .select([...SUMMARY_COLUMNS, ...spans])
      .where('session_id', '=', sessionId);
    if (after !== null) {
      query = query.where((eb) =>
        eb.or([
          eb('started_us', '<', after.startedUs),
          eb.and([eb('started_us', '=', after.startedUs), eb('id', '<', after.id)]),
        ]),
      );
    }
    if (filter.status !== null) {
      if (/^\dxx$/i.test(filter.status)) {
        const hundred = Number(filter.status[0]) * 100;
        query = query.where('status_code', '>=', hundred).where('status_code', '<', hundred + 100);
      } else query = query.where('status_code', '=', Number(filter.status));
    }
    if (filter.method !== null) query = query.where('method', '=', filter.method);
    if (filter.minDurationMs !== null) query = query.where('duration_ms', '>=', filter.minDurationMs);
    return await query.orderBy('started_us', 'desc').orderBy('id', 'desc').limit(limit).execute();
  }
}

/** Spans are read where a rule may ask for them. */
type ListedRow = Omit<TraceRow, 'sealed_spans'> & { readonly sealed_spans?: TraceRow['sealed_spans'] };

function spansOf(dataKey: Buffer, { session_id, id, sealed_spans }: ListedRow): readonly Span[] {
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
