import { request } from 'node:http';
import type { AuditEntry, CreatedToken, List, Me, User } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ADMIN_TOKEN, TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
afterAll(() => controlPlane.close());

const PASSWORD = 'correct horse battery';
let people = 0;

/** A user with the rights, and a signed-in browser of theirs. */
async function somebody(rights: object = {}): Promise<{ user: User; cookie: string }> {
  const email = `person-${++people}@example.com`;
  const { body: user } = await controlPlane.call<User>('/users', {
    body: { email, password: PASSWORD, role: 'viewer', ...rights },
  });
  return { user, cookie: await signIn(email) };
}

async function signIn(email: string, password = PASSWORD): Promise<string> {
  const { status, headers } = await controlPlane.call('/login', { token: null, body: { email, password } });
  if (status !== 200) throw new Error(`not signed in: ${status}`);
  return headers.getSetCookie()[0]!.split(';')[0]!;
}

/** A call by a signed-in browser. */
const by = async <T>(cookie: string, path: string, options: { method?: string; body?: unknown } = {}) =>
  await controlPlane.call<T>(path, { ...options, token: null, headers: { cookie } });

async function audited(query: string): Promise<readonly AuditEntry[]> {
  return (await controlPlane.call<List<AuditEntry>>(`/audit-log?size=1000&${query}`)).body.data;
}

