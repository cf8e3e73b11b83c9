import { listOf, NodeCertificateRequestSchema, NodeCertificateSchema } from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { type PageQuery, PageQuerySchema, pageOf } from './cursor.ts';

/** What keeps the nodes of a control plane its own: the certificates they come in by. */
export function nodeRoutes(app: FastifyInstance, { nodes, certificates, audit }: ApiContext): void {
  app.delete('/control-planes/:cp/nodes/:id', async (request, reply) => {
    const { id } = request.params as { id: string };
    const row = await nodes.remove(request.controlPlane!.id, id);
    await audit.note(actorOf(request), 'node.delete', id, { hostname: row.hostname });
    return await reply.code(204).send();
  });

  const base = '/control-planes/:cp/node-certificates';
  app.get(
    base,
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(NodeCertificateSchema) } } },
    async (request) => pageOf(await certificates.list(request.controlPlane!.id), request.query as PageQuery),
  );

  app.post(
    base,
    { schema: { body: NodeCertificateRequestSchema, response: { 201: NodeCertificateSchema } } },
    async (request, reply) => {
      const by = actorOf(request);
      const pinned = await certificates.pin(
        request.controlPlane!.id,
        request.body as { name: string; certificate: string },
        by.name,
        request.principal!.control_planes === 'all',
      );
      await audit.note(by, 'node_certificate.pin', pinned.id, {
        control_plane: request.controlPlane!.name,
        subject: pinned.subject,
        fingerprint_sha256: pinned.fingerprint_sha256,
      });
      return await reply.code(201).send(pinned);
    },
  );

  app.delete(`${base}/:id`, async (request, reply) => {
    const { id } = request.params as { id: string };
    await certificates.unpin(request.controlPlane!.id, id);
    await audit.note(actorOf(request), 'node_certificate.unpin', id, {
      control_plane: request.controlPlane!.name,
    });
    return await reply.code(204).send();
  });
}
