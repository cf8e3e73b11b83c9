import { AppError } from '@gatescope/base';
import type { PeopleRepository, UserRow } from '../store/people-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { Principal } from './principal.ts';
import { bothOf, rightsOf } from './rights.ts';
import { hashOf, isPassword, newSecret, sameText } from './secrets.ts';

/** How long a sign-in link is good for, and a signed-in browser. */
export const SIGN_IN_LINK_MS = 10 * 60_000;
export const WEB_SESSION_MS = 12 * 3_600_000;

const BOOTSTRAP: Principal = {
  kind: 'token',
  id: 'bootstrap',
  name: 'admin',
  email: null,
  role: 'org_admin',
  control_planes: 'all',
  payload_read: true,
  expiresAt: null,
};

/** Knows people and tokens: by bearer token, by the cookie of a signed-in browser, by sign-in link, by e-mail and password. */
export class Authenticator {
  readonly #people: PeopleRepository;
  readonly #adminToken: string;
  readonly #attempts = new FailedAttempts();

  constructor({ people }: Pick<Repositories, 'people'>, adminToken: string) {
    this.#people = people;
    // No header field carries blanks at its ends.
    this.#adminToken = adminToken.trim();
  }

  async byToken(token: string): Promise<Principal | null> {
    if (this.#isAdminToken(token)) return BOOTSTRAP;
    const row = await this.#people.token('hash', hashOf(token));
    const now = Date.now();
    if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null;
    if (row.last_used_at === null || now - row.last_used_at > 60_000) {
      await this.#people.noteTokenUse(row.id, now);
    }
    const principal = { kind: 'token', id: row.id, name: row.name, email: null } as const;
    const { made_by, expires_at: expiresAt } = row;
    const maker = made_by === null ? undefined : await this.#people.user('id', made_by);
    if (maker !== undefined) return { ...principal, expiresAt, ...bothOf(rightsOf(row), rightsOf(maker)) };
    // Made by a user that is gone: neither is it one of a token, which would have taken it along.
    if (made_by !== null && (await this.#people.token('id', made_by)) === undefined) return null;
    return { ...principal, expiresAt, ...rightsOf(row) };
  }

  async byCookie(secret: string): Promise<Principal | null> {
    const row = await this.#people.webSession(hashOf(secret));
    if (row === undefined || row.expires_at <= Date.now()) return null;
    const principal = JSON.parse(row.principal) as Principal;
    if (principal.kind === 'token') return BOOTSTRAP;
    // Rights that were changed or taken away since count at once.
    const user = await this.#people.user('id', principal.id);
    return user === undefined ? null : principalOf(user);
  }

  /** A link's token: used once, within ten minutes. */
  async newSignInToken(): Promise<string> {
    const token = newSecret('gsl');
    await this.#people.addLink(hashOf(token), Date.now() + SIGN_IN_LINK_MS);
    return token;
  }

  /** Signs a browser in; answers the cookie's secret. Throws `unauthorized` or, after too many failures, `rate_limited`. */
  async signInByLink(token: string, address: string): Promise<{ principal: Principal; cookie: string }> {
    this.#attempts.begin('sign-in link', address);
    if (!(await this.#people.useLink(hashOf(token), Date.now())) && !this.#isAdminToken(token)) {
      throw new AppError(
        'unauthorized',
        'this sign-in link has been used or is too old; restart gatescope, or sign in with a token',
      );
    }
    this.#attempts.succeeded('sign-in link', address);
    return { principal: BOOTSTRAP, cookie: await this.#newWebSession(BOOTSTRAP) };
  }

  async signInByPassword(
    email: string,
    password: string,
    address: string,
  ): Promise<{ principal: Principal; cookie: string }> {
    const account = email.trim().toLowerCase();
    this.#attempts.begin(account, address);
    const user = await this.#people.user('email', account);
    // The same work is done for an account that does not exist.
    const right = await isPassword(password, user?.password_hash ?? DUMMY_HASH);
    if (user === undefined || !right) throw new AppError('unauthorized', 'e-mail or password is wrong');
    this.#attempts.succeeded(account, address);
    await this.#people.changeUser(user.id, { last_sign_in_at: Date.now() });
    return await this.signInAs(user);
  }

  /** Signs a browser in as a user who has been recognised by other means. */
  async signInAs(user: UserRow): Promise<{ principal: Principal; cookie: string }> {
    const principal = principalOf(user);
    return { principal, cookie: await this.#newWebSession(principal) };
  }

  /** Proves something of an account, as a sign-in does: too many failures lock it. */
  async guard<T>(account: string, address: string, prove: () => Promise<T>): Promise<T> {
    this.#attempts.begin(account, address);
    const proved = await prove();
    this.#attempts.succeeded(account, address);
    return proved;
  }

  async signOut(cookie: string): Promise<void> {
    await this.#people.removeWebSession(hashOf(cookie));
  }

  /** Removes what has run out. */
  async sweep(): Promise<void> {
    await this.#people.sweep(Date.now());
    this.#attempts.sweep();
  }

  /** A header field's bytes come as Latin-1; those who sent UTF-8 mean the same. An empty token is nobody's. */
  #isAdminToken(token: string): boolean {
    if (this.#adminToken === '') return false;
    return (
      sameText(token, this.#adminToken) || sameText(Buffer.from(token, 'latin1').toString(), this.#adminToken)
    );
  }

  async #newWebSession(principal: Principal): Promise<string> {
    const secret = newSecret('gss');
    const now = Date.now();
    await this.#people.addWebSession({
      hash: hashOf(secret),
      principal: JSON.stringify(principal),
      created_at: now,
      expires_at: now + WEB_SESSION_MS,
      user_id: principal.kind === 'user' ? principal.id : null,
    });
    return secret;
  }
}

const DUMMY_HASH = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;

function principalOf(user: UserRow): Principal {
  return {
    kind: 'user',
    id: user.id,
    name: user.email,
    email: user.email,
    expiresAt: null,
    ...rightsOf(user),
  };
}
