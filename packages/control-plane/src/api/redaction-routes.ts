import {
  type RedactionRule,
  RedactionSettingsChangeSchema,
  RedactionSettingsSchema,
  type SanitizerPreviewRequest,
  SanitizerPreviewRequestSchema,
  SanitizerPreviewSchema,
} from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import type { FastifyInstance } from 'fastify';
import { previewOf } from '../sanitizing/preview.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';

/** The organisation's redaction rules, and what they would mask. */
export function redactionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { redaction, controlPlanes, configs, nodes, audit } = context;

  app.get(
    '/settings/redaction',
    { schema: { response: { 200: RedactionSettingsSchema } } },
    async () => await redaction.view(),
  );

  app.put(
    '/settings/redaction',
    {
      schema: { body: RedactionSettingsChangeSchema, response: { 200: RedactionSettingsSchema } },
    },
    async (request) => {
      const { rules } = request.body as { rules: RedactionRule[] };
      const by = actorOf(request);
      await redaction.put(rules, by.name);
      await audit.note(by, 'redaction.change', 'organisation', { rules: rules.length });
      for (const { id } of await controlPlanes.list()) void nodes.syncAll(id);
      return await redaction.view();
    },
  );

  app.post(
    '/sanitizer/preview',
    { schema: { body: SanitizerPreviewRequestSchema, response: { 200: SanitizerPreviewSchema } } },
    async (request) => {
      const asked = request.body as SanitizerPreviewRequest;
      const keyNames: string[] = [];
      for (const { id } of await controlPlanes.list())
        keyNames.push(...((await configs.get(id))?.checked.keyNames ?? []));
      const sanitizer = createSanitizer({
        keyNames,
        rules: [
          { place: 'rules', rules: asked.rules ?? [] },
          { place: 'settings.redaction', rules: await redaction.rules() },
        ],
      });
      return await previewOf(sanitizer, asked);
    },
  );
}
