import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type ExportFormat, SessionExport } from '../exports/session-export.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';

const QuerySchema = Type.Object(
  { format: Type.Optional(Type.Union([Type.Literal('otlp'), Type.Literal('har'), Type.Literal('zip')])) },
  { additionalProperties: false },
);
const TYPES: Readonly<Record<ExportFormat, readonly [type: string, ending: string]>> = {
  otlp: ['application/json; charset=utf-8', 'otlp.json'],
  har: ['application/json; charset=utf-8', 'har'],
  zip: ['application/zip', 'zip'],
};

/** A session as a file. Captured headers and bodies are in it for those who have the right to them. */
export function exportRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/control-planes/:cp/sessions/:id/export',
    { schema: { querystring: QuerySchema } },
    async (request, reply) => {
      const session = await context.sessions.view(
        request.controlPlane!,
        (request.params as { id: string }).id,
      );
      const { format = 'otlp' } = request.query as { format?: ExportFormat };
      const principal = request.principal!;
      const pieces = new SessionExport(context, session, principal.payload_read).pieces(format);
      // Waited for, so that what can not be read is answered as a problem.
      const first = await pieces.next();
      await context.audit.note(actorOf(request), 'session.export', session.id, {
        format,
        payload: principal.payload_read,
      });
      const [type, ending] = TYPES[format];
      return await reply
        .type(type)
        .header('content-disposition', `attachment; filename="session-${session.id.slice(0, 8)}.${ending}"`)
        .send(Readable.from(from(first, pieces), { objectMode: false }));
    },
  );
}

async function* from(
  first: IteratorResult<Buffer | string>,
  rest: AsyncGenerator<Buffer | string>,
): AsyncGenerator<Buffer | string> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
