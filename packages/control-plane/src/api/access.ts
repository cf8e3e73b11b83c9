import { AppError } from '@gatescope/base';
import type { FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import { type Principal, sees } from '../auth/principal.ts';
import { isAtLeast } from '../auth/rights.ts';
import type { ControlPlanes } from '../control-planes.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';
import { NOWHERE, type RouteRight } from './route-rights.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Where it comes from, read at once: a socket whose client is gone need not tell any more. Null until then. */
    address: string | null;
    principal: Principal | null;
    controlPlane: ControlPlaneRow | null;
    /** Why the request failed, for the audit log. */
    failure: AppError | null;
  }
  interface FastifyContextConfig {
    /** Who may call; the table of rights says so. */
    right?: RouteRight;
  }
}

/** Name of the cookie of a signed-in browser. */
export const COOKIE = 'gatescope_session';

/**
 * Decides who asks, from where, and whether they may, before the body is read and before anything is said of what exists: somebody whose
 * rights name control planes gets 403 for every other one, whether it exists or not.
 */
export async function decideAccess(
  request: FastifyRequest,
  authenticator: Authenticator,
  controlPlanes: ControlPlanes,
): Promise<void> {
  request.address = request.ip;
  const right = request.routeOptions.config.right ?? NOWHERE;
  if (right.role === 'nobody') {
    checkOrigin(request);
    return;
  }
  const principal = await principalOf(request, authenticator);
  if (principal === null)
    throw new AppError('unauthorized', 'send a token (Authorization: Bearer …), or sign in');
  request.principal = principal;
  if (!isAtLeast(principal.role, right.role))
    throw new AppError('forbidden', `this needs the role ${right.role}; yours is ${principal.role}`);
  if (right.payload === true && !principal.payload_read)
    throw new AppError('forbidden', 'this needs the right to read payloads; ask an admin for payload_read');
  if (right.everywhere === true && principal.control_planes !== 'all')
    throw new AppError('forbidden', 'this needs rights on all control planes; yours cover some');
  const { cp } = request.params as { cp?: string };
  if (cp === undefined) return;
  if (principal.control_planes === 'all') {
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
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== request.host)
    throw new AppError('forbidden', 'the request comes from another site');
}
