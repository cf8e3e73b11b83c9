import { AppError } from '@gatescope/base';
import {
  ATTRIBUTE_BLOCK_SPANS,
  AttributeBlockSchema,
  attributeBlock,
  listOf,
  SkeletonSchema,
  skeletonOf,
  TraceSummarySchema,
} from '@gatescope/protocol';
import { toOtlpJson } from '@gatescope/trace';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { TraceFilter } from '../traces/trace-reader.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, pageSize } from './cursor.ts';

const text = Type.Optional(Type.String());
const ListQuerySchema = Type.Object(
  {
    status: Type.Optional(Type.String({ pattern: '^(\\d{3}|[1-5][xX][xX])$' })),
    method: text,
    route: text,
    min_duration_ms: Type.Optional(Type.String({ pattern: '^\\d+(\\.\\d+)?$' })),
    filter: text,
    size: text,
    after: text,
  },
  { additionalProperties: false },
);
const FormatQuerySchema = Type.Object(
  { format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('otlp')])) },
  { additionalProperties: false },
);
const BlockQuerySchema = Type.Object(
  {
    from: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
    count: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
  },
  { additionalProperties: false },
);

/** Traces of a session. */
export function traceRoutes(app: FastifyInstance, { sessions, traces, nodes, version }: ApiContext): void {
  const base = '/control-planes/:cp/sessions/:id/traces';

  app.get(
    base,
    { schema: { querystring: ListQuerySchema, response: { 200: listOf(TraceSummarySchema) } } },
    async (request) => {
      const session = await sessions.row(request.controlPlane!.id, paramsOf(request.params).id);
      const query = request.query as Record<string, string | undefined>;
      const filter: TraceFilter = {
        status: query['status'] ?? null,
        method: query['method'] ?? null,
        route: query['route'] ?? null,
        minDurationMs: query['min_duration_ms'] === undefined ? null : Number(query['min_duration_ms']),
        filter: query['filter'] ?? null,
      };
      const after = decodeCursor(query['after']);
      const { data, next } = await traces.list(
        session.id,
        filter,
        pageSize(query['size']),
        after === null ? null : { startedUs: after.at, id: after.id },
      );
      return { data, next: next === null ? null : encodeCursor([next.startedUs, next.id]) };
    },
  );

  app.get(`${base}/:trace`, { schema: { querystring: FormatQuerySchema } }, async (request) => {
    const { id, trace } = paramsOf(request.params);
    const session = await sessions.row(request.controlPlane!.id, id);
    const { summary, traceId, spans } = await traces.read(session.id, trace);
    if ((request.query as { format?: string }).format !== 'otlp') return { summary, spans };
    const node = await nodes.find(summary.node_id);
    return toOtlpJson([{ trace_id: traceId, spans }], {
      'service.name': 'gatescope',
      'service.instance.id': summary.node_id,
      'service.version': node?.version ?? version,
    });
  });

  app.get(`${base}/:trace/skeleton`, { schema: { response: { 200: SkeletonSchema } } }, async (request) => {
    const { id, trace } = paramsOf(request.params);
    const session = await sessions.row(request.controlPlane!.id, id);
    const { summary, spans } = await traces.read(session.id, trace);
    return skeletonOf(summary, spans);
  });

  app.get(
    `${base}/:trace/attributes`,
    { schema: { querystring: BlockQuerySchema, response: { 200: AttributeBlockSchema } } },
    async (request) => {
      const { id, trace } = paramsOf(request.params);
      const session = await sessions.row(request.controlPlane!.id, id);
      const query = request.query as { from?: string; count?: string };
      const count = Number(query.count ?? ATTRIBUTE_BLOCK_SPANS);
      if (count < 1 || count > ATTRIBUTE_BLOCK_SPANS)
        throw new AppError('invalid_request', `count is 1 to ${ATTRIBUTE_BLOCK_SPANS}`, {
          details: [{ message: `expected 1 to ${ATTRIBUTE_BLOCK_SPANS}`, path: 'count' }],
        });
      const { spans } = await traces.read(session.id, trace);
      return attributeBlock(spans, Number(query.from ?? 0), count);
    },
  );
}

function paramsOf(params: unknown): { id: string; trace: string } {
  return params as { id: string; trace: string };
}
