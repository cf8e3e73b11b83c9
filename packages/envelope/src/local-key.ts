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
import { AppError, messageOf } from '@gatescope/base';
import { KEY_BYTES, open, seal } from './aes-gcm.ts';
import type { KeyProvider } from './key-provider.ts';

/** A wrapping key in a file of 32 bytes that nobody but its owner may read. */
export class LocalKey implements KeyProvider {
  readonly #path: string;
  #key: Buffer | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the key file where there is none. Two processes that try at once end up with one key. */
  static create(path: string): LocalKey {
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
    return new LocalKey(path);
  }

  async wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#load(), dataKey, context);
  }

  async unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer> {
    const key = this.#load();
    try {
      return open(key, wrapped, context);
    } catch {
      throw new AppError(
        'key_unavailable',
        `the key file ${this.#path} is not the one this data was sealed with; put the right one back`,
      );
    }
  }

  #load(): Buffer {
    if (this.#key !== null) return this.#key;
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#path);
    } catch (error) {
      throw new AppError('key_unavailable', `the key file ${this.#path} can't be read: ${messageOf(error)}`);
    }
    if (bytes.length !== KEY_BYTES)
      throw new AppError(
        'key_unavailable',
        `the key file ${this.#path} has ${bytes.length} bytes instead of ${KEY_BYTES}`,
      );
    if ((statSync(this.#path).mode & 0o077) !== 0) {
      throw new AppError(
        'key_unavailable',
        `the key file ${this.#path} may be read by others; run chmod 600 on it`,
      );
    }
    this.#key = bytes;
    return bytes;
  }
}
