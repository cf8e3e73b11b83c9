import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/**
 * The last configuration the control plane gave, kept so that a node can start while the control plane is away. It holds keys and passwords, so
 * it is encrypted with a key in a file beside it.
 */
export class ConfigCache {
  readonly #path: string | null;

  constructor(path: string | null) {
    this.#path = path;
  }

  /** Null where none was kept, or it can't be opened. */
  load(): string | null {
    if (this.#path === null) return null;
    try {
      return opened(readFileSync(keyPath(this.#path)), readFileSync(this.#path));
    } catch {
      return null;
    }
  }

  /** Replaces what is there, whole or not at all. */
  save(config: string): void {
    if (this.#path === null) return;
    replace(this.#path, sealed(this.#key(this.#path), config));
  }

  #key(path: string): Buffer {
    try {
      const key = readFileSync(keyPath(path));
      if (key.length === KEY_BYTES) return key;
    } catch {
      // There is none yet.
    }
    const key = randomBytes(KEY_BYTES);
    replace(keyPath(path), key);
    return key;
  }
}

function keyPath(path: string): string {
  return `${path}.key`;
}

function replace(path: string, bytes: Buffer): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, bytes, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Nonce, ciphertext, tag. */
function sealed(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function opened(key: Buffer, bytes: Buffer): string {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
  return Buffer.concat([text, decipher.final()]).toString();
}
