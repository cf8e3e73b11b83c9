import { AppError } from '@gatescope/base';
import type { Role } from '@gatescope/protocol';
import type { FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import { type Principal, requireRole, sees } from '../auth/principal.ts';
import type { ControlPlanes } from '../control-planes.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    controlPlane: ControlPlaneRow | null;
  }
  interface FastifyContextConfig {
    /** The least role that may call; `none`: nobody has to sign in. */
    role?: Role | 'none';
    /** Whether the right to read captured headers and bodies is needed as well. */
    readsPayload?: boolean;
  }
}

/** Name of the cookie of a signed-in browser. */
export const COOKIE = 'gatescope_session';

/**
 * Decides who asks and whether they may, before the body is read and before anything is said of what exists: somebody whose rights name
 * control planes gets 403 for every other one, whether it exists or not.
 */
export async function decideAccess(
  request: FastifyRequest,
  authenticator: Authenticator,
  controlPlanes: ControlPlanes,
): Promise<void> {
  const { role = 'viewer', readsPayload = false } = request.routeOptions.config;
  if (role === 'none') return;
  const principal = await principalOf(request, authenticator);
  if (principal === null)
    throw new AppError('unauthorized', 'send a token (Authorization: Bearer …), or sign in');
  request.principal = principal;
  requireRole(principal, role);
  if (readsPayload && !principal.payloadRead)
    throw new AppError('forbidden', 'this needs the right payload:read, which is given apart from roles');
  const { cp } = request.params as { cp?: string };
  if (cp === undefined) return;
  if (principal.controlPlanes === 'all') {
    request.controlPlane = await controlPlanes.find(cp);
    return;
  }
  const found = await controlPlanes.find(cp).catch(() => null);
  if (found === null || !sees(principal, found))
    throw new AppError('forbidden', `your rights do not cover the control plane ${cp}`);
  request.controlPlane = found;
}

async function principalOf(request: FastifyRequest, authenticator: Authenticator): Promise<Principal | null> {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return await authenticator.byToken(bearer);
  const cookie = request.cookies[COOKIE];
  if (cookie === undefined) return null;
  checkOrigin(request);
  return await authenticator.byCookie(cookie);
}

/** A browser says where a request comes from: a changing one that comes from another site is refused. */
function checkOrigin(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new AppError('forbidden', 'the request comes from another site');
}
