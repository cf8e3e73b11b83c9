import { AppError } from '@gatescope/base';
import { SignInMethodsSchema } from '@gatescope/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { PendingSignIn } from '../auth/oidc-sign-in.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { setCookie } from './sign-in-routes.ts';

/** Cookie of a browser whose owner is at the identity provider; it comes back from another site, so it is lax. */
const PENDING_COOKIE = 'gatescope_oidc';
const PENDING_PATH = '/api/v1/login/oidc';
const PENDING_SECONDS = 600;
/** A place within the viewer, never another site. It is kept in a cookie, so that it is short. */
const NEXT_PATTERN = String.raw`^/(?![/\\])[!-~]*$`;
const NEXT_MAX = 1_024;
const BeginQuerySchema = Type.Object(
  { next: Type.Optional(Type.String({ pattern: NEXT_PATTERN, maxLength: NEXT_MAX })) },
  { additionalProperties: false },
);

/** Signing in through an identity provider. */
export function oidcRoutes(app: FastifyInstance, { oidc, authenticator, audit, isSecure }: ApiContext): void {
  app.get('/login/methods', { schema: { response: { 200: SignInMethodsSchema } } }, async () => ({
    password: true,
    oidc: oidc === null ? null : { name: oidc.name, url: PENDING_PATH },
  }));

  app.get('/login/oidc', { schema: { querystring: BeginQuerySchema } }, async (request, reply) => {
    const { url, pending } = await provider().begin();
    const { next } = request.query as { next?: string };
    return await reply
      .setCookie(PENDING_COOKIE, Buffer.from(JSON.stringify({ ...pending, next })).toString('base64url'), {
        path: PENDING_PATH,
        httpOnly: true,
        sameSite: 'lax',
        secure: isSecure(request),
        maxAge: PENDING_SECONDS,
      })
      .redirect(url);
  });

  app.get('/login/oidc/callback', async (request, reply) => {
    void reply.clearCookie(PENDING_COOKIE, { path: PENDING_PATH });
    try {
      const query = request.url.split('?')[1] ?? '';
      const user = await authenticator.guard('identity provider', request.ip, () =>
        provider().finish(query, pendingOf(request)),
      );
      const { principal, cookie } = await authenticator.signInAs(user);
      setCookie(reply, cookie, isSecure(request));
      await audit.note(actorOf(request, principal.name), 'login', principal.id, {
        address: request.ip,
        by: provider().name,
      });
      return await reply.redirect(nextOf(request) ?? '/');
    } catch (error) {
      return await toSignIn(reply, request, AppError.from(error));
    }
  });

  function provider() {
    if (oidc === null)
      throw new AppError('not_found', 'no identity provider is set; GATESCOPE_OIDC_ISSUER names one');
    return oidc;
  }

  /** The reason is shown where people sign in: what answers here is seen by a person, not by a program. */
  async function toSignIn(reply: FastifyReply, request: FastifyRequest, failure: AppError) {
    await audit.note(
      actorOf(request),
      'login',
      request.url.split('?')[0]!,
      { code: failure.code },
      'refused',
    );
    const message = failure.code === 'internal' ? 'the sign-in failed; try again' : failure.message;
    const next = nextOf(request);
    const query = new URLSearchParams({ error: message, ...(next === null ? {} : { next }) });
    return await reply.redirect(`/sign-in?${query.toString()}`);
  }
}

function pendingOf(request: FastifyRequest): PendingSignIn {
  const { state, nonce, verifier } = keptOf(request);
  if (typeof state === 'string' && typeof nonce === 'string' && typeof verifier === 'string')
    return { state, nonce, verifier };
  throw new AppError('unauthorized', 'this sign-in was not begun here, or took too long; begin it again');
}

/** Where somebody wanted to go when the sign-in began; null: nowhere special. Cookies are nobody's word. */
function nextOf(request: FastifyRequest): string | null {
  const { next } = keptOf(request);
  const isPlace = typeof next === 'string' && next.length <= NEXT_MAX && new RegExp(NEXT_PATTERN).test(next);
  return isPlace ? next : null;
}

/** What the browser kept since the sign-in began; nothing of what can't be read. */
function keptOf(request: FastifyRequest): Partial<Record<string, unknown>> {
  try {
    const text = Buffer.from(request.cookies[PENDING_COOKIE] ?? '', 'base64url').toString();
    const kept: unknown = JSON.parse(text);
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
