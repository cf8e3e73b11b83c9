import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { messageOf } from '@gatescope/base';
import { KEY_BYTES } from './aes-gcm.ts';
import { KeyError } from './key-error.ts';

/** Makes a key file where there is none: random bytes that only the owner may read. Two processes that try at once end up with one key. */
export function createKeyFile(path: string): void {
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'wx', 0o600);
  writeSync(file, randomBytes(KEY_BYTES));
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** The key in a file. Throws a `KeyError` where it can't be read, is no key, or others may read it. */
export function readKeyFile(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new KeyError('unavailable', `the key file ${path} can't be read: ${messageOf(error)}`);
  }
  if (bytes.length !== KEY_BYTES)
    throw new KeyError('corrupt', `the key file ${path} has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new KeyError('denied', `the key file ${path} may be read by others; run chmod 600 on it`);
  return bytes;
}
