import type Database from 'libsql';

/** Statements kept, and characters of the longest that is. */
const STATEMENTS_MAX = 256;
const STATEMENT_CHARACTERS_MAX = 4_096;

/** A database whose statements are prepared once instead of each time they are run; those used last are kept. */
export class PreparedStatements {
  readonly #database: Database.Database;
  /** By their text; the one used last is the last. */
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    if (sql.length > STATEMENT_CHARACTERS_MAX) return statement;
    if (this.#statements.size >= STATEMENTS_MAX)
      this.#statements.delete(this.#statements.keys().next().value!);
    this.#statements.set(sql, statement);
    return statement;
  }

  forget(): void {
    this.#statements.clear();
  }

  close(): void {
    this.forget();
    this.#database.close();
  }
}
