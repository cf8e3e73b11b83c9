import { AppError, uuid } from '@gatescope/base';
import type { PeopleRepository, TokenRow } from '../store/people-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { Principal } from './principal.ts';
import { areWithin, type Rights, rightsColumns, rightsOf } from './rights.ts';
import { hashOf, newSecret } from './secrets.ts';

/** API tokens, each within the rights of who made it; kept by the hash of their secret. */
export class Tokens {
  readonly #people: PeopleRepository;

  constructor({ people }: Pick<Repositories, 'people'>) {
    this.#people = people;
  }

  /** Those that somebody could have made, newest first. */
  async within(rights: Rights): Promise<TokenRow[]> {
    return (await this.#people.tokens()).filter((row) => areWithin(rightsOf(row), rights));
  }

  /** Makes a token and answers its secret, this once. Throws `forbidden` where it may more, or longer, than its maker. */
  async make(
    maker: Principal,
    asked: { name: string; rights: Rights; expiresInSeconds: number | null },
  ): Promise<{ row: TokenRow; secret: string }> {
    const now = Date.now();
    const { expiresInSeconds } = asked;
    const expiresAt = expiresInSeconds === null ? maker.expiresAt : now + expiresInSeconds * 1_000;
    const outlives = maker.expiresAt !== null && expiresAt! > maker.expiresAt;
    if (outlives || !areWithin(asked.rights, maker))
      throw new AppError('forbidden', 'a token never may more than its maker; ask for fewer rights');
    const secret = newSecret('gst');
    const row: TokenRow = {
      id: uuid(),
      name: asked.name,
      ...rightsColumns(asked.rights),
      hash: hashOf(secret),
      created_at: now,
      expires_at: expiresAt,
      last_used_at: null,
      made_by: maker.id === 'bootstrap' ? null : maker.id,
    };
    await this.#people.addToken(row);
    return { row, secret };
  }

  /** Ends a token, and those that were made with it. Throws `not_found` also for one that `rights` do not cover. */
  async remove(id: string, rights: Rights): Promise<TokenRow> {
    const all = await this.#people.tokens();
    const row = all.find((one) => one.id === id);
    if (row === undefined || !areWithin(rightsOf(row), rights))
      throw new AppError('not_found', `there is no token ${id}`);
    const gone = [row.id];
    for (const maker of gone) {
      await this.#people.removeToken(maker);
      gone.push(...all.filter((one) => one.made_by === maker).map((one) => one.id));
    }
    return row;
  }
}
