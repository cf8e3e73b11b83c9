import { AppError, isLogLevel, LOG_LEVELS } from '@gatescope/base';
import { type Capture, LogLineSchema, listOf, PAGE_SIZE } from '@gatescope/protocol';
import type { Span } from '@gatescope/trace';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type LogFilter, subtreeOf } from '../traces/log-filter.ts';
import type { LogPage, LogPosition } from '../traces/log-reader.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, pageSize } from './cursor.ts';

const text = Type.Optional(Type.String({ maxLength: 1_024 }));
const SpanIdSchema = Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{16}$' }));
const LogQuerySchema = {
  /** The lowest level that is wanted. */
  level: Type.Optional(Type.Union(LOG_LEVELS.map((level) => Type.Literal(level)))),
  type: text,
  source: text,
  /** Found in the message or an attribute, whatever its case. */
  text,
  span_id: SpanIdSchema,
  size: text,
  after: text,
};
const SessionLogQuerySchema = Type.Object(LogQuerySchema, { additionalProperties: false });
const TraceLogQuerySchema = Type.Object(
  {
    ...LogQuerySchema,
    /** `true`: with `span_id`, the lines of all spans below it too. Or the id of the span itself. */
    subtree: Type.Optional(Type.String({ pattern: '^(true|false|[0-9a-fA-F]{16})$' })),
  },
  { additionalProperties: false },
);
type LogQuery = Readonly<Record<string, string | undefined>>;

/** Log lines of a session and of a trace. */
export function logRoutes(app: FastifyInstance, { sessions, traces, logs }: ApiContext): void {
  const base = '/control-planes/:cp/sessions/:id';

  app.get(
    `${base}/logs`,
    { schema: { querystring: SessionLogQuerySchema, response: { 200: listOf(LogLineSchema) } } },
    async (request) => {
      const { id } = request.params as { id: string };
      const session = await sessions.row(request.controlPlane!.id, id);
      requireLogs(session);
      const query = request.query as LogQuery;
      const spanId = query['span_id']?.toLowerCase();
      const filter = filterOf(query, spanId === undefined ? null : new Set([spanId]));
      return listed(await logs.ofSession(session.id, filter, sizeOf(query), positionOf(query)));
    },
  );

  app.get(
    `${base}/traces/:trace/logs`,
    { schema: { querystring: TraceLogQuerySchema, response: { 200: listOf(LogLineSchema) } } },
    async (request) => {
      const { id, trace } = request.params as { id: string; trace: string };
      const session = await sessions.row(request.controlPlane!.id, id);
      const { summary, spans } = await traces.read(session.id, trace);
      requireLogs(session);
      const query = request.query as LogQuery;
      const filter = filterOf(query, spanIdsOf(query, spans));
      return listed(await logs.ofTrace(session.id, summary.id, filter, sizeOf(query), positionOf(query)));
    },
  );
}

function requireLogs(session: { readonly capture: string }): void {
  if ((JSON.parse(session.capture) as Capture).logs === false)
    throw new AppError('not_captured', 'the session captures no logs; start one with capture.logs');
}

/** The spans that are asked for; null: any. */
function spanIdsOf(query: LogQuery, spans: readonly Span[]): ReadonlySet<string> | null {
  const subtree = query['subtree']?.toLowerCase();
  const spanId = query['span_id']?.toLowerCase();
  if (subtree === undefined || subtree === 'false') return spanId === undefined ? null : new Set([spanId]);
  if (subtree !== 'true') {
    const below = subtreeOf(spans, subtree);
    return spanId === undefined ? below : new Set(below.has(spanId) ? [spanId] : []);
  }
  if (spanId === undefined)
    throw new AppError('invalid_request', 'subtree=true goes with span_id', {
      details: [{ message: 'give the id of the span whose subtree is wanted', path: 'span_id' }],
    });
  return subtreeOf(spans, spanId);
}

function filterOf(query: LogQuery, spanIds: ReadonlySet<string> | null): LogFilter {
  const { level } = query;
  return {
    level: level !== undefined && isLogLevel(level) ? level : null,
    type: query['type'] ?? null,
    source: query['source'] ?? null,
    spanIds,
    text: query['text'] ?? null,
  };
}

function sizeOf(query: LogQuery): number {
  return query['size'] === undefined ? PAGE_SIZE.max : pageSize(query['size']);
}

function positionOf(query: LogQuery): LogPosition | null {
  const cursor = decodeCursor(query['after']);
  if (cursor === null) return null;
  const [, time, row] = /^(\d{1,20}) (.+)$/.exec(cursor.id) ?? [];
  if (time === undefined || row === undefined)
    throw new AppError('invalid_request', 'after is not a position of this list', {
      details: [{ message: 'use the value of next of the page before', path: 'after' }],
    });
  return { time: BigInt(time), row, index: cursor.at };
}

function listed({ data, next }: LogPage) {
  return { data, next: next === null ? null : encodeCursor([next.index, `${next.time} ${next.row}`]) };
}
