import { AppError } from '@gatescope/base';
import {
  listOf,
  type Me,
  type UserChange,
  UserChangeSchema,
  UserRequestSchema,
  UserSchema,
} from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import type { Type } from 'typebox';
import { areWithin, type Rights, rightsAsked, rightsOf } from '../auth/rights.ts';
import type { UserRow } from '../store/people-repository.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { type PageQuery, PageQuerySchema, pageOf } from './cursor.ts';
import { userOf } from './people-views.ts';

/** Accounts: nobody sees, makes or changes one that may more than themselves. */
export function userRoutes(app: FastifyInstance, { users, audit }: ApiContext): void {
  app.get(
    '/users',
    { schema: { querystring: PageQuerySchema, response: { 200: listOf(UserSchema) } } },
    async (request) => {
      const rows = (await users.all()).filter((row) => areWithin(rightsOf(row), request.principal!));
      return pageOf(rows.map(userOf), request.query as PageQuery);
    },
  );

  app.post(
    '/users',
    { schema: { body: UserRequestSchema, response: { 201: UserSchema } } },
    async (request, reply) => {
      const principal = request.principal!;
      const { email, password, ...asked } = request.body as Type.Static<typeof UserRequestSchema>;
      const rights = rightsAsked(principal, asked);
      checkGrant(rights, principal);
      const row = await users.add({ email, password, rights });
      await audit.note(actorOf(request), 'user.create', row.id, { email: row.email, ...rights });
      return await reply.code(201).send(userOf(row));
    },
  );

  app.patch(
    '/users/:id',
    { schema: { body: UserChangeSchema, response: { 200: UserSchema } } },
    async (request) => {
      const principal = request.principal!;
      const row = await own(request.params, principal);
      const { password, ...change } = request.body as UserChange;
      const rights: Rights = { ...rightsOf(row), ...change };
      checkGrant(rights, principal);
      await users.change(row.id, { rights, ...(password === undefined ? {} : { password }) });
      await audit.note(actorOf(request), 'user.update', row.id, {
        email: row.email,
        ...change,
        ...(password === undefined ? {} : { password: 'set' }),
      });
      return userOf((await users.find(row.id)) ?? row);
    },
  );

  app.delete('/users/:id', async (request, reply) => {
    const principal = request.principal!;
    const row = await own(request.params, principal);
    if (row.id === principal.id)
      throw new AppError('conflict', 'nobody deletes their own account; another admin can');
    await users.remove(row.id);
    await audit.note(actorOf(request), 'user.delete', row.id, { email: row.email });
    return await reply.code(204).send();
  });

  /** The user that the path names. Throws `not_found` also where it may more than who asks. */
  async function own(params: unknown, principal: Rights): Promise<UserRow> {
    const { id } = params as { id: Me['id'] };
    const row = await users.find(id);
    if (row === undefined || !areWithin(rightsOf(row), principal))
      throw new AppError('not_found', `there is no user ${id}`);
    return row;
  }
}

function checkGrant(rights: Rights, own: Rights): void {
  if (!areWithin(rights, own))
    throw new AppError('forbidden', 'nobody gives rights that are not their own; ask for fewer');
}
