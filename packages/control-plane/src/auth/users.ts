import { AppError, uuid } from '@gatescope/base';
import type { PeopleRepository, UserRow } from '../store/people-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import { type Rights, rightsColumns } from './rights.ts';
import { hashOf, hashPassword, isPassword } from './secrets.ts';

/** The accounts of people. */
export class Users {
  readonly #people: PeopleRepository;

  constructor({ people }: Pick<Repositories, 'people'>) {
    this.#people = people;
  }

  /** Everybody, by e-mail. */
  async all(): Promise<UserRow[]> {
    return await this.#people.users();
  }

  async find(id: string): Promise<UserRow | undefined> {
    return await this.#people.user('id', id);
  }

  /** Throws `conflict` where the address has an account. */
  async add(user: { email: string; password: string; rights: Rights }): Promise<UserRow> {
    const row = newUser(user.email, await hashPassword(user.password), user.rights);
    if (!(await this.#people.addUser(row)))
      throw new AppError('conflict', `there is a user ${user.email} already`);
    return row;
  }

  /** Changes rights, and sets a new password, which ends the signed-in browsers of the user. */
  async change(id: string, change: { rights?: Rights; password?: string }): Promise<void> {
    const { rights, password } = change;
    if (rights !== undefined) await this.#people.changeUser(id, rightsColumns(rights));
    if (password === undefined) return;
    await this.#people.changeUser(id, { password_hash: await hashPassword(password) });
    await this.#people.removeWebSessionsOf(id, '');
  }

  /** Somebody sets a new password and proves the old one; other signed-in browsers are signed out. Throws `forbidden`. */
  async changeOwnPassword(id: string, current: string, next: string, cookie: string): Promise<void> {
    const user = await this.#people.user('id', id);
    if (user === undefined || !(await isPassword(current, user.password_hash)))
      throw new AppError('forbidden', 'the current password is wrong');
    await this.#people.changeUser(id, { password_hash: await hashPassword(next) });
    await this.#people.removeWebSessionsOf(id, hashOf(cookie));
  }

  async remove(id: string): Promise<void> {
    await this.#people.removeUser(id);
  }

  /**
   * The account of somebody whom the identity provider knows as `subject`, with the rights that its groups give now; made at the first
   * sign-in. An account with the same address is taken over only where the provider has verified the address.
   */
  async fromProvider(who: {
    subject: string;
    email: string;
    emailVerified: boolean;
    rights: Rights;
  }): Promise<UserRow> {
    const email = who.email.trim().toLowerCase();
    const fields = { ...rightsColumns(who.rights), subject: who.subject, last_sign_in_at: Date.now() };
    const known = await this.#people.user('subject', who.subject);
    const sameAddress = known ?? (await this.#people.user('email', email));
    if (sameAddress !== undefined) {
      if (known === undefined && (!who.emailVerified || sameAddress.subject !== null)) {
        throw new AppError(
          'conflict',
          `there is an account for ${email} already, and the identity provider does not say that the address is verified; sign in with the password, or ask an admin to delete the account`,
        );
      }
      await this.#people.changeUser(sameAddress.id, fields);
      return { ...sameAddress, ...fields };
    }
    const row = { ...newUser(email, '', who.rights), ...fields };
    if (!(await this.#people.addUser(row)))
      throw new AppError('conflict', `there is a user ${email} already`);
    return row;
  }
}

function newUser(email: string, passwordHash: string, rights: Rights): UserRow {
  return {
    id: uuid(),
    email: email.trim().toLowerCase(),
    password_hash: passwordHash,
    ...rightsColumns(rights),
    created_at: Date.now(),
    subject: null,
    last_sign_in_at: null,
  };
}
