import type { PeopleRepository, TokenRow } from '../store/people-repository.ts';
import type { Repositories } from '../store/repositories.ts';

/** API tokens as they are kept: by the hash of their secret. */
export class Tokens {
  readonly #people: PeopleRepository;

  constructor({ people }: Pick<Repositories, 'people'>) {
    this.#people = people;
  }

  /** Newest first. */
  async all(): Promise<TokenRow[]> {
    return await this.#people.tokens();
  }

  async find(id: string): Promise<TokenRow | undefined> {
    return await this.#people.token('id', id);
  }

  async add(row: TokenRow): Promise<void> {
    await this.#people.addToken(row);
  }

  async remove(id: string): Promise<void> {
    await this.#people.removeToken(id);
  }
}
