import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

/** Bytes of a key, of a nonce (NIST SP 800-38D, 8.2.2: random, 96 bits) and of a tag. */
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of everything sealed: the format. */
const FORMAT = 1;

/** AES-256-GCM with a random nonce: format, nonce, ciphertext, tag. `context` is authenticated and not stored. */
export function seal(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer {
  const head = nextHead();
  const cipher = createCipheriv('aes-256-gcm', key, head.subarray(1));
  cipher.setAAD(context);
  const sealed = cipher.update(plain);
  cipher.final();
  return Buffer.concat([head, sealed, cipher.getAuthTag()]);
}

/** Formats and nonces for the next seals, drawn together: that is what drawing costs. None is used twice. */
const heads = Buffer.alloc((1 + NONCE_BYTES) * 256);
let headAt = heads.length;

function nextHead(): Buffer {
  if (headAt === heads.length) {
    randomFillSync(heads);
    headAt = 0;
  }
  const head = heads.subarray(headAt, headAt + 1 + NONCE_BYTES);
  head[0] = FORMAT;
  headAt += 1 + NONCE_BYTES;
  return head;
}

/** Opens what {@link seal} made. Throws where key, context or bytes are not the same. */
export function open(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Buffer {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== FORMAT)
    throw new Error('not a sealed value');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([
    decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES)),
    decipher.final(),
  ]);
}
