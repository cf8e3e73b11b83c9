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
/** 1 for the two bytes, as a `Uint16Array` has them, of which one may be a trigger: beside a letter that is none of a scheme's it is not. */
const PAIRS = pairs();

/** The places of a text at which something may be found. */
export class Triggers {
  readonly #bytes: Uint8Array;
  /** The text in twos, or null; the first begins at `#shift`. */
  readonly #words: Uint16Array | null;
  readonly #shift: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#shift = bytes.byteOffset & 1;
    this.#words =
      bytes.length < BYTES_IN_TWOS_MIN
        ? null
        : new Uint16Array(bytes.buffer, bytes.byteOffset + this.#shift, (bytes.length - this.#shift) >> 1);
  }

  /** The first place from `at` on; the end of the text where there is none. Not every letter is told that is no scheme's. */
  next(at: number): number {
    const bytes = this.#bytes;
    const end = bytes.length;
    const words = this.#words;
    if (words === null) {
      while (at < end && TRIGGERS[bytes[at]!] === 0) at++;
      return at;
    }
    const shift = this.#shift;
    if (((at - shift) & 1) !== 0) {
      if (at >= end || TRIGGERS[bytes[at]!] !== 0) return at;
      at++;
    }
    let word = (at - shift) >> 1;
    const last = words.length - 2;
    for (;;) {
      while (word <= last && (PAIRS[words[word]!]! | PAIRS[words[word + 1]!]!) === 0) word += 2;
      if (word >= words.length) break;
      if (PAIRS[words[word]!] === 0) {
        word++;
        continue;
      }
      at = (word << 1) + shift;
      return TRIGGERS[bytes[at]!] === 0 ? at + 1 : at;
    }
    at = (word << 1) + shift;
    while (at < end && TRIGGERS[bytes[at]!] === 0) at++;
    return at;
  }
}

function pairs(): Uint8Array {
  const table = new Uint8Array(65_536);
  const bytes = new Uint8Array(2);
  const word = new Uint16Array(bytes.buffer);
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) {
      bytes[0] = first;
      bytes[1] = second;
      if (isTriggerBefore(first, second) || isTriggerAfter(first, second)) table[word[0]!] = 1;
    }
  return table;
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
