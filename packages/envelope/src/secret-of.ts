import { readFile } from 'node:fs/promises';
import { messageOf } from '@gatescope/base';
import { KeyError } from './key-error.ts';
import type { KeyConfig } from './key-provider.ts';

/** A secret of a key's configuration, which names an environment variable (`<name>_env`) or a file (`<name>_file`) and never holds it. */
export async function secretOf(config: KeyConfig, name: string): Promise<string> {
  const variable = config[`${name}_env`];
  const file = config[`${name}_file`];
  if (variable !== undefined) {
    const value = process.env[variable];
    if (value !== undefined) return value;
    throw new KeyError(
      'denied',
      `the environment variable ${variable} is not set; it holds the ${name} of the key`,
    );
  }
  if (file === undefined)
    throw new KeyError('denied', `the key's configuration names no ${name}_env or ${name}_file`);
  try {
    return (await readFile(file, 'utf8')).trimEnd();
  } catch (error) {
    throw new KeyError(
      'denied',
      `the file ${file}, which holds the ${name} of the key, can't be read: ${messageOf(error)}`,
    );
  }
}