describe('an account', () => {
  it('is changed, and what it may changes at once where it is signed in', async () => {
    const { user, cookie } = await somebody();
    const change = { role: 'control_plane_admin', control_planes: ['default'], payload_read: true };
    const { status, body } = await controlPlane.call(`/users/${user.id}`, { method: 'PATCH', body: change });
    expect([status, body]).toMatchObject([200, { ...change, email: user.email, sign_in: 'password' }]);
    expect((await by<Me>(cookie, '/me')).body).toMatchObject(change);
    expect(await audited(`target=${user.id}&action=user.update`)).toMatchObject([
      { actor: 'admin', outcome: 'done', details: { email: user.email, ...change } },
    ]);
  });

  it('that gets a new password from an admin is signed out everywhere', async () => {
    const { user, cookie } = await somebody();
    const body = { password: 'another horse battery' };
    expect((await controlPlane.call(`/users/${user.id}`, { method: 'PATCH', body })).status).toBe(200);
    expect((await by(cookie, '/me')).status).toBe(401);
    await expect(signIn(user.email)).rejects.toThrow('401');
    expect(await signIn(user.email, body.password)).toContain('gatescope_session=');
    expect(JSON.stringify(await audited(`target=${user.id}`))).not.toContain(body.password);
  });

  it('changes its own password with the old one, and stays signed in here alone', async () => {
    const { user, cookie } = await somebody();
    const elsewhere = await signIn(user.email);
    const body = { current_password: PASSWORD, new_password: 'another horse battery' };
    const wrong = { ...body, current_password: 'no' };
    expect((await by(cookie, '/me/password', { method: 'PUT', body: wrong })).status).toBe(403);
    expect((await by(cookie, '/me/password', { method: 'PUT', body })).status).toBe(204);
    expect([(await by(cookie, '/me')).status, (await by(elsewhere, '/me')).status]).toEqual([200, 401]);
    expect((await audited(`actor=${user.id}&action=user.password`)).map(({ outcome }) => outcome)).toEqual([
      'done',
      'refused',
    ]);
  });

  it('that is deleted is signed out, and its tokens end', async () => {
    const { user, cookie } = await somebody();
    const made = await by<CreatedToken>(cookie, '/tokens', { body: { name: 'mine', role: 'viewer' } });
    const { token } = made.body;
    expect((await controlPlane.call('/me', { token })).status).toBe(200);
    expect((await controlPlane.call(`/users/${user.id}`, { method: 'DELETE' })).status).toBe(204);
    expect([(await by(cookie, '/me')).status, (await controlPlane.call('/me', { token })).status]).toEqual([
      401, 401,
    ]);
    expect((await controlPlane.call(`/users/${user.id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('can not be deleted by itself, nor seen or touched by who may less', async () => {
    const { user, cookie } = await somebody({ role: 'org_admin', control_planes: ['default'] });
    expect((await by(cookie, `/users/${user.id}`, { method: 'DELETE' })).status).toBe(409);
    const { user: greater } = await somebody({ role: 'viewer', control_planes: 'all' });
    const { body } = await by<List<User>>(cookie, '/users?size=1000');
    expect(body.data.map(({ id }) => id)).not.toContain(greater.id);
    expect((await by(cookie, `/users/${greater.id}`, { method: 'DELETE' })).status).toBe(404);
    const raise = { control_planes: 'all' };
    expect((await by(cookie, `/users/${user.id}`, { method: 'PATCH', body: raise })).status).toBe(403);
    expect(
      (await by(cookie, '/control-planes', { method: 'POST', body: { name: 'mine' } })).body,
    ).toMatchObject({ status: 403, detail: 'this needs rights on all control planes; yours cover some' });
  });
});

describe('a token', () => {
  it('may never more than its maker may now', async () => {
    const { user, cookie } = await somebody({ role: 'control_plane_admin', payload_read: true });
    const { body } = await by<CreatedToken>(cookie, '/tokens', {
      body: { name: 'mine', role: 'control_plane_admin', payload_read: true },
    });
    await controlPlane.call(`/users/${user.id}`, {
      method: 'PATCH',
      body: { role: 'viewer', control_planes: ['default'] },
    });
    expect((await controlPlane.call<Me>('/me', { token: body.token })).body).toMatchObject({
      role: 'viewer',
      control_planes: ['default'],
      payload_read: true,
    });
  });

  it('ends with the token that made it', async () => {
    const make = async (token?: string) =>
      (
        await controlPlane.call<CreatedToken>('/tokens', {
          body: { name: 'chain', role: 'org_admin' },
          ...(token === undefined ? {} : { token }),
        })
      ).body;
    const first = await make();
    const second = await make(first.token);
    const third = await make(second.token);
    expect((await controlPlane.call(`/tokens/${first.id}`, { method: 'DELETE' })).status).toBe(204);
    const statuses = [first, second, third].map(
      async ({ token }) => (await controlPlane.call('/me', { token })).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 401]);
  });
});

describe('the audit log', () => {
  it('has what was refused and what failed, by whom and from where', async () => {
    const { user, cookie } = await somebody();
    await by(cookie, '/control-planes/default/sessions', { method: 'POST', body: {} });
    await controlPlane.call('/control-planes/default/sessions', { body: { rate: 7 } });
    expect(await audited(`actor=${user.id}&action=session&outcome=refused`)).toMatchObject([
      {
        actor: user.email,
        actor_id: user.id,
        action: 'session.start',
        target: '/api/v1/control-planes/default/sessions',
        address: '127.0.0.1',
        details: { status: 403, code: 'forbidden' },
      },
    ]);
    expect(await audited('actor=admin&action=session.start&outcome=failed')).toMatchObject([
      { details: { status: 400, code: 'invalid_request', control_plane: 'default' } },
    ]);
  });

  it('has failed sign-ins with the account that was tried, and the lock as the bound of them', async () => {
    const body = { email: 'nobody@example.com', password: 'wrong' };
    for (let attempt = 0; attempt < 12; attempt++) await controlPlane.call('/login', { token: null, body });
    const entries = await audited('actor=nobody@example.com');
    expect(entries.map(({ action, outcome, actor_id }) => [action, outcome, actor_id])).toEqual(
      Array.from({ length: 10 }, () => ['login', 'refused', null]),
    );
  });

  it('has sign-ins by the name of who signed in, who was nobody when they asked', async () => {
    const { user } = await somebody();
    expect(await audited(`target=${user.id}&action=login`)).toMatchObject([
      { actor: user.email, actor_id: null, address: '127.0.0.1', details: { address: '127.0.0.1' } },
    ]);
  });

  it('has the address of a client that was gone before its act failed', async () => {
    const act = 'actor=admin&action=control_plane.create&outcome=failed';
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'content-type': 'application/json',
      'content-length': 9,
      expect: '100-continue',
    };
    const asked = request(`${controlPlane.url}/api/v1/control-planes`, { method: 'POST', headers });
    const gone = new Promise((resolve) => asked.on('error', resolve));
    asked.on('continue', () => asked.socket!.resetAndDestroy());
    asked.flushHeaders();
    await gone;
    const [entry] = await until('the act', async () => {
      const entries = await audited(act);
      return entries.length > 0 && entries;
    });
    expect(entry).toMatchObject({ actor_id: 'bootstrap', address: '127.0.0.1', details: { status: 400 } });
  });

  it('has nothing of calls without a token', async () => {
    const before = await audited('');
    await controlPlane.call('/control-planes/default/sessions', { token: null, body: {} });
    expect((await audited('')).length).toBe(before.length);
  });

  it('is filtered by time', async () => {
    const [newest] = await audited('');
    const at = encodeURIComponent(newest!.at);
    expect((await audited(`from=${at}`)).map(({ id }) => id)).toContain(newest!.id);
    expect((await audited(`to=${at}`)).map(({ id }) => id)).not.toContain(newest!.id);
    expect((await controlPlane.call('/audit-log?from=yesterday')).body).toMatchObject({
      code: 'invalid_request',
    });
  });

  it('is taken along whole, as CSV that no spreadsheet runs and as lines of JSON', async () => {
    const email = '=cmd@example.com';
    await controlPlane.call('/users', { body: { email, password: PASSWORD, role: 'viewer' } });
    await signIn(email);
    const csv = await controlPlane.call<string>('/audit-log?format=csv&actor=%3Dcmd@example.com');
    expect([csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual([
      'text/csv; charset=utf-8',
      'attachment; filename="audit-log.csv"',
    ]);
    const [head, line] = csv.body.split('\r\n');
    expect(head).toBe('id,at,actor,actor_id,action,target,address,outcome,details');
    expect(line).toContain(",'=cmd@example.com,");
    expect(line).toContain('"{""address"":""127.0.0.1""}"');
    const lines = await (await controlPlane.fetch('/api/v1/audit-log?format=ndjson')).text();
    const [{ total }] = controlPlane.sql<{ total: number }>('select count(*) as total from audit_log') as [
      { total: number },
    ];
    const entries = lines
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as AuditEntry);
    expect(entries.length).toBe(total);
    expect(entries[0]).toMatchObject({ action: 'audit_log.export', target: 'ndjson' });
  });
});
