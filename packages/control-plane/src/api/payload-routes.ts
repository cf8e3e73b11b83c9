import { PayloadSchema } from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';

/** Captured headers and bodies, for those who have the right to them. Each reading is noted before it is answered. */
export function payloadRoutes(app: FastifyInstance, { sessions, traces, payloads, audit }: ApiContext): void {
  app.get(
    '/control-planes/:cp/sessions/:id/traces/:trace/payload',
    { schema: { response: { 200: PayloadSchema } } },
    async (request) => {
      const { id, trace } = request.params as { id: string; trace: string };
      const session = await sessions.row(request.controlPlane!.id, id);
      const { id: rootId, trace_id } = await traces.find(session.id, trace);
      const { query: _, ...payload } = await payloads.read(session.id, rootId);
      await audit.note(actorOf(request), 'payload.read', rootId, { session: session.id, trace_id });
      return payload;
    },
  );
}
