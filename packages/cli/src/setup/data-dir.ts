import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, messageOf, randomHex, uuid } from '@gatescope/base';

/** Where it is where nothing else is said. */
export const DATA_DIR_DEFAULT = '.gatescope';

/** The folder where everything is kept that has to last; its owner's alone. */
export class DataDir {
  readonly path: string;

  /** Makes the folder where there is none. Throws where it can't be written. */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      chmodSync(this.path, 0o700);
    } catch (error) {
      throw new AppError(
        'unavailable',
        `the data directory ${this.path} can't be used: ${messageOf(error)}. Set GATESCOPE_DATA_DIR or --data-dir to another one.`,
      );
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** The content of a small file; made and kept where there is none. */
  keep(name: string, make: () => string): string {
    const path = this.file(name);
    if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600, flag: 'wx' });
    return readFileSync(path, 'utf8').trim();
  }

  adminToken(): string {
    return this.keep('admin-token', () => `gsa_${randomHex(32)}`);
  }

  nodeId(): string {
    return this.keep('node-id', uuid);
  }
}
