import { AppError, messageOf } from '@gatescope/base';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { blobsAsBuffers } from './blobs-as-buffers.ts';
import { migrations } from './migrations.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { Repositories } from './repositories.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';

/** How long a statement waits for another connection, milliseconds. */
const BUSY_MS_MAX = 5_000;
/** When a checkpoint that another connection kept from ending is tried again, milliseconds. */
const CHECKPOINT_RETRY_MS = 250;

/** Opens the database and brings its schema up to date. What is committed is on disk; what is deleted is overwritten. */
export async function openStore(path: string): Promise<Store> {
  let sqlite: Database.Database;
  try {
    sqlite = new Database(path);
  } catch (error) {
    throw new AppError('unavailable', `the database ${path} can't be opened: ${messageOf(error)}`);
  }
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'secure_delete = ON',
    `busy_timeout = ${BUSY_MS_MAX}`,
    'foreign_keys = ON',
  ])
    sqlite.pragma(pragma);
  const statements = new PreparedStatements(sqlite);
  const db = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: statements as never }),
    plugins: [blobsAsBuffers],
  });
  const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw new AppError(
      'unavailable',
      `the database ${path} could not be brought up to date: ${messageOf(error)}`,
    );
  }
  // What a statement answers was settled when it was prepared: before the last change of the schema, it may be.
  statements.forget();
  /** Another connection that reads keeps the journal: then it is tried again, and nobody waits for it. */
  let retry: NodeJS.Timeout | undefined;
  const checkpoint = () => {
    clearTimeout(retry);
    sqlite.pragma('busy_timeout = 0');
    const [result] = sqlite.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    sqlite.pragma(`busy_timeout = ${BUSY_MS_MAX}`);
    if (result?.busy === 1) retry = setTimeout(checkpoint, CHECKPOINT_RETRY_MS).unref();
  };
  return Object.assign(new Repositories(db), {
    transaction: <T>(work: (repositories: Repositories) => Promise<T>) =>
      db.transaction().execute((trx) => work(new Repositories(trx))),
    checkpoint,
    /** Leaves everything in the one file. */
    close: async () => {
      checkpoint();
      clearTimeout(retry);
      await db.destroy();
    },
  });
}
