const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let poolOffset = POOL_BYTES;

/** `bytes` random bytes (at most 32) as lower-case hexadecimal text. */
export function randomHex(bytes: number): string {
  if (poolOffset + bytes > POOL_BYTES) {
    crypto.getRandomValues(pool);
    poolOffset = 0;
  }
  let text = '';
  const end = poolOffset + bytes;
  for (; poolOffset < end; poolOffset++) text += HEX[pool[poolOffset]!];
  return text;
}

/** A random UUID (RFC 9562, version 4). */
export function uuid(): string {
  return crypto.randomUUID();
}

/** Whether the text has the form of a UUID, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
