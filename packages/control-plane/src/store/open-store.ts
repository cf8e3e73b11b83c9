import { AppError, messageOf } from '@gatescope/base';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { blobsAsBuffers } from './blobs-as-buffers.ts';
import { migrations } from './migrations.ts';
import { Repositories } from './repositories.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';

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
    'busy_timeout = 5000',
    'foreign_keys = ON',
  ])
    sqlite.pragma(pragma);
  const db = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: sqlite as never }),
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
  const checkpoint = () => void sqlite.pragma('wal_checkpoint(TRUNCATE)');
  return Object.assign(new Repositories(db), {
    transaction: <T>(work: (repositories: Repositories) => Promise<T>) =>
      db.transaction().execute((trx) => work(new Repositories(trx))),
    checkpoint,
    /** Leaves everything in the one file. */
    close: async () => {
      checkpoint();
      await db.destroy();
    },
  });
}
