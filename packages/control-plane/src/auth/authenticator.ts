import { AppError, uuid } from '@gatescope/base';
import type { Role } from '@gatescope/protocol';
import type { PeopleRepository, UserRow } from '../store/people-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { Principal } from './principal.ts';
import { hashOf, hashPassword, isPassword, newSecret, sameText } from './secrets.ts';

/** How long a sign-in link is good for, and a signed-in browser. */
export const SIGN_IN_LINK_MS = 10 * 60_000;
export const WEB_SESSION_MS = 12 * 3_600_000;

const BOOTSTRAP: Principal = {
  kind: 'token',
  id: 'bootstrap',
  name: 'admin',
  email: null,
  role: 'org_admin',
  controlPlanes: 'all',
  payloadRead: true,
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
    return {
      kind: 'token',
      id: row.id,
      name: row.name,
      email: null,
      expiresAt: row.expires_at,
      ...rightsOf(row),
    };
  }

  async byCookie(secret: string): Promise<Principal | null> {
    const row = await this.#people.webSession(hashOf(secret));
    if (row === undefined || row.expires_at <= Date.now()) return null;
    const principal = JSON.parse(row.principal) as Principal;
    if (principal.kind === 'token') return principal;
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
    const principal = principalOf(user);
    return { principal, cookie: await this.#newWebSession(principal) };
  }

  async signOut(cookie: string): Promise<void> {
    await this.#people.removeWebSession(hashOf(cookie));
  }

  /** Everybody, by e-mail. */
  async users(): Promise<UserRow[]> {
    return await this.#people.users();
  }

  /** Throws `conflict` where the address has an account. */
  async addUser(user: {
    email: string;
    password: string;
    role: Role;
    controlPlanes: Principal['controlPlanes'];
    payloadRead: boolean;
  }): Promise<UserRow> {
    const row: UserRow = {
      id: uuid(),
      email: user.email.trim().toLowerCase(),
      password_hash: await hashPassword(user.password),
      role: user.role,
      control_planes: JSON.stringify(user.controlPlanes),
      payload_read: user.payloadRead ? 1 : 0,
      created_at: Date.now(),
    };
    if (!(await this.#people.addUser(row)))
      throw new AppError('conflict', `there is a user ${user.email} already`);
    return row;
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
    });
    return secret;
  }
}

const DUMMY_HASH = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;

function rightsOf(row: {
  role: string;
  control_planes: string;
  payload_read: number;
}): Pick<Principal, 'role' | 'controlPlanes' | 'payloadRead'> {
  return {
    role: row.role as Role,
    controlPlanes: JSON.parse(row.control_planes) as Principal['controlPlanes'],
    payloadRead: row.payload_read === 1,
  };
}

function principalOf(user: {
  id: string;
  email: string;
  role: string;
  control_planes: string;
  payload_read: number;
}): Principal {
  return {
    kind: 'user',
    id: user.id,
    name: user.email,
    email: user.email,
    expiresAt: null,
    ...rightsOf(user),
  };
}
