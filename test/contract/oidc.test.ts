import type { AuditEntry, List, Me, User } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOidcSettings } from '../../packages/control-plane/src/auth/oidc-settings.ts';
import { freePorts } from '../support/free-ports.ts';
import { TestControlPlane } from './support/control-plane.ts';
import { IdentityProvider, Visitor } from './support/identity-provider.ts';

const PEOPLE: Record<string, { email?: string; email_verified?: boolean; groups?: string[] }> = {
  ada: { email: 'Ada@Example.com', email_verified: true, groups: ['staff', 'admins'] },
  grace: { email: 'grace@example.com', email_verified: true, groups: ['eu'] },
  eve: { email: 'eve@example.com', email_verified: true, groups: ['visitors'] },
  mallory: { email: 'taken@example.com', email_verified: false, groups: ['admins'] },
  owner: { email: 'owner@example.com', email_verified: true, groups: ['admins'] },
  silent: { groups: ['admins'] },
};

let provider: IdentityProvider;
let controlPlane: TestControlPlane;

beforeAll(async () => {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  provider = await IdentityProvider.start(`${url}/api/v1/login/oidc/callback`, PEOPLE);
  controlPlane = await TestControlPlane.start({
    api: { host: '127.0.0.1', port: port! },
    oidc: readOidcSettings({
      GATESCOPE_OIDC_ISSUER: provider.issuer,
      GATESCOPE_OIDC_CLIENT_ID: 'gatescope',
      GATESCOPE_OIDC_CLIENT_SECRET: 'client-secret',
      GATESCOPE_OIDC_NAME: 'Example login',
      GATESCOPE_OIDC_ROLES: 'admins=org_admin+payload_read; eu=control_plane_admin:default',
      GATESCOPE_PUBLIC_URL: url,
    }),
  });
});
afterAll(async () => {
  await controlPlane.close();
  await provider.close();
});

async function signIn(person: string): Promise<{ visitor: Visitor; url: string }> {
  const visitor = new Visitor();
  const { url } = await visitor.go(`${controlPlane.url}/api/v1/login/oidc`, controlPlane.url, person);
  return { visitor, url };
}

const me = async (visitor: Visitor) =>
  (await (await visitor.fetch(`${controlPlane.url}/api/v1/me`)).json()) as Me;
const errorOf = (url: string) => new URL(url).searchParams.get('error');
const users = async () => (await controlPlane.call<List<User>>('/users')).body.data;

