import { pairTable } from '../pair-table.ts';
import { NAME_BYTES } from './secret-names.ts';

/** What may be found at a byte: an escape. */
export const ESCAPE = 1;
/** What follows a name. */
export const ASSIGNMENT = 2;
/** A letter of a scheme, `Basic` or `Bearer`. */
export const LETTER_B = 3;
/** A letter of a scheme, `neGotiate`. */
export const LETTER_G = 4;

/** What may be found at each byte; 0: nothing. */
export const TRIGGERS: Uint8Array = new Uint8Array(256);
for (const [characters, trigger] of [
  ['%+&\\', ESCAPE],
  [':=', ASSIGNMENT],
  ['bB', LETTER_B],
  ['gG', LETTER_G],
] as const)
  for (const character of characters) TRIGGERS[character.charCodeAt(0)] = trigger;

/** Texts that are shorter are read by the byte: it does not pay to look at them in twos. */
const BYTES_IN_TWOS_MIN = 512;
const NO_WORDS = new Uint16Array(0);
/**
 * Two bits for two bytes, as a `Uint16Array` has them, the first one's lowest: which of them may be a trigger. Beside a letter that is none
 * of a scheme's it is not.
 */
const PAIRS = pairTable(
  (first, second) => (isTriggerBefore(first, second) ? 1 : 0) | (isTriggerAfter(first, second) ? 2 : 0),
);

/** The places of a text at which something may be found: read in blocks of 32 bytes, each a bit, so that there is one branch for a block. */
export class Triggers {
  readonly #bytes: Uint8Array;
  /** The text in twos as they lie in memory, the first of them perhaps with the byte before the text. */
  readonly #words: Uint16Array;
  /** Bytes of the first block that are before the text. */
  readonly #shift: number;
  /** The block that was read last. */
  #block = -1;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#shift = bytes.byteOffset & 1;
    this.#words =
      bytes.length < BYTES_IN_TWOS_MIN
        ? NO_WORDS
        : new Uint16Array(bytes.buffer, bytes.byteOffset - this.#shift, (bytes.length + this.#shift) >> 1);
  }

  /** The first place from `at` on; the end of the text where there is none. Not every letter is told that is no scheme's. */
  next(at: number): number {
    if (this.#words !== NO_WORDS) return this.#nextInBlocks(at);
    const bytes = this.#bytes;
    while (at < bytes.length && TRIGGERS[bytes[at]!] === 0) at++;
    return at;
  }

  #nextInBlocks(at: number): number {
    const shift = this.#shift;
    const end = this.#bytes.length;
    if (at >= end) return end;
    let block = (at + shift) >> 5;
    let bits = (block === this.#block ? this.#bits : this.#read(block)) & (-1 << (at + shift));
    const last = (end + shift - 1) >> 5;
    while (bits === 0) {
      if (block === last) return end;
      bits = this.#read(++block);
    }
    return (block << 5) + 31 - Math.clz32(bits & -bits) - shift;
  }

  #read(block: number): number {
    const words = this.#words;
    const pairs = PAIRS;
    const at = block << 4;
    this.#block = block;
    // A byte before the text says nothing of the first one.
    if (at + 16 > words.length || block < this.#shift) return (this.#bits = this.#readBytes(block));
    this.#bits =
      pairs[words[at]!]! |
      (pairs[words[at + 1]!]! << 2) |
      (pairs[words[at + 2]!]! << 4) |
      (pairs[words[at + 3]!]! << 6) |
      (pairs[words[at + 4]!]! << 8) |
      (pairs[words[at + 5]!]! << 10) |
      (pairs[words[at + 6]!]! << 12) |
      (pairs[words[at + 7]!]! << 14) |
      (pairs[words[at + 8]!]! << 16) |
      (pairs[words[at + 9]!]! << 18) |
      (pairs[words[at + 10]!]! << 20) |
      (pairs[words[at + 11]!]! << 22) |
      (pairs[words[at + 12]!]! << 24) |
      (pairs[words[at + 13]!]! << 26) |
      (pairs[words[at + 14]!]! << 28) |
      (pairs[words[at + 15]!]! << 30);
    return this.#bits;
  }

  #readBytes(block: number): number {
    const bytes = this.#bytes;
    const first = (block << 5) - this.#shift;
    let bits = 0;
    for (let at = Math.max(first, 0); at < first + 32 && at < bytes.length; at++)
      if (TRIGGERS[bytes[at]!] !== 0) bits |= 1 << (at - first);
    return bits;
  }
}

function isTriggerBefore(first: number, second: number): boolean {
  const trigger = TRIGGERS[first];
  const letter = second | 0x20;
  if (trigger === LETTER_B) return letter === 0x65 /* e */ || letter === 0x61 /* a */;
  if (trigger === LETTER_G) return letter === 0x6f; /* o */
  return trigger !== 0;
}

function isTriggerAfter(first: number, second: number): boolean {
  const trigger = TRIGGERS[second];
  if (trigger === LETTER_B) return NAME_BYTES[first] === 0;
  if (trigger === LETTER_G) return (first | 0x20) === 0x65; /* e */
  return trigger !== 0;
}
