import type { CreatedToken, List, Token } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
afterAll(() => controlPlane.close());

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/;
const aTime = expect.stringMatching(TIME) as string;
const anId = expect.stringMatching(/^[\da-f-]{36}$/) as string;

describe('users', () => {
  it('are made and listed, without a word of the password', async () => {
    const made = await controlPlane.call('/users', {
      body: {
        email: 'Ada@Example.com',
        password: 'correct horse',
        role: 'control_plane_admin',
        control_planes: ['default'],
        payload_read: true,
      },
    });
    const ada = {
      id: anId,
      email: 'ada@example.com',
      role: 'control_plane_admin',
      control_planes: ['default'],
      payload_read: true,
      created_at: aTime,
      last_sign_in_at: null,
      sign_in: 'password',
    };
    expect([made.status, made.body]).toEqual([201, ada]);
    const { status, body } = await controlPlane.call('/users');
    expect([status, body]).toEqual([200, { data: [made.body], next: null }]);
    expect(JSON.stringify(controlPlane.sql('select * from users'))).not.toContain('correct horse');
  });

  it('have an address of their own', async () => {
    const body = { email: 'twice@example.com', password: 'correct horse', role: 'viewer' };
    expect((await controlPlane.call('/users', { body })).status).toBe(201);
    const again = await controlPlane.call('/users', { body: { ...body, email: 'TWICE@example.com' } });
    expect(again.body).toMatchObject({ status: 409, code: 'conflict' });
  });

  it.each([
    ['email', { email: 'nobody' }],
    ['password', { password: 'too short' }],
    ['role', { role: 'root' }],
    ['control_planes', { control_planes: 'some' }],
    ['payload_read', { payload_read: 'yes' }],
    ['admin', { admin: true }],
  ])('are refused with the place of what is wrong: %s', async (path, change) => {
    const valid = { email: 'grace@example.com', password: 'correct horse', role: 'viewer' };
    const { body } = await controlPlane.call('/users', { body: { ...valid, ...change } });
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(body.errors!.map((error) => error.path)).toContain(path);
  });

  it('never get more rights than who makes them has', async () => {
    const token = await controlPlane.token({ role: 'org_admin', control_planes: ['default'] });
    const make = async (rights: object) => {
      const email = `${Math.random()}@example.com`;
      const body = { email, password: 'correct horse', role: 'viewer', ...rights };
      const answer = await controlPlane.call<{ control_planes: unknown }>('/users', { token, body });
      return [answer.status, answer.body.control_planes];
    };
    expect(await make({})).toEqual([201, ['default']]);
    expect(await make({ control_planes: ['default'] })).toEqual([201, ['default']]);
    expect(await make({ control_planes: 'all' })).toEqual([403, undefined]);
    expect(await make({ control_planes: ['other'] })).toEqual([403, undefined]);
    expect(await make({ payload_read: true })).toEqual([403, undefined]);
  });
});

