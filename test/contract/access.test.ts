import type { List } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_RIGHTS } from '../../packages/control-plane/src/api/route-rights.ts';
import { TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
afterAll(() => controlPlane.close());

const ROLES = ['viewer', 'control_plane_admin', 'org_admin'] as const;
/** What the parameters of a path are in a call: a control plane that is there, and things that are not. */
const PARAMETERS: Readonly<Record<string, string>> = { '{cp}': 'default' };

const ALL = Object.entries(ROUTE_RIGHTS).map(([route, right]) => ({
  route: route.replaceAll(/\{\w+\}/g, (name) => PARAMETERS[name] ?? 'none'),
  namesControlPlane: route.includes('{cp}'),
  ...right,
}));
const CLOSED = ALL.filter(({ role }) => role !== 'nobody');

/** The answer to a call without a usable body: what is wrong with the body must not be told to those who may not call. */
async function statusOf(
  route: string,
  token: string | null,
  headers: Record<string, string> = {},
): Promise<number> {
  const [method, path] = route.split(' ') as [string, string];
  const options = method === 'GET' || method === 'DELETE' ? {} : { body: { unknown_field: true } };
  return (await controlPlane.call(path, { method, token, headers, ...options })).status;
}

async function refusedTo(token: string): Promise<string[]> {
  const refused: string[] = [];
  for (const { route } of CLOSED) if ((await statusOf(route, token)) === 403) refused.push(route);
  return refused;
}

describe('who may call', () => {
  it('is said of every route that is described, and of no other', async () => {
    const { body } = await controlPlane.call<{ paths: Record<string, object> }>('/openapi.json');
    const described = Object.entries(body.paths)
      .filter(([path]) => path.startsWith('/api/v1/'))
      .flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`),
      );
    expect(described.sort()).toEqual(Object.keys(ROUTE_RIGHTS).sort());
  });

  it('is decided before anything else: nobody gets further than 401 without a token', async () => {
    const without = await Promise.all(CLOSED.map(({ route }) => statusOf(route, null)));
    const wrong = await Promise.all(CLOSED.map(({ route }) => statusOf(route, 'not-a-token')));
    const nowhere = [await statusOf('GET /nowhere', null), await statusOf('POST /nowhere', 'not-a-token')];
    expect(new Set([...without, ...wrong, ...nowhere])).toEqual(new Set([401]));
  });

  it('is everybody of what nobody has to sign in for', async () => {
    const open = ALL.filter(({ role }) => role === 'nobody').map(({ route }) => route);
    expect(open.sort()).toEqual([
      'GET /health',
      'GET /login/methods',
      'GET /login/oidc',
      'GET /login/oidc/callback',
      'GET /ready',
      'POST /login',
      'POST /logout',
    ]);
    expect(await Promise.all(open.map((route) => statusOf(route, null)))).toEqual([
      200, 200, 404, 302, 200, 400, 204,
    ]);
  });

  it.each(ROLES)('is told the role %s by 403, before its body is looked at', async (role) => {
    const token = await controlPlane.token({ role });
    const above: readonly string[] = ROLES.slice(ROLES.indexOf(role) + 1);
    const meant = CLOSED.filter((one) => above.includes(one.role) || one.payload === true);
    expect(await refusedTo(token)).toEqual(meant.map(({ route }) => route));
  });

  it("is told another control plane's admin by 403 on all that names this one", async () => {
    await controlPlane.call('/control-planes', { body: { name: 'elsewhere' } });
    const token = await controlPlane.token({ control_planes: ['elsewhere'], payload_read: true });
    const meant = CLOSED.filter((one) => one.namesControlPlane || one.everywhere === true);
    expect(await refusedTo(token)).toEqual(meant.map(({ route }) => route));
  });

  it('says with a problem what is missing', async () => {
    const { status, headers, body } = await controlPlane.call('/me', { token: null });
    expect([status, headers.get('content-type'), headers.get('www-authenticate')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
      'Bearer realm="gatescope"',
    ]);
    expect(body).toEqual({
      type: 'urn:gatescope:problem:unauthorized',
      title: 'Sign in first',
      status: 401,
      detail: 'send a token (Authorization: Bearer …), or sign in',
      code: 'unauthorized',
    });
    const viewer = await controlPlane.token({ role: 'viewer' });
    expect((await controlPlane.call('/users', { token: viewer })).body).toEqual({
      type: 'urn:gatescope:problem:forbidden',
      title: 'Not allowed',
      status: 403,
      detail: 'this needs the role org_admin; yours is viewer',
      code: 'forbidden',
    });
  });
});

describe('rights on control planes', () => {
  it('cover those named alone; others are 403, whether they exist or not', async () => {
    const { body: other } = await controlPlane.call<{ id: string }>('/control-planes', {
      body: { name: 'other' },
    });
    const tokens = [
      await controlPlane.token({ role: 'org_admin', control_planes: ['other'] }),
      await controlPlane.token({ role: 'org_admin', control_planes: [other.id] }),
    ];
    for (const token of tokens) {
      const statuses = await Promise.all(
        ['other', other.id, 'default', 'nowhere'].flatMap((cp) => [
          statusOf(`GET /control-planes/${cp}`, token),
          statusOf(`GET /control-planes/${cp}/sessions/none`, token),
          statusOf(`POST /control-planes/${cp}/sessions`, token),
        ]),
      );
      expect(statuses).toEqual([200, 404, 400, 200, 404, 400, 403, 403, 403, 403, 403, 403]);
      const { body } = await controlPlane.call<List<{ name: string }>>('/control-planes', { token });
      expect(body.data.map(({ name }) => name)).toEqual(['other']);
    }
  });

  it('of all control planes meet 404 where there is none', async () => {
    expect((await controlPlane.call('/control-planes/nowhere/sessions')).body).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });
});

describe("the admin's token", () => {
  it.each([
    ['has spaces', 'correct horse battery staple'],
    ['has signs of every kind', `~!@#$%^&*()_+{}|:"<>?-=[]\\;',./`],
    ['is not ASCII', 'Schlüssel für alles'],
  ])('may be any text: one that %s', async (_, adminToken) => {
    const own = await TestControlPlane.start({ adminToken });
    try {
      expect((await own.call('/me', { token: adminToken })).status).toBe(200);
      // Those who send the bytes of UTF-8 mean the same.
      const utf8 = Buffer.from(adminToken, 'utf8').toString('latin1');
      expect((await own.call('/me', { token: utf8 })).status).toBe(200);
      expect((await own.call('/me', { token: adminToken.slice(0, -1) })).status).toBe(401);
    } finally {
      await own.close();
    }
  });

  it('that is empty lets nobody in', async () => {
    const own = await TestControlPlane.start({ adminToken: '' });
    try {
      expect((await own.call('/login', { token: null, body: { sign_in_token: '' } })).status).toBe(401);
      expect((await own.call('/me', { token: '' })).status).toBe(401);
    } finally {
      await own.close();
    }
  });
});
