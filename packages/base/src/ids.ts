/** Random bytes are drawn and spelled many at a time: for one id, asking would cost more than the id. */
const POOL_BYTES = 4096;
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const LETTERS = Uint8Array.from('abcdef', (letter) => letter.charCodeAt(0));
const bytePool = new Uint8Array(POOL_BYTES);
const digitPool = new Uint8Array(POOL_BYTES * 2);
const decoder = new TextDecoder('latin1');

/** Hexadecimal text to cut ids from. */
class HexPool {
  readonly #lettersEvery: number;
  #text = '';
  #offset = 0;

  /** Every so many digits, counted from the start of the pool, one is a letter; 0: letters come as they may. */
  constructor(lettersEvery: number) {
    this.#lettersEvery = lettersEvery;
  }

  /** At most the whole pool's length. */
  take(digits: number): string {
    const end = this.#offset + digits;
    if (end > this.#text.length) {
      this.#refill();
      return this.take(digits);
    }
    const text = this.#text.slice(this.#offset, end);
    this.#offset = end;
    return text;
  }

  #refill(): void {
    crypto.getRandomValues(bytePool);
    for (let at = 0; at < POOL_BYTES; at++) {
      const byte = bytePool[at]!;
      digitPool[at * 2] = DIGITS[byte >> 4]!;
      digitPool[at * 2 + 1] = DIGITS[byte & 15]!;
    }
    const every = this.#lettersEvery;
    if (every > 0)
      for (let at = every - 1; at < digitPool.length; at += every)
        digitPool[at] = LETTERS[digitPool[at]! % LETTERS.length]!;
    this.#text = decoder.decode(digitPool);
    this.#offset = 0;
  }
}

const anyDigits = new HexPool(0);
const brokenDigits = new HexPool(8);

/** `bytes` random bytes (at most 32) as lower-case hexadecimal text. */
export function randomHex(bytes: number): string {
  return anyDigits.take(bytes * 2);
}

/**
 * A request's id: 32 lower-case hexadecimal digits, every eighth of them a letter (about 122 random bits). Such an id holds no run
 * of decimal digits long enough to be taken for a card number, so it stands unmasked in every log line and can be searched for.
 */
export function newRequestId(): string {
  return brokenDigits.take(32);
}

/** A random UUID (RFC 9562, version 4). */
export function uuid(): string {
  return crypto.randomUUID();
}

/** Whether the text has the form of a UUID, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
