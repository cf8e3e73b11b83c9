/** Random bytes are drawn and spelled many at a time: for one id, asking would cost more than the id. */
const POOL_BYTES = 4096;
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const bytePool = new Uint8Array(POOL_BYTES);
const digitPool = new Uint8Array(POOL_BYTES * 2);
const decoder = new TextDecoder('latin1');
let pool = '';
let poolOffset = 0;

/** `bytes` random bytes (at most 32) as lower-case hexadecimal text. */
export function randomHex(bytes: number): string {
  const end = poolOffset + bytes * 2;
  if (end > pool.length) {
    refill();
    return randomHex(bytes);
  }
  const text = pool.slice(poolOffset, end);
  poolOffset = end;
  return text;
}

function refill(): void {
  crypto.getRandomValues(bytePool);
  for (let at = 0; at < POOL_BYTES; at++) {
    const byte = bytePool[at]!;
    digitPool[at * 2] = DIGITS[byte >> 4]!;
    digitPool[at * 2 + 1] = DIGITS[byte & 15]!;
  }
  pool = decoder.decode(digitPool);
  poolOffset = 0;
}

/** A random UUID (RFC 9562, version 4). */
export function uuid(): string {
  return crypto.randomUUID();
}

/** Whether the text has the form of a UUID, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
