import type { Kysely } from 'kysely';
import { RowInserts } from './row-inserts.ts';
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

const COLUMNS = [...SUMMARY_COLUMNS, 'sealed_spans'] as const;
/** 32 rows are stored by one statement. */
const inserts = new RowInserts<TraceRow>('traces', COLUMNS, 32, ' on conflict do nothing returning id');

/** Traces as they are kept: clear columns to look for, the rest sealed. */
export class TraceRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Stores those traces of which there is none under their id; answers the ids of these. */
  async addNew(rows: readonly TraceRow[]): Promise<Set<string>> {
    const added = new Set<string>();
    for (const insert of inserts.of(rows)) {
      const { rows: stored } = await this.#db.executeQuery<Pick<TraceRow, 'id'>>(insert);
      for (const { id } of stored) added.add(id);
    }
    return added;
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

  /** How many of a session's traces there are, how many failed, and the durations at which these shares of them end. */
  async statistics(
    sessionId: string,
    shares: readonly number[],
  ): Promise<{ traces: number; failed: number; durationsMs: readonly (number | null)[] }> {
    const counts = await this.#db
      .selectFrom('traces')
      .select(({ fn, eb }) => [
        fn.countAll<number>().as('traces'),
        fn
          .count<number>('id')
          .filterWhere(eb.or([eb('status_code', 'is', null), eb('status_code', '>=', 500)]))
          .as('failed'),
      ])
      .where('session_id', '=', sessionId)
      .executeTakeFirstOrThrow();
    const traces = Number(counts.traces);
    const durationsMs: (number | null)[] = [];
    for (const share of shares) {
      const row = await this.#db
        .selectFrom('traces')
        .select('duration_ms')
        .where('session_id', '=', sessionId)
        .orderBy('duration_ms')
        .offset(Math.max(0, Math.ceil(traces * share) - 1))
        .limit(1)
        .executeTakeFirst();
      durationsMs.push(row?.duration_ms ?? null);
    }
    return { traces, failed: Number(counts.failed), durationsMs };
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
