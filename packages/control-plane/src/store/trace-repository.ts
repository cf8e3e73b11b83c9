import type { Kysely } from 'kysely';
import type { Schema, TraceRow } from './schema.ts';

/** The conditions of a list of traces that the database can decide. */
export interface TraceConditions {
  /** The lowest status code and the first one above. */
  readonly status: readonly [from: number, to: number] | null;
  readonly method: string | null;
  readonly minDurationMs: number | null;
}

/** The place of a trace in its session's list. */
export interface TracePosition {
  readonly startedUs: number;
  readonly id: string;
}

/** A trace without its spans. */
export type TraceSummaryRow = Omit<TraceRow, 'sealed_spans'>;
/** Spans are read where they are asked for. */
export type ListedTraceRow = TraceSummaryRow & { readonly sealed_spans?: TraceRow['sealed_spans'] };

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

/** Traces as they are kept: clear columns to look for, the rest sealed. */
export class TraceRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Stores those that are new, and answers them. */
  async addNew(rows: readonly TraceRow[]): Promise<{ id: string; span_count: number; log_count: number }[]> {
    return await this.#db
      .insertInto('traces')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'span_count', 'log_count'])
      .execute();
  }

  /** By the id of its root span or by its trace id: the newest of those. */
  async find(sessionId: string, by: 'id' | 'trace_id', key: string): Promise<TraceRow | undefined> {
    return await this.#db
      .selectFrom('traces')
      .selectAll()
      .where('session_id', '=', sessionId)
      .where(by, '=', key)
      .orderBy('started_us', 'desc')
      .executeTakeFirst();
  }

  async findSummary(sessionId: string, id: string): Promise<TraceSummaryRow | undefined> {
    return await this.#db
      .selectFrom('traces')
      .select(SUMMARY_COLUMNS)
      .where('session_id', '=', sessionId)
      .where('id', '=', id)
      .executeTakeFirst();
  }

  /** A page of a session's traces, newest first. */
  async page(
    sessionId: string,
    conditions: TraceConditions,
    after: TracePosition | null,
    limit: number,
    withSpans: boolean,
  ): Promise<ListedTraceRow[]> {
    const spans = withSpans ? (['sealed_spans'] as const) : [];
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
    const { status, method, minDurationMs } = conditions;
    if (status !== null)
      query = query.where('status_code', '>=', status[0]).where('status_code', '<', status[1]);
    if (method !== null) query = query.where('method', '=', method);
    if (minDurationMs !== null) query = query.where('duration_ms', '>=', minDurationMs);
    return await query.orderBy('started_us', 'desc').orderBy('id', 'desc').limit(limit).execute();
  }
}
