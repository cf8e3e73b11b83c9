import { PayloadCaptureChangeSchema, PayloadCaptureSchema } from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import type Type from 'typebox';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';

/** Settings of the organisation. */
export function settingsRoutes(app: FastifyInstance, { consent, sessions, audit }: ApiContext): void {
  app.get(
    '/settings/payload-capture',
    { schema: { response: { 200: PayloadCaptureSchema } } },
    async () => await consent.view(),
  );

  app.put(
    '/settings/payload-capture',
    {
      schema: { body: PayloadCaptureChangeSchema, response: { 200: PayloadCaptureSchema } },
    },
    async (request) => {
      const { enabled, agreement_text } = request.body as Type.Static<typeof PayloadCaptureChangeSchema>;
      const by = actorOf(request);
      if (enabled) {
        await consent.give(agreement_text, by.name);
        await audit.note(by, 'payload_capture.agree', 'organisation');
      } else {
        await consent.withdraw();
        const ended = await sessions.endPayloadCapture();
        await audit.note(by, 'payload_capture.withdraw', 'organisation', { sessions: ended });
      }
      return await consent.view();
    },
  );
}
