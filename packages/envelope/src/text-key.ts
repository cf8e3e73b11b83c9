import { existsSync } from 'node:fs';
import { open, seal } from './aes-gcm.ts';
import { KeyError } from './key-error.ts';
import { createKeyFile, readKeyFile } from './key-file.ts';

/** What a sealed text begins with: nothing that YAML or JSON could. */
const SEALED = '%sealed1 ';

/** Seals texts that have to lie somewhere, with a key in a file beside them. `context` is bound to a text: the same has to be given to open it. */
export class TextKey {
  readonly #path: string;
  readonly #key: Buffer;

  /** Makes the file where there is none. Throws a `KeyError` where it can't be used. */
  constructor(path: string) {
    if (!existsSync(path)) createKeyFile(path);
    this.#path = path;
    this.#key = readKeyFile(path);
  }

  seal(text: string, context: string): string {
    return SEALED + seal(this.#key, Buffer.from(text), Buffer.from(context)).toString('base64');
  }

  /** Throws a `KeyError` where it was sealed with another key, for another context, or was altered. */
  open(sealed: string, context: string): string {
    try {
      const bytes = Buffer.from(sealed.slice(SEALED.length), 'base64');
      return open(this.#key, bytes, Buffer.from(context)).toString();
    } catch {
      throw new KeyError(
        'corrupt',
        `the key file ${this.#path} is not the one that ${context} was sealed with`,
      );
    }
  }

  static isSealed(text: string): boolean {
    return text.startsWith(SEALED);
  }
}
