import { existsSync } from 'node:fs';
import { messageOf } from '@gatescope/base';
import { open, seal } from './aes-gcm.ts';
import { newDataKey } from './envelope.ts';
import { KeyError } from './key-error.ts';
import { createKeyFile, readKeyFile } from './key-file.ts';
import type { KeyConfig, KeyDescription, KeyProvider, NewDataKey } from './key-provider.ts';
import { readVersion, withVersion } from './wrapped-key.ts';

/** The version in the file of the key's own name; later ones have their number behind it. */
const FIRST_VERSION = '1';

/** A wrapping key in a file of 32 bytes that nobody but its owner may read; a file for each version. */
export class LocalKey implements KeyProvider {
  readonly #path: string;
  readonly #keys = new Map<string, Buffer>();
  #version: string;

  constructor({ path = '', version = FIRST_VERSION }: KeyConfig) {
    this.#path = path;
    this.#version = version;
  }

  /** Makes the key file where there is none. Two processes that try at once end up with one key. */
  static create(path: string): LocalKey {
    createKeyFile(path);
    return new LocalKey({ path });
  }

  async generateDataKey(context: Uint8Array): Promise<NewDataKey> {
    const dataKey = newDataKey();
    return { dataKey, wrapped: this.#wrap(dataKey, context) };
  }

  async unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer> {
    const { version, sealed } = readVersion(wrapped);
    const key = this.#load(version);
    try {
      return open(key, sealed, context);
    } catch {
      const path = this.#fileOf(version);
      throw new KeyError(
        'corrupt',
        `the key file ${path} is not the one this data was sealed with; put the right one back`,
      );
    }
  }

  async rewrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    const dataKey = await this.unwrap(wrapped, context);
    try {
      return this.#wrap(dataKey, context);
    } finally {
      dataKey.fill(0);
    }
  }

  async rotate(): Promise<KeyConfig> {
    this.#load(this.#version);
    const version = String(Number(this.#version) + 1);
    const path = this.#fileOf(version);
    try {
      createKeyFile(path);
    } catch (error) {
      throw new KeyError('unavailable', `the key file ${path} can't be made: ${messageOf(error)}`);
    }
    this.#version = version;
    return { path: this.#path, version };
  }

  async describe(): Promise<KeyDescription> {
    this.#load(this.#version);
    return { summary: this.#fileOf(this.#version) };
  }

  #wrap(dataKey: Uint8Array, context: Uint8Array): Buffer {
    return withVersion(this.#version, seal(this.#load(this.#version), dataKey, context));
  }

  #fileOf(version: string): string {
    return version === FIRST_VERSION ? this.#path : `${this.#path}.${version.replaceAll(/\D/g, '')}`;
  }

  /** Read anew until it was right once: whoever mends it need not restart anything. */
  #load(version: string): Buffer {
    const loaded = this.#keys.get(version);
    if (loaded !== undefined) return loaded;
    const path = this.#fileOf(version);
    if (!existsSync(path)) {
      throw new KeyError(
        'unavailable',
        `the key file ${path} is missing, and sessions are sealed with it; put it back from a backup, or delete those sessions and restart`,
      );
    }
    const key = readKeyFile(path);
    this.#keys.set(version, key);
    return key;
  }
}