describe('tokens', () => {
  it('are told once, and kept as a hash', async () => {
    const { status, body } = await controlPlane.call<CreatedToken>('/tokens', {
      body: {
        name: 'ci',
        role: 'viewer',
        control_planes: ['default'],
        payload_read: true,
        expires_in_seconds: 60,
      },
    });
    expect([status, body]).toEqual([
      201,
      {
        id: anId,
        name: 'ci',
        role: 'viewer',
        control_planes: ['default'],
        payload_read: true,
        created_at: aTime,
        expires_at: aTime,
        last_used_at: null,
        token: expect.stringMatching(/^gst_[\w-]{43}$/) as string,
      },
    ]);
    expect(Date.parse(body.expires_at!) - Date.parse(body.created_at)).toBe(60_000);
    const { body: list } = await controlPlane.call<List<Token>>('/tokens');
    const { token: secret, ...rest } = body;
    expect(list.data.find(({ id }) => id === body.id)).toEqual(rest);
    expect(JSON.stringify(controlPlane.sql('select * from tokens'))).not.toContain(secret);
  });

  it('are who they say, and note when they were used', async () => {
    const { body } = await controlPlane.call<CreatedToken>('/tokens', {
      body: { name: 'who', role: 'viewer' },
    });
    expect((await controlPlane.call('/me', { token: body.token })).body).toEqual({
      kind: 'token',
      id: body.id,
      name: 'who',
      email: null,
      role: 'viewer',
      control_planes: 'all',
      payload_read: false,
    });
    const { body: list } = await controlPlane.call<List<Token>>('/tokens');
    expect(list.data.find(({ id }) => id === body.id)!.last_used_at).toMatch(TIME);
  });

  it('end when their time is up, and when they are deleted', async () => {
    const make = async () =>
      (
        await controlPlane.call<CreatedToken>('/tokens', {
          body: { name: 'x', role: 'viewer', expires_in_seconds: 60 },
        })
      ).body;
    const [old, deleted] = [await make(), await make()];
    const statusOf = async ({ token }: CreatedToken) => (await controlPlane.call('/me', { token })).status;
    expect([await statusOf(old), await statusOf(deleted)]).toEqual([200, 200]);
    controlPlane.sql('update tokens set expires_at = ? where id = ?', Date.now(), old.id);
    const removal = await controlPlane.call(`/tokens/${deleted.id}`, { method: 'DELETE' });
    expect([removal.status, removal.body]).toEqual([204, '']);
    expect([await statusOf(old), await statusOf(deleted)]).toEqual([401, 401]);
    expect((await controlPlane.call(`/tokens/${deleted.id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('never may more than their maker: not by role, control plane, payload or time', async () => {
    const maker = await controlPlane.token({
      role: 'control_plane_admin',
      control_planes: ['default'],
      expires_in_seconds: 3_600,
    });
    const make = async (rights: object) =>
      (await controlPlane.call<CreatedToken>('/tokens', { token: maker, body: { name: 'x', ...rights } }))
        .status;
    expect(await make({ role: 'control_plane_admin', expires_in_seconds: 60 })).toBe(201);
    expect(await make({ role: 'viewer', control_planes: ['default'], expires_in_seconds: 60 })).toBe(201);
    expect(await make({ role: 'org_admin' })).toBe(403);
    expect(await make({ role: 'viewer', control_planes: 'all' })).toBe(403);
    expect(await make({ role: 'viewer', control_planes: ['default', 'other'] })).toBe(403);
    expect(await make({ role: 'viewer', payload_read: true })).toBe(403);
    expect(await make({ role: 'viewer', expires_in_seconds: 7_200 })).toBe(403);
  });

  it('last as long as their maker where nothing is said', async () => {
    const { body: maker } = await controlPlane.call<CreatedToken>('/tokens', {
      body: { name: 'maker', role: 'viewer', expires_in_seconds: 60 },
    });
    const { status, body } = await controlPlane.call<CreatedToken>('/tokens', {
      token: maker.token,
      body: { name: 'made', role: 'viewer' },
    });
    expect([status, body.expires_at]).toEqual([201, maker.expires_at]);
  });

  it('are seen and deleted by those who could have made them alone', async () => {
    const { body: strong } = await controlPlane.call<CreatedToken>('/tokens', {
      body: { name: 'strong', role: 'org_admin' },
    });
    const admin = await controlPlane.token({ role: 'control_plane_admin', control_planes: ['default'] });
    const { body } = await controlPlane.call<List<Token>>('/tokens', { token: admin });
    expect(body.data.map(({ id }) => id)).not.toContain(strong.id);
    expect((await controlPlane.call(`/tokens/${strong.id}`, { token: admin, method: 'DELETE' })).status).toBe(
      404,
    );
    expect((await controlPlane.call('/me', { token: strong.token })).status).toBe(200);
  });

  it.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(201) }],
    ['role', { role: 'root' }],
    ['expires_in_seconds', { expires_in_seconds: 0 }],
    ['expires_in_seconds', { expires_in_seconds: 1.5 }],
    ['control_planes', { control_planes: null }],
    ['secret', { secret: 'mine' }],
  ])('are refused with the place of what is wrong: %s', async (path, change) => {
    const { body } = await controlPlane.call('/tokens', { body: { name: 'x', role: 'viewer', ...change } });
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(body.errors!.map((error) => error.path)).toContain(path);
  });
});

interface Entry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: unknown;
}

describe('the audit log', () => {
  it('says who did what, newest first, a page at a time', async () => {
    const own = await TestControlPlane.start();
    try {
      const { body: token } = await own.call<CreatedToken>('/tokens', {
        body: { name: 'robot', role: 'org_admin' },
      });
      for (const name of ['b', 'c', 'd'])
        await own.call('/control-planes', { token: token.token, body: { name } });
      const { body: all } = await own.call<List<Entry>>('/audit-log');
      expect(all.next).toBeNull();
      expect(all.data.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
        'robot control_plane.create',
        'robot control_plane.create',
        'robot control_plane.create',
        'admin token.create',
      ]);
      expect(all.data[3]).toEqual({
        id: expect.any(Number) as number,
        at: aTime,
        actor: 'admin',
        actor_id: 'bootstrap',
        address: '127.0.0.1',
        outcome: 'done',
        action: 'token.create',
        target: token.id,
        details: { name: 'robot', role: 'org_admin', control_planes: 'all', payload_read: false },
      });
      const { body: first } = await own.call<List<Entry>>('/audit-log?size=2');
      const { body: second } = await own.call<List<Entry>>(`/audit-log?size=2&after=${first.next}`);
      expect([...first.data, ...second.data]).toEqual(all.data);
      expect(second.next).toBeNull();
    } finally {
      await own.close();
    }
  });

  it.each(['size=0', 'size=1001', 'size=x', 'after=x', 'after='])('refuses %s', async (query) => {
    const { body } = await controlPlane.call(`/audit-log?${query}`);
    expect(body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: query.split('=')[0] }],
    });
  });

  it('holds no secret', async () => {
    await controlPlane.call('/users', {
      body: { email: 's@example.com', password: 'a secret password', role: 'viewer' },
    });
    const { body } = await controlPlane.call('/audit-log?size=1000');
    expect(JSON.stringify(body)).not.toMatch(/a secret password|correct horse|gst_|gsl_/);
  });
});
