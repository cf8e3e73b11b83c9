import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';

/** The text of a configuration file. Throws `invalid_config` naming it where it can't be read. */
export function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('invalid_config', `${file} can't be read: ${messageOf(error)}`);
  }
}
