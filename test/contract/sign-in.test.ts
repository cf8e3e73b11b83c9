import type { Me } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
});
afterEach(() => controlPlane.close());

const ADMIN: Me = {
  kind: 'token',
  id: 'bootstrap',
  name: 'admin',
  email: null,
  role: 'org_admin',
  control_planes: 'all',
  payload_read: true,
};
const ADA = { email: 'Ada@Example.com', password: 'a long password', role: 'viewer' };

async function signIn(body: object): Promise<Answer<Me & { code?: string }>> {
  return await controlPlane.call('/login', { token: null, body });
}

/** The value and the attributes of the cookie that was set. */
function cookieOf({ headers }: { headers: Headers }): { cookie: string; attributes: string[] } {
  const [cookie, ...attributes] = (headers.get('set-cookie') ?? '').split('; ');
  return { cookie: cookie!, attributes };
}

describe('a sign-in link', () => {
  it('signs a browser in once', async () => {
    const token = await controlPlane.server.authenticator.newSignInToken();
    const first = await signIn({ sign_in_token: token });
    expect([first.status, first.body]).toEqual([200, ADMIN]);
    const { cookie } = cookieOf(first);
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).body).toEqual(ADMIN);
    const second = await signIn({ sign_in_token: token });
    expect([second.status, second.body.code, second.headers.get('set-cookie')]).toEqual([
      401,
      'unauthorized',
      null,
    ]);
  });

  it('that two use at the same moment signs in one of them', async () => {
    const token = await controlPlane.server.authenticator.newSignInToken();
    const answers = await Promise.all([1, 2, 3, 4].map(() => signIn({ sign_in_token: token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  it('is good for ten minutes', async () => {
    const token = await controlPlane.server.authenticator.newSignInToken();
    const [link] = controlPlane.sql<{ expires_at: number }>('select expires_at from sign_in_links');
    expect(Math.round((link!.expires_at - Date.now()) / 1_000)).toBeCloseTo(600, -1);
    controlPlane.sql('update sign_in_links set expires_at = ?', Date.now() - 1);
    expect((await signIn({ sign_in_token: token })).status).toBe(401);
  });

  it('is kept as a hash alone', async () => {
    const token = await controlPlane.server.authenticator.newSignInToken();
    expect(JSON.stringify(controlPlane.sql('select * from sign_in_links'))).not.toContain(token);
  });
});

describe('the cookie of a signed-in browser', () => {
  async function signedIn(): Promise<string> {
    return cookieOf(await signIn({ sign_in_token: await controlPlane.server.authenticator.newSignInToken() }))
      .cookie;
  }

  it('is hidden from scripts, kept to the site, and lasts twelve hours', async () => {
    const answer = await signIn({ sign_in_token: await controlPlane.server.authenticator.newSignInToken() });
    const { cookie, attributes } = cookieOf(answer);
    expect(cookie).toMatch(/^gatescope_session=gss_[\w-]{43}$/);
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict']);
    const [stored] = controlPlane.sql<{ hash: string; expires_at: number }>('select * from web_sessions');
    expect(cookie).not.toContain(stored!.hash);
    controlPlane.sql('update web_sessions set expires_at = ?', Date.now() - 1);
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).status).toBe(401);
  });

  it('changes nothing when another site sends it', async () => {
    const cookie = await signedIn();
    const post = (origin: string | null) =>
      controlPlane.call('/rules/check', {
        token: null,
        headers: { cookie, ...(origin === null ? {} : { origin }) },
        body: { expression: 'http.method==GET' },
      });
    const own = new URL(controlPlane.url).origin;
    const answers = await Promise.all(
      [own, null, 'https://evil.example', 'null', 'http://127.0.0.1:1'].map(post),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403, 403]);
  });

  it('is worth nothing after signing out', async () => {
    const cookie = await signedIn();
    const out = await controlPlane.call('/logout', { method: 'POST', token: null, headers: { cookie } });
    expect([out.status, cookieOf(out).cookie]).toEqual([204, 'gatescope_session=']);
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).status).toBe(401);
  });

  it('is what somebody made up: not signed in', async () => {
    const cookie = 'gatescope_session=gss_made-up';
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).status).toBe(401);
  });
});

describe('an account', () => {
  it('signs in with e-mail and password, in whatever case the e-mail is written', async () => {
    const { body: user } = await controlPlane.call<{ id: string }>('/users', { body: ADA });
    const answer = await signIn({ email: ' ada@EXAMPLE.com', password: ADA.password });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        kind: 'user',
        id: user.id,
        name: 'ada@example.com',
        email: 'ada@example.com',
        role: 'viewer',
        control_planes: 'all',
        payload_read: false,
      },
    ]);
    const { cookie } = cookieOf(answer);
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).body).toEqual(answer.body);
  });

  it('is refused in the same words whether e-mail or password is wrong', async () => {
    await controlPlane.call('/users', { body: ADA });
    const answers = [
      await signIn({ email: ADA.email, password: 'a wrong password' }),
      await signIn({ email: 'nobody@example.com', password: ADA.password }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers[0]!.body).toEqual(answers[1]!.body);
  });

  it('is locked for an address after ten failures, even to the right password, and others are not', async () => {
    await controlPlane.call('/users', { body: ADA });
    await controlPlane.call('/users', { body: { ...ADA, email: 'grace@example.com' } });
    for (let failure = 0; failure < 10; failure++) {
      expect((await signIn({ email: ADA.email, password: `wrong ${failure}` })).status).toBe(401);
    }
    const locked = await signIn({ email: ADA.email, password: ADA.password });
    expect([locked.status, locked.body.code]).toEqual([429, 'rate_limited']);
    expect((await signIn({ email: 'grace@example.com', password: ADA.password })).status).toBe(200);
    expect(
      (await signIn({ sign_in_token: await controlPlane.server.authenticator.newSignInToken() })).status,
    ).toBe(200);
  });

  it('is locked after ten failures that come at once', async () => {
    await controlPlane.call('/users', { body: ADA });
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => signIn({ email: ADA.email, password: 'wrong' })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(14);
  });

  it('keeps signed-in browsers at the rights it has now', async () => {
    await controlPlane.call('/users', { body: { ...ADA, role: 'org_admin' } });
    const { cookie } = cookieOf(await signIn({ email: ADA.email, password: ADA.password }));
    const statusOf = async () =>
      (await controlPlane.call('/users', { token: null, headers: { cookie } })).status;
    expect(await statusOf()).toBe(200);
    controlPlane.sql("update users set role = 'viewer'");
    expect(await statusOf()).toBe(403);
    controlPlane.sql('delete from users');
    expect(await statusOf()).toBe(401);
  });
});

describe('guesses at a sign-in link', () => {
  it('are locked out after ten', async () => {
    const token = await controlPlane.server.authenticator.newSignInToken();
    for (let failure = 0; failure < 10; failure++) {
      expect((await signIn({ sign_in_token: `gsl_${failure}` })).status).toBe(401);
    }
    expect((await signIn({ sign_in_token: token })).body.code).toBe('rate_limited');
  });
});

describe('what is sent to sign in', () => {
  it.each([
    ['nothing', {}],
    ['half an account', { email: 'ada@example.com' }],
    ['both', { email: 'ada@example.com', password: 'x', sign_in_token: 'x' }],
    ['numbers', { email: 1, password: 2 }],
  ])('is refused with 400 where it is %s', async (_, body) => {
    expect((await signIn(body)).body).toMatchObject({ status: 400, code: 'invalid_request' });
  });
});
