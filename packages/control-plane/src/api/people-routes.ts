import { AppError, uuid } from '@gatescope/base';
import {
  type CreatedToken,
  CreatedTokenSchema,
  LoginRequestSchema,
  listOf,
  type Me,
  MeSchema,
  type Token,
  TokenRequestSchema,
  TokenSchema,
  type User,
  UserRequestSchema,
  UserSchema,
} from '@gatescope/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type Type from 'typebox';
import { WEB_SESSION_MS } from '../auth/authenticator.ts';
import { hasRole, type Principal } from '../auth/principal.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import type { TokenRow, UserRow } from '../store/people-repository.ts';
import { timestamp, timestampOrNull } from '../time.ts';
import { COOKIE } from './access.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, type PageQuery, PageQuerySchema, pageOf, pageSize } from './cursor.ts';

/** Signing in and out, users, tokens, the audit log. */
export function peopleRoutes(app: FastifyInstance, context: ApiContext): void {
  const { authenticator, audit, tokens } = context;

  app.get('/me', { schema: { response: { 200: MeSchema } } }, async (request) => meOf(request.principal!));

  app.post(
    '/login',
    { config: { role: 'none' }, schema: { body: LoginRequestSchema, response: { 200: MeSchema } } },
    async (request, reply) => {
      const body = request.body as { email: string; password: string } | { sign_in_token: string };
      const { principal, cookie } =
        'sign_in_token' in body
          ? await authenticator.signInByLink(body.sign_in_token, request.ip)
          : await authenticator.signInByPassword(body.email, body.password, request.ip);
      setCookie(reply, cookie, request.protocol === 'https');
      await audit.note(principal.name, 'login', principal.id, { address: request.ip });
      return meOf(principal);
    },
  );

  app.post('/logout', { config: { role: 'none' } }, async (request, reply) => {
    const cookie = request.cookies[COOKIE];
    if (cookie !== undefined) await authenticator.signOut(cookie);
    return await reply.clearCookie(COOKIE, { path: '/' }).code(204).send();
  });

  app.get(
    '/users',
    {
      config: { role: 'org_admin' },
      schema: { querystring: PageQuerySchema, response: { 200: listOf(UserSchema) } },
    },
    async (request) => {
      const rows = await authenticator.users();
      return pageOf(rows.map(userOf), request.query as PageQuery);
    },
  );

  app.post(
    '/users',
    { config: { role: 'org_admin' }, schema: { body: UserRequestSchema, response: { 201: UserSchema } } },
    async (request, reply) => {
      const principal = request.principal!;
      const body = request.body as Type.Static<typeof UserRequestSchema>;
      const rights = rightsAsked(principal, body);
      if (!mayGrant(principal, rights))
        throw new AppError('forbidden', 'nobody gives rights that are not their own; ask for fewer');
      const row = await authenticator.addUser({
        email: body.email,
        password: body.password,
        role: rights.role,
        controlPlanes: rights.control_planes,
        payloadRead: rights.payload_read,
      });
      await audit.note(principal.name, 'user.create', row.id, { email: row.email, ...rights });
      return await reply.code(201).send(userOf(row));
    },
  );

  app.get(
    '/tokens',
    {
      config: { role: 'control_plane_admin' },
      schema: { querystring: PageQuerySchema, response: { 200: listOf(TokenSchema) } },
    },
    async (request) => {
      const principal = request.principal!;
      const granted = (await tokens.all()).map(tokenOf).filter((token) => mayGrant(principal, token));
      return pageOf(granted, request.query as PageQuery);
    },
  );

  app.post(
    '/tokens',
    { schema: { body: TokenRequestSchema, response: { 201: CreatedTokenSchema } } },
    async (request, reply) => {
      const principal = request.principal!;
      const body = request.body as Type.Static<typeof TokenRequestSchema>;
      const rights = rightsAsked(principal, body);
      const now = Date.now();
      const asked = body.expires_in_seconds ?? null;
      const expiresAt = asked === null ? principal.expiresAt : now + asked * 1_000;
      const outlives = principal.expiresAt !== null && expiresAt! > principal.expiresAt;
      if (outlives || !mayGrant(principal, rights))
        throw new AppError('forbidden', 'a token never may more than its maker; ask for fewer rights');
      const secret = newSecret('gst');
      const row = {
        id: uuid(),
        name: body.name,
        role: rights.role,
        control_planes: JSON.stringify(rights.control_planes),
        payload_read: rights.payload_read ? 1 : 0,
        hash: hashOf(secret),
        created_at: now,
        expires_at: expiresAt,
        last_used_at: null,
      };
      await tokens.add(row);
      await audit.note(principal.name, 'token.create', row.id, { name: row.name, ...rights });
      const created: CreatedToken = { ...tokenOf(row), token: secret };
      return await reply.code(201).send(created);
    },
  );

  app.delete('/tokens/:id', { config: { role: 'control_plane_admin' } }, async (request, reply) => {
    const { id } = request.params as { id: string };
    const row = await tokens.find(id);
    if (row === undefined || !mayGrant(request.principal!, tokenOf(row)))
      throw new AppError('not_found', `there is no token ${id}`);
    await tokens.remove(id);
    await audit.note(request.principal!.name, 'token.delete', id, { name: row.name });
    return await reply.code(204).send();
  });

  app.get(
    '/audit-log',
    { config: { role: 'org_admin' }, schema: { querystring: PageQuerySchema } },
    async (request) => {
      const query = request.query as PageQuery;
      const size = pageSize(query.size);
      const entries = await audit.entries(size + 1, decodeCursor(query.after)?.at ?? null);
      const data = entries.slice(0, size);
      const last = data.at(-1);
      return {
        data,
        next: entries.length > size && last !== undefined ? encodeCursor([last.id, last.at]) : null,
      };
    },
  );
}

