import { AppError } from '@gatescope/base';
import { compileRule } from '@gatescope/expressions';
import {
  listOf,
  RuleCheckRequestSchema,
  type RuleCheckResult,
  RuleCheckResultSchema,
  SessionChangeSchema,
  type SessionRequest,
  SessionRequestSchema,
  SessionSchema,
  SessionStatisticsSchema,
  STATISTICS_SESSIONS_MAX,
} from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, type PageQuery, PageQuerySchema, pageSize } from './cursor.ts';

/** Ids of sessions, with commas between them; the newest sessions where none are named. */
const StatisticsQuerySchema = Type.Object(
  { ids: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })) },
  { additionalProperties: false },
);

/** Sessions, and the check of rules. */
export function sessionRoutes(app: FastifyInstance, { sessions, traces }: ApiContext): void {
  const base = '/control-planes/:cp/sessions';

  app.get(
    base,
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(SessionSchema) } } },
    async (request) => {
      const query = request.query as PageQuery;
      const size = pageSize(query.size);
      const rows = await sessions.list(request.controlPlane!, size + 1, decodeCursor(query.after));
      const data = rows.slice(0, size);
      const last = data.at(-1);
      return {
        data,
        next:
          rows.length > size && last !== undefined
            ? encodeCursor([Date.parse(last.created_at), last.id])
            : null,
      };
    },
  );

  app.post(
    base,
    {
      schema: { body: SessionRequestSchema, response: { 201: SessionSchema } },
    },
    async (request, reply) => {
      const session = await sessions.create(
        request.controlPlane!,
        (request.body ?? {}) as SessionRequest,
        actorOf(request),
      );
      return await reply
        .code(201)
        .header('location', `/api/v1/control-planes/${request.controlPlane!.name}/sessions/${session.id}`)
        .send(session);
    },
  );

  app.get(
    `${base}/statistics`,
    { schema: { querystring: StatisticsQuerySchema, response: { 200: listOf(SessionStatisticsSchema) } } },
    async (request) => {
      const { ids } = request.query as { ids?: string };
      const newest = async () =>
        (await sessions.list(request.controlPlane!, STATISTICS_SESSIONS_MAX, null)).map(({ id }) => id);
      const asked = new Set(ids?.split(',') ?? (await newest()));
      if (asked.size > STATISTICS_SESSIONS_MAX)
        throw new AppError('invalid_request', `ask of ${STATISTICS_SESSIONS_MAX} sessions at most`, {
          details: [{ message: `expected ${STATISTICS_SESSIONS_MAX} ids at most`, path: 'ids' }],
        });
      const data = [];
      for (const id of asked) {
        const row = await sessions.row(request.controlPlane!.id, id);
        data.push(await traces.statistics(row.id));
      }
      return { data, next: null };
    },
  );

  app.get(
    `${base}/:id`,
    { schema: { response: { 200: SessionSchema } } },
    async (request) => await sessions.view(request.controlPlane!, idOf(request.params)),
  );

  app.patch(
    `${base}/:id`,
    {
      schema: { body: SessionChangeSchema, response: { 200: SessionSchema } },
    },
    async (request) =>
      await sessions.update(
        request.controlPlane!,
        idOf(request.params),
        request.body as object,
        actorOf(request),
      ),
  );

  app.post(
    `${base}/:id/stop`,
    { schema: { response: { 200: SessionSchema } } },
    async (request) => await sessions.stop(request.controlPlane!, idOf(request.params), actorOf(request)),
  );

  app.delete(`${base}/:id`, async (request, reply) => {
    await sessions.remove(request.controlPlane!, idOf(request.params), actorOf(request));
    return await reply.code(204).send();
  });

  app.post(
    '/rules/check',
    { schema: { body: RuleCheckRequestSchema, response: { 200: RuleCheckResultSchema } } },
    async (request): Promise<RuleCheckResult> => {
      const compiled = compileRule((request.body as { expression: string }).expression);
      if (!compiled.ok)
        return { valid: false, diagnostics: [...compiled.diagnostics], decided_at: null, reading: null };
      const { warnings, decidedAt, reading } = compiled.rule;
      return { valid: true, diagnostics: [...warnings], decided_at: decidedAt, reading };
    },
  );
}

function idOf(params: unknown): string {
  return (params as { id: string }).id;
}
