import {
  type CreatedToken,
  CreatedTokenSchema,
  listOf,
  TokenRequestSchema,
  TokenSchema,
} from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import type { Type } from 'typebox';
import { rightsAsked } from '../auth/rights.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { type PageQuery, PageQuerySchema, pageOf } from './cursor.ts';
import { tokenOf } from './people-views.ts';

/** API tokens. */
export function tokenRoutes(app: FastifyInstance, { tokens, audit }: ApiContext): void {
  app.get(
    '/tokens',
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(TokenSchema) } } },
    async (request) =>
      pageOf((await tokens.within(request.principal!)).map(tokenOf), request.query as PageQuery),
  );

  app.post(
    '/tokens',
    { schema: { body: TokenRequestSchema, response: { 201: CreatedTokenSchema } } },
    async (request, reply) => {
      const principal = request.principal!;
      const body = request.body as Type.Static<typeof TokenRequestSchema>;
      const rights = rightsAsked(principal, body);
      const { row, secret } = await tokens.make(principal, {
        name: body.name,
        rights,
        expiresInSeconds: body.expires_in_seconds ?? null,
      });
      await audit.note(actorOf(request), 'token.create', row.id, { name: row.name, ...rights });
      const created: CreatedToken = { ...tokenOf(row), token: secret };
      return await reply.code(201).send(created);
    },
  );

  app.delete('/tokens/:id', async (request, reply) => {
    const { id } = request.params as { id: string };
    const row = await tokens.remove(id, request.principal!);
    await audit.note(actorOf(request), 'token.delete', id, { name: row.name });
    return await reply.code(204).send();
  });
}