interface Rights {
  readonly role: Me['role'];
  readonly control_planes: 'all' | readonly string[];
  readonly payload_read: boolean;
}

function meOf(principal: Principal): Me {
  return {
    kind: principal.kind,
    id: principal.id,
    name: principal.name,
    email: principal.email,
    role: principal.role,
    control_planes: principal.controlPlanes === 'all' ? 'all' : [...principal.controlPlanes],
    payload_read: principal.payloadRead,
  };
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    ...rightsOf(row),
    created_at: timestamp(row.created_at),
  };
}

function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    ...rightsOf(row),
    created_at: timestamp(row.created_at),
    expires_at: timestampOrNull(row.expires_at),
    last_used_at: timestampOrNull(row.last_used_at),
  };
}

function rightsOf(row: UserRow | TokenRow): Pick<Me, 'role' | 'control_planes' | 'payload_read'> {
  return {
    role: row.role as Me['role'],
    control_planes: JSON.parse(row.control_planes) as Me['control_planes'],
    payload_read: row.payload_read === 1,
  };
}

/** The rights that a request asks for: on the control planes of who asks where it names none. */
function rightsAsked(
  principal: Principal,
  body: { role: Me['role']; control_planes?: Me['control_planes']; payload_read?: boolean },
): Rights {
  return {
    role: body.role,
    control_planes: body.control_planes ?? principal.controlPlanes,
    payload_read: body.payload_read ?? false,
  };
}

/** Whether rights are within the principal's own. */
function mayGrant(principal: Principal, rights: Rights): boolean {
  if (!hasRole(principal, rights.role) || (rights.payload_read && !principal.payloadRead)) return false;
  if (principal.controlPlanes === 'all') return true;
  const own = principal.controlPlanes;
  return rights.control_planes !== 'all' && rights.control_planes.every((one) => own.includes(one));
}

function setCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  void reply.setCookie(COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: WEB_SESSION_MS / 1_000,
  });
}
