import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from './actor-of.ts';

/** Characters of a target that are kept. */
const TARGET_MAX = 300;

/** Notes the acts that were refused or failed; what was done is noted by who does it. */
export function noteRefusals(app: FastifyInstance, audit: AuditLog): void {
  // Before the answer goes out: what is told is noted.
  app.addHook('onSend', async (request, reply) => {
    const { act } = request.routeOptions.config.right ?? {};
    const { failure, principal } = request;
    if (act === undefined || failure === null) return;
    // Who is nobody could fill the log; at the sign-in the lock of an account is the bound.
    if (principal === null && (act !== 'login' || reply.statusCode !== 401)) return;
    await audit.note(
      actorOf(request, accountOf(request)),
      act,
      request.url.split('?')[0]!.slice(0, TARGET_MAX),
      {
        status: reply.statusCode,
        code: failure.code,
        ...(request.controlPlane === null ? {} : { control_plane: request.controlPlane.name }),
      },
      reply.statusCode === 401 || reply.statusCode === 403 ? 'refused' : 'failed',
    );
  });
}

/** The account that somebody who could not sign in said to be. */
function accountOf({ body }: FastifyRequest): string {
  const email = (body as { email?: unknown } | undefined)?.email;
  return typeof email === 'string' ? email.slice(0, 254) : 'nobody';
}
