import { AppError, uuid } from '@gatescope/base';
import {
  ControlPlaneScopeSchema,
  type CreatedToken,
  CreatedTokenSchema,
  LoginRequestSchema,
  listOf,
  type Me,
  MeSchema,
  RoleSchema,
  type Token,
  TokenRequestSchema,
  TokenSchema,
} from '@gatescope/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { WEB_SESSION_MS } from '../auth/authenticator.ts';
import { hasRole, type Principal } from '../auth/principal.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import { audit, auditEntries } from '../store/audit-log.ts';
import { timestamp, timestampOrNull } from '../store/time.ts';
import { COOKIE } from './access.ts';
import type { ApiContext } from './context.ts';
import { pageSize } from './cursor.ts';

const UserSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  role: RoleSchema,
  control_planes: ControlPlaneScopeSchema,
  payload_read: Type.Boolean(),
  created_at: Type.String(),
});
const UserRequestSchema = Type.Object(
  {
    email: Type.String({ minLength: 3, maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$' }),
    password: Type.String({ minLength: 12, maxLength: 1_024 }),
    role: RoleSchema,
    control_planes: Type.Optional(ControlPlaneScopeSchema),
    payload_read: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const PageQuerySchema = Type.Object({
  size: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
});

/** Signing in and out, users, tokens, the audit log. */
export function peopleRoutes(app: FastifyInstance, context: ApiContext): void {
  const { authenticator, db } = context;

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
      await audit(db, principal.name, 'login', principal.id, { address: request.ip });
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
    { config: { role: 'org_admin' }, schema: { response: { 200: listOf(UserSchema) } } },
    async () => {
      const rows = await db.selectFrom('users').selectAll().orderBy('email').execute();
      return {
        data: rows.map((row) => ({
          id: row.id,
          email: row.email,
          role: row.role,
          control_planes: JSON.parse(row.control_planes) as unknown,
          payload_read: row.payload_read === 1,
          created_at: timestamp(row.created_at),
        })),
        next: null,
      };
    },
  );

  app.post(
    '/users',
    { config: { role: 'org_admin' }, schema: { body: UserRequestSchema, response: { 201: UserSchema } } },
    async (request, reply) => {
      const body = request.body as {
        email: string;
        password: string;
        role: Me['role'];
        control_planes?: 'all' | string[];
        payload_read?: boolean;
      };
      const rights = {
        role: body.role,
        controlPlanes: body.control_planes ?? ('all' as const),
        payloadRead: body.payload_read ?? false,
      };
      const id = await authenticator.addUser({ email: body.email, password: body.password, ...rights });
      await audit(db, request.principal!.name, 'user.create', id, { email: body.email, ...rights });
      return await reply.code(201).send({
        id,
        email: body.email.trim().toLowerCase(),
        role: rights.role,
        control_planes: rights.controlPlanes,
        payload_read: rights.payloadRead,
        created_at: timestamp(Date.now()),
      });
    },
  );

  app.get(
    '/tokens',
    { config: { role: 'control_plane_admin' }, schema: { response: { 200: listOf(TokenSchema) } } },
    async (request) => {
      const principal = request.principal!;
      const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at', 'desc').execute();
      return { data: rows.map(tokenOf).filter((token) => mayGrant(principal, token)), next: null };
    },
  );

  app.post(
    '/tokens',
    { schema: { body: TokenRequestSchema, response: { 201: CreatedTokenSchema } } },
    async (request, reply) => {
      const principal = request.principal!;
      const body = request.body as {
        name: string;
        role: Me['role'];
        control_planes?: 'all' | string[];
        payload_read?: boolean;
        expires_in_seconds?: number | null;
      };
      const rights = {
        role: body.role,
        control_planes: body.control_planes ?? principal.controlPlanes,
        payload_read: body.payload_read ?? false,
      };
      if (!mayGrant(principal, rights))
        throw new AppError('forbidden', 'a token never may more than its maker; ask for fewer rights');
      const now = Date.now();
      const secret = newSecret('gst');
      const row = {
        id: uuid(),
        name: body.name,
        role: rights.role,
        control_planes: JSON.stringify(rights.control_planes),
        payload_read: rights.payload_read ? 1 : 0,
        hash: hashOf(secret),
        created_at: now,
        expires_at: body.expires_in_seconds == null ? null : now + body.expires_in_seconds * 1_000,
        last_used_at: null,
      };
      await db.insertInto('tokens').values(row).execute();
      await audit(db, principal.name, 'token.create', row.id, { name: row.name, ...rights });
      const created: CreatedToken = { ...tokenOf(row), token: secret };
      return await reply.code(201).send(created);
    },
  );

  app.delete('/tokens/:id', { config: { role: 'control_plane_admin' } }, async (request, reply) => {
    const { id } = request.params as { id: string };
    const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined || !mayGrant(request.principal!, tokenOf(row)))
      throw new AppError('not_found', `there is no token ${id}`);
    await db.deleteFrom('tokens').where('id', '=', id).execute();
    await audit(db, request.principal!.name, 'token.delete', id, { name: row.name });
    return await reply.code(204).send();
  });

  app.get(
    '/audit-log',
    { config: { role: 'org_admin' }, schema: { querystring: PageQuerySchema } },
    async (request) => {
      const query = request.query as { size?: string; after?: string };
      const size = pageSize(query.size);
      const data = await auditEntries(db, size, query.after === undefined ? null : Number(query.after));
      return { data, next: data.length === size ? String(data.at(-1)!.id) : null };
    },
  );
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

function tokenOf(row: {
  id: string;
  name: string;
  role: string;
  control_planes: string;
  payload_read: number;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Me['role'],
    control_planes: JSON.parse(row.control_planes) as Token['control_planes'],
    payload_read: row.payload_read === 1,
    created_at: timestamp(row.created_at),
    expires_at: timestampOrNull(row.expires_at),
    last_used_at: timestampOrNull(row.last_used_at),
  };
}

/** Whether rights are within the principal's own. */
function mayGrant(
  principal: Principal,
  rights: {
    readonly role: Me['role'];
    readonly control_planes: 'all' | readonly string[];
    readonly payload_read: boolean;
  },
): boolean {
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
