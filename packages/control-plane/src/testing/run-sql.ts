import Database from 'libsql';

/** Runs one statement on a database file, beside the server that has it open or after it has ended; answers its rows. */
export function runSql<T = Record<string, unknown>>(path: string, text: string, ...values: unknown[]): T[] {
  const database = new Database(path);
  try {
    database.pragma('busy_timeout = 5000');
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(values) as T[];
    statement.run(values);
    return [];
  } finally {
    database.close();
  }
}
