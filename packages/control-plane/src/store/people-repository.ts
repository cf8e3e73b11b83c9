import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type UserRow = Row<'users'>;
export type TokenRow = Row<'tokens'>;
export type WebSessionRow = Row<'web_sessions'>;

/** Users, tokens and signed-in browsers as they are kept: of every secret only its hash. */
export class PeopleRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Everybody, by e-mail. */
  async users(): Promise<UserRow[]> {
    return await this.#db.selectFrom('users').selectAll().orderBy('email').execute();
  }

  async user(by: 'id' | 'email' | 'subject', key: string): Promise<UserRow | undefined> {
    return await this.#db.selectFrom('users').selectAll().where(by, '=', key).executeTakeFirst();
  }

  /** Answers false where the address has an account. */
  async addUser(row: UserRow): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  async changeUser(id: string, fields: Partial<Omit<UserRow, 'id'>>): Promise<void> {
    await this.#db.updateTable('users').set(fields).where('id', '=', id).execute();
  }

  /** Removes a user, and whoever is signed in as that user is no more. */
  async removeUser(id: string): Promise<void> {
    await this.#db.deleteFrom('web_sessions').where('user_id', '=', id).execute();
    await this.#db.deleteFrom('users').where('id', '=', id).execute();
  }

  /** Newest first. */
  async tokens(): Promise<TokenRow[]> {
    return await this.#db
      .selectFrom('tokens')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
  }

  async token(by: 'id' | 'hash', key: string): Promise<TokenRow | undefined> {
    return await this.#db.selectFrom('tokens').selectAll().where(by, '=', key).executeTakeFirst();
  }

  async addToken(row: TokenRow): Promise<void> {
    await this.#db.insertInto('tokens').values(row).execute();
  }

  async noteTokenUse(id: string, now: number): Promise<void> {
    await this.#db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', id).execute();
  }

  async removeToken(id: string): Promise<void> {
    await this.#db.deleteFrom('tokens').where('id', '=', id).execute();
  }

  async webSession(hash: string): Promise<WebSessionRow | undefined> {
    return await this.#db.selectFrom('web_sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
  }

  async addWebSession(row: WebSessionRow): Promise<void> {
    await this.#db.insertInto('web_sessions').values(row).execute();
  }

  async removeWebSession(hash: string): Promise<void> {
    await this.#db.deleteFrom('web_sessions').where('hash', '=', hash).execute();
  }

  /** Ends a user's signed-in browsers, but for one. */
  async removeWebSessionsOf(userId: string, exceptHash: string): Promise<void> {
    await this.#db
      .deleteFrom('web_sessions')
      .where('user_id', '=', userId)
      .where('hash', '!=', exceptHash)
      .execute();
  }

  async addLink(hash: string, expiresAt: number): Promise<void> {
    await this.#db.insertInto('sign_in_links').values({ hash, expires_at: expiresAt }).execute();
  }

  /** Uses a link up; answers whether it was good until now. */
  async useLink(hash: string, now: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sign_in_links')
      .where('hash', '=', hash)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Removes signed-in browsers and links that have run out. */
  async sweep(now: number): Promise<void> {
    await this.#db.deleteFrom('web_sessions').where('expires_at', '<=', now).execute();
    await this.#db.deleteFrom('sign_in_links').where('expires_at', '<=', now).execute();
  }
}