describe('signing in through an identity provider', () => {
  it('is offered by its name', async () => {
    expect((await controlPlane.call('/login/methods', { token: null })).body).toEqual({
      password: true,
      oidc: { name: 'Example login', url: '/api/v1/login/oidc' },
    });
  });

  it('makes an account at the first time, with the rights of the first group that fits', async () => {
    const { visitor, url } = await signIn('ada');
    expect(url).toBe(`${controlPlane.url}/`);
    expect(visitor.visited.some((one) => one.startsWith(provider.issuer))).toBe(true);
    expect(await me(visitor)).toMatchObject({
      kind: 'user',
      email: 'ada@example.com',
      role: 'org_admin',
      control_planes: 'all',
      payload_read: true,
    });
    expect(await users()).toMatchObject([{ email: 'ada@example.com', sign_in: 'oidc' }]);
    const { body } = await controlPlane.call<List<AuditEntry>>('/audit-log?action=login&outcome=done');
    expect(body.data).toMatchObject([{ actor: 'ada@example.com', details: { by: 'Example login' } }]);
  });

  it('leads to where it was begun for, and nowhere else', async () => {
    const next = '/control-planes/default/sessions?x=1';
    const begin = `${controlPlane.url}/api/v1/login/oidc?next=`;
    const { url } = await new Visitor().go(begin + encodeURIComponent(next), controlPlane.url, 'ada');
    expect(url).toBe(controlPlane.url + next);
    for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a\nb', '/ü'])
      expect((await fetch(begin + encodeURIComponent(elsewhere), { redirect: 'manual' })).status).toBe(400);
    // A cookie that another site had set.
    const callback = await fetch(`${controlPlane.url}/api/v1/login/oidc/callback`, {
      redirect: 'manual',
      headers: {
        cookie: `gatescope_oidc=${Buffer.from('{"next":"//evil.example"}').toString('base64url')}`,
      },
    });
    expect(callback.headers.get('location')).toMatch(/^\/sign-in\?error=[^&]+$/);
  });

  it('changes the rights with the groups, and nobody else signs in with the account', async () => {
    await signIn('grace');
    PEOPLE['grace'] = { ...PEOPLE['grace'], groups: ['admins'] };
    const { visitor } = await signIn('grace');
    expect(await me(visitor)).toMatchObject({ email: 'grace@example.com', role: 'org_admin' });
    expect((await users()).filter(({ email }) => email === 'grace@example.com')).toHaveLength(1);
    const body = { email: 'grace@example.com', password: '' };
    expect((await controlPlane.call('/login', { token: null, body })).status).toBe(401);
  });

  it('is refused to who is in no group that has rights, with the reason on the sign-in page', async () => {
    const { visitor, url } = await signIn('eve');
    expect(errorOf(url)).toContain('none of your groups has rights here (visitors)');
    expect(visitor.cookie(controlPlane.url, 'gatescope_session')).toBeUndefined();
    expect((await users()).map(({ email }) => email)).not.toContain('eve@example.com');
  });

  it('is refused to who has no e-mail address', async () => {
    expect(errorOf((await signIn('silent')).url)).toContain('tells no e-mail address');
  });

  it('takes an account with a password over only where the address is verified', async () => {
    for (const email of ['taken@example.com', 'owner@example.com'])
      await controlPlane.call('/users', { body: { email, password: 'correct horse', role: 'viewer' } });
    expect(errorOf((await signIn('mallory')).url)).toContain('does not say that the address is verified');
    const { visitor } = await signIn('owner');
    expect(await me(visitor)).toMatchObject({ email: 'owner@example.com', role: 'org_admin' });
  });

  it('ends where it was not begun in this browser, or the answer was made up', async () => {
    const callback = `${controlPlane.url}/api/v1/login/oidc/callback`;
    const other = new Visitor();
    const { url } = await other.go(`${callback}?code=x&state=y`, controlPlane.url, 'ada');
    expect(errorOf(url)).toContain('this sign-in was not begun here');
    const visitor = new Visitor();
    await visitor.fetch(`${controlPlane.url}/api/v1/login/oidc`);
    const forged = await visitor.go(`${callback}?code=x&state=y`, controlPlane.url, 'ada');
    expect(errorOf(forged.url)).toContain('the identity provider did not sign you in');
    expect(visitor.cookie(controlPlane.url, 'gatescope_session')).toBeUndefined();
  });

  it('says where the provider can not be reached', async () => {
    const own = await TestControlPlane.start({
      oidc: readOidcSettings({
        GATESCOPE_OIDC_ISSUER: 'http://127.0.0.1:1',
        GATESCOPE_OIDC_CLIENT_ID: 'gatescope',
        GATESCOPE_OIDC_CLIENT_SECRET: 'x',
        GATESCOPE_OIDC_ROLES: '*=viewer',
        GATESCOPE_PUBLIC_URL: 'http://localhost',
      }),
    });
    expect((await own.call('/login/oidc', { token: null })).body).toMatchObject({
      status: 503,
      code: 'unavailable',
      detail: expect.stringContaining('http://127.0.0.1:1') as string,
    });
    await own.close();
  });
});

describe('cookies behind a proxy that speaks TLS', () => {
  it.each([
    ['a trusted one', ['127.0.0.1'], true],
    ['one that nobody trusts', [], false],
  ])('are for https alone where %s says so: %s', async (_, trustedProxies, secure) => {
    const own = await TestControlPlane.start({ trustedProxies });
    const token = await own.server.authenticator.newSignInToken();
    const { headers } = await own.call('/login', {
      token: null,
      body: { sign_in_token: token },
      headers: { 'x-forwarded-proto': 'https' },
    });
    const [cookie = ''] = headers.getSetCookie();
    expect([/; Secure/.test(cookie), /; HttpOnly/.test(cookie), /; SameSite=Strict/.test(cookie)]).toEqual([
      secure,
      true,
      true,
    ]);
    await own.close();
  });
});
