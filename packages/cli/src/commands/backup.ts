import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '@gatescope/base';
import { copyDatabase } from '@gatescope/control-plane';
import { type Command, textOf } from './command.ts';
import { dataDirOf, dataDirOption } from './data-dir-option.ts';

/** What is kept besides the database: keys, certificates, who this is. */
const KEPT = /^(local\.key|admin-token|node-id|.+\.(crt|key)|last-config\.yml)$/;

export const backup: Command = {
  name: 'backup',
  summary:
    'Copies the database, whole and as it is at one moment, and the keys of a data directory, while it is in use.',
  usage: 'FOLDER [options]',
  arguments: { min: 1, max: 1 },
  options: {
    ...dataDirOption('what is copied'),
    'without-keys': { type: 'boolean', help: 'leaves the keys out: who has both can read all traces' },
  },
  examples: [
    'gatescope backup /backup/gatescope-2026-01-31',
    'gatescope start --data-dir /backup/gatescope-2026-01-31     # restoring is starting on it',
  ],
  async run(given) {
    const dataDir = dataDirOf(given);
    const folder = resolve(given.positionals[0]!);
    const database = dataDir.file('gatescope.db');
    if (!existsSync(database))
      throw new AppError(
        'invalid_request',
        `there is no database in ${dataDir.path}; --data-dir names another folder`,
      );
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new AppError('invalid_request', `${folder} is not empty; name a new folder`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    copyDatabase(database, join(folder, 'gatescope.db'));
    const withoutKeys = given.values['without-keys'] === true;
    const files = withoutKeys ? [] : readdirSync(dataDir.path).filter((name) => KEPT.test(name));
    for (const name of files) copyFileSync(dataDir.file(name), join(folder, name));
    const out = textOf(given, 'data-dir') ?? dataDir.path;
    process.stdout.write(`copied ${['gatescope.db', ...files].join(', ')} of ${out} to ${folder}\n`);
    return 0;
  },
};
