import { LoginRequestSchema, MeSchema, OwnPasswordSchema } from '@gatescope/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { WEB_SESSION_MS } from '../auth/authenticator.ts';
import { COOKIE } from './access.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { meOf } from './people-views.ts';

/** Signing in and out, and the own account. */
export function signInRoutes(
  app: FastifyInstance,
  { authenticator, audit, users, isSecure }: ApiContext,
): void {
  app.get('/me', { schema: { response: { 200: MeSchema } } }, async (request) => meOf(request.principal!));

  app.post(
    '/login',
    { schema: { body: LoginRequestSchema, response: { 200: MeSchema } } },
    async (request, reply) => {
      const body = request.body as { email: string; password: string } | { sign_in_token: string };
      const { principal, cookie } =
        'sign_in_token' in body
          ? await authenticator.signInByLink(body.sign_in_token, request.ip)
          : await authenticator.signInByPassword(body.email, body.password, request.ip);
      setCookie(reply, cookie, isSecure(request));
      await audit.note(actorOf(request, principal.name), 'login', principal.id, { address: request.ip });
      return meOf(principal);
    },
  );

  app.post('/logout', async (request, reply) => {
    const cookie = request.cookies[COOKIE];
    if (cookie !== undefined) await authenticator.signOut(cookie);
    return await reply.clearCookie(COOKIE, { path: '/' }).code(204).send();
  });

  app.put('/me/password', { schema: { body: OwnPasswordSchema } }, async (request, reply) => {
    const { current_password, new_password } = request.body as {
      current_password: string;
      new_password: string;
    };
    const { id } = request.principal!;
    await authenticator.guard(id, request.ip, () =>
      users.changeOwnPassword(id, current_password, new_password, request.cookies[COOKIE] ?? ''),
    );
    await audit.note(actorOf(request), 'user.password', id);
    return await reply.code(204).send();
  });
}

/** Makes the browser a signed-in one; `secure` where it came by https. */
export function setCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  void reply.setCookie(COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: WEB_SESSION_MS / 1_000,
  });
}
