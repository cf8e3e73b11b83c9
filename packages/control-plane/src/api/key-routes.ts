import { type KeyRequest, KeyRequestSchema, KeySchema, listOf } from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';

const ACTIONS = ['activate', 'rotate', 'disable'] as const;

/** The keys that wrap the data keys of sessions. */
export function keyRoutes(app: FastifyInstance, { keys }: ApiContext): void {
  app.get('/keys', { schema: { response: { 200: listOf(KeySchema) } } }, async () => ({
    data: await keys.list(),
    next: null,
  }));

  app.post(
    '/keys',
    { schema: { body: KeyRequestSchema, response: { 201: KeySchema } } },
    async (request, reply) => {
      const key = await keys.add(request.body as KeyRequest, actorOf(request));
      return await reply.code(201).header('location', `/api/v1/keys/${key.id}`).send(key);
    },
  );

  app.get('/keys/:id', { schema: { response: { 200: KeySchema } } }, async (request) =>
    keys.view(idOf(request.params)),
  );

  for (const action of ACTIONS) {
    app.post(`/keys/:id/${action}`, { schema: { response: { 200: KeySchema } } }, async (request) =>
      keys[action](idOf(request.params), actorOf(request)),
    );
  }
}

function idOf(params: unknown): string {
  return (params as { id: string }).id;
}
