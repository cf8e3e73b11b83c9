import { CompiledQuery } from 'kysely';

/**
 * Inserts of many rows, so many by one statement. The statements are written out once, as they are run all the time: to build and compile one
 * anew takes as long as to run it.
 */
export class RowInserts<Row> {
  readonly #columns: readonly (keyof Row & string)[];
  readonly #rowsMax: number;
  /** By their number of rows. */
  readonly #statements: readonly string[];

  /** `tail` stands behind the rows in each statement. */
  constructor(table: string, columns: readonly (keyof Row & string)[], rowsMax: number, tail = '') {
    this.#columns = columns;
    this.#rowsMax = rowsMax;
    const row = `(${Array(columns.length).fill('?').join(', ')})`;
    this.#statements = Array.from(
      { length: rowsMax + 1 },
      (_, rows) =>
        `insert into ${table} (${columns.join(', ')}) values ${Array(rows).fill(row).join(', ')}${tail}`,
    );
  }

  /** The statements that insert these rows, one after the other. */
  *of(rows: readonly Row[]): Generator<CompiledQuery> {
    for (let at = 0; at < rows.length; at += this.#rowsMax) {
      const some = rows.slice(at, at + this.#rowsMax);
      const values: unknown[] = [];
      for (const row of some) for (const column of this.#columns) values.push(row[column]);
      yield CompiledQuery.raw(this.#statements[some.length]!, values);
    }
  }
}
