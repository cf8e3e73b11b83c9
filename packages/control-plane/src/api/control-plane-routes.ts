import { AppError } from '@gatescope/base';
import {
  type ConfigCheckResult,
  type ControlPlane,
  ControlPlaneRequestSchema,
  ControlPlaneSchema,
  EntitiesSchema,
  listOf,
  NodeSchema,
} from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { sees } from '../auth/principal.ts';
import type { ConfigCheck } from '../config/config-checker.ts';
import type { StoredConfig } from '../config/config-store.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';
import { timestamp } from '../time.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { type PageQuery, PageQuerySchema, pageOf } from './cursor.ts';

/** Largest configuration text, bytes. */
const CONFIG_BYTES_MAX = 32 * 1_048_576;
const CONFIG_TYPES = [
  'application/json',
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
];

/** Control planes, their nodes and their configuration. */
export function controlPlaneRoutes(app: FastifyInstance, context: ApiContext): void {
  const { controlPlanes, nodes, configs, audit } = context;

  app.get(
    '/control-planes',
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(ControlPlaneSchema) } } },
    async (request) => {
      const rows = (await controlPlanes.list()).filter((row) => sees(request.principal!, row));
      const { data, next } = pageOf(rows, request.query as PageQuery);
      return { data: await Promise.all(data.map((row) => view(context, row))), next };
    },
  );

  app.post(
    '/control-planes',
    {
      schema: { body: ControlPlaneRequestSchema, response: { 201: ControlPlaneSchema } },
    },
    async (request, reply) => {
      const body = request.body as { name: string; description?: string };
      const row = await controlPlanes.create(body.name, body.description ?? '');
      await audit.note(actorOf(request), 'control_plane.create', row.id, { name: row.name });
      return await reply.code(201).send(await view(context, row));
    },
  );

  app.get(
    '/control-planes/:cp',
    { schema: { response: { 200: ControlPlaneSchema } } },
    async (request) => await view(context, request.controlPlane!),
  );

  app.patch(
    '/control-planes/:cp',
    {
      schema: {
        body: Type.Partial(ControlPlaneRequestSchema, {
          additionalProperties: false,
          examples: [{ description: 'Dublin' }],
        }),
        response: { 200: ControlPlaneSchema },
      },
    },
    async (request) => {
      const row = await controlPlanes.update(
        request.controlPlane!.id,
        request.body as { name?: string; description?: string },
      );
      await audit.note(
        actorOf(request),
        'control_plane.update',
        row.id,
        request.body as Record<string, unknown>,
      );
      return await view(context, row);
    },
  );

  app.delete('/control-planes/:cp', async (request, reply) => {
    const row = request.controlPlane!;
    await controlPlanes.remove(row.id);
    configs.forget(row.id);
    await audit.note(actorOf(request), 'control_plane.delete', row.id, { name: row.name });
    return await reply.code(204).send();
  });

  app.get(
    '/control-planes/:cp/nodes',
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(NodeSchema) } } },
    async (request) => {
      const { data, next } = pageOf(await nodes.rows(request.controlPlane!.id), request.query as PageQuery);
      return { data: await Promise.all(data.map((row) => nodes.view(row))), next };
    },
  );

  app.get(
    '/control-planes/:cp/entities',
    { schema: { response: { 200: EntitiesSchema } } },
    async (request) => {
      const config = await configs.get(request.controlPlane!.id);
      return { services: config?.checked.services ?? [], routes: config?.checked.routes ?? [] };
    },
  );

  app.get('/control-planes/:cp/config', async (request, reply) => {
    const config = await configs.get(request.controlPlane!.id);
    if (config === null)
      throw new AppError(
        'not_found',
        'no configuration has been pushed yet; put one with gatescope config push FILE',
      );
    void reply
      .header('etag', `"${config.checked.hash}"`)
      .header('last-modified', new Date(config.updatedAt).toUTCString())
      .header('vary', 'accept');
    if (/yaml/.test(request.headers.accept ?? ''))
      return await reply.type('application/yaml; charset=utf-8').send(config.text);
    return await reply.send(config.checked.document);
  });

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      CONFIG_TYPES,
      { parseAs: 'string', bodyLimit: CONFIG_BYTES_MAX },
      (_, body, done) => done(null, body),
    );
    scope.addContentTypeParser('*', (_, __, done) =>
      done(new AppError('unsupported_media_type', `send the configuration as ${CONFIG_TYPES.join(', ')}`)),
    );
    scope.put('/control-planes/:cp/config', { bodyLimit: CONFIG_BYTES_MAX }, async (request) => {
      const config = await configs.put(
        request.controlPlane!.id,
        (request.body as string | undefined) ?? '',
        request.principal!.name,
      );
      for (const node of await nodes.rows(request.controlPlane!.id)) void nodes.pushConfig(node.id);
      await audit.note(actorOf(request), 'config.put', request.controlPlane!.id, {
        hash: config.checked.hash,
      });
      return configAnswer(config);
    });
    scope.post('/control-planes/:cp/config/check', { bodyLimit: CONFIG_BYTES_MAX }, async (request) =>
      checkAnswer(configs.checked((request.body as string | undefined) ?? '')),
    );
  });
}

function configAnswer({ checked, updatedAt, updatedBy }: StoredConfig): object {
  return {
    hash: checked.hash,
    updated_at: timestamp(updatedAt),
    updated_by: updatedBy,
    services: checked.services.length,
    routes: checked.routes.length,
    warnings: checked.warnings,
  };
}

function checkAnswer(check: ConfigCheck): ConfigCheckResult {
  return check.ok
    ? {
        valid: true,
        errors: [],
        warnings: [...check.warnings],
        services: check.services.length,
        routes: check.routes.length,
      }
    : { valid: false, errors: [...check.errors], warnings: [], services: 0, routes: 0 };
}

async function view({ nodes, sessions }: ApiContext, row: ControlPlaneRow): Promise<ControlPlane> {
  const known = await nodes.rows(row.id);
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    nodes_connected: known.filter((node) => nodes.isConnected(node.id)).length,
    nodes_total: known.length,
    sessions_active: await sessions.runningOf(row.id),
    created_at: timestamp(row.created_at),
  };
}
