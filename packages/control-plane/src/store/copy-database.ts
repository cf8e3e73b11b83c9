import { chmodSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import Database from 'libsql';

/** Copies the database of a control plane as it is at one moment, also while it is in use. `to` must not exist. */
export function copyDatabase(from: string, to: string): void {
  try {
    const database = new Database(from);
    try {
      database.pragma('busy_timeout = 10000');
      database.prepare('vacuum into ?').run([to]);
    } finally {
      database.close();
    }
    chmodSync(to, 0o600);
  } catch (error) {
    throw new AppError('unavailable', `the database ${from} can't be copied to ${to}: ${messageOf(error)}`);
  }
}
