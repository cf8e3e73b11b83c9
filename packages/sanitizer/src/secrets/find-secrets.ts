import { escapeAt, NO_ESCAPE, OPENS_ESCAPE } from '../text/escapes.ts';
import { type FoundSecret, markValue } from './mark-value.ts';
import { hashStep, NAME_BYTES, NAME_END_BYTES, type SecretNames } from './secret-names.ts';
import { ESCAPE, LETTER_B, LETTER_G, TRIGGERS, Triggers } from './triggers.ts';

const COLON = 0x3a;
const EQUALS = 0x3d;
const SPACE = 0x20;
const SLASH = 0x2f;
const AT = 0x40;

const IS_SPACE = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) IS_SPACE[byte] = 1;

const IS_QUOTE = new Uint8Array(256);
for (const byte of [0x22, 0x27]) IS_QUOTE[byte] = 1;

/** What an authority of a URL ends with. */
const ENDS_AUTHORITY = new Uint8Array(256);
ENDS_AUTHORITY.fill(1, 0, 0x21);
for (const character of '/?#"\'<>\\^`{|}') ENDS_AUTHORITY[character.charCodeAt(0)] = 1;

/** RFC 9110, 11.2: the characters of `token68`, and those that other tokens have. */
const TOKEN_BYTES = new Uint8Array(256);
for (const character of '-._~+/=:%$!*|0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
  TOKEN_BYTES[character.charCodeAt(0)] = 1;

const [BEARER, BASIC, NEGOTIATE] = ['bearer', 'basic', 'negotiate'].map((scheme) =>
  new TextEncoder().encode(scheme),
) as [Uint8Array, Uint8Array, Uint8Array];
/** Where the letter stands that is looked for. */
const G_OF_NEGOTIATE = 2;
/** Fewer characters than that after a scheme are a word of a sentence. */
const TOKEN_BYTES_MIN = 8;

/**
 * Finds secrets by what stands before them: the values of secret names in JSON, forms, queries, header lines and lines of logs; credentials
 * after their scheme; user and password of URLs. One pass, linear.
 */
export class SecretFinder {
  readonly #names: SecretNames;

  constructor(names: SecretNames) {
    this.#names = names;
  }

  /**
   * Tells where secrets are. With `isCut`, the text goes on after what is there: what could be a secret at its end counts as one. True
   * where the text has escapes, behind which there may be more.
   */
  find(bytes: Uint8Array, isCut: boolean, found: FoundSecret): boolean {
    const end = bytes.length;
    let hasEscapes = false;
    let floor = 0;
    const triggers = new Triggers(bytes);
    for (let at = 0; ; at++) {
      at = triggers.next(at);
      if (at >= end) return hasEscapes;
      const byte = bytes[at]!;
      const trigger = TRIGGERS[byte]!;
      if (trigger === ESCAPE) {
        if (!hasEscapes) hasEscapes = escapeAt(bytes, at) !== NO_ESCAPE;
      } else if (trigger === LETTER_B) {
        if (isWordAt(bytes, at, BEARER)) this.#afterScheme(bytes, at + BEARER.length, isCut, found);
        else if (isWordAt(bytes, at, BASIC)) this.#afterScheme(bytes, at + BASIC.length, isCut, found);
      } else if (trigger === LETTER_G) {
        const start = at - G_OF_NEGOTIATE;
        if (isWordAt(bytes, start, NEGOTIATE))
          this.#afterScheme(bytes, start + NEGOTIATE.length, isCut, found);
      } else {
        const valueEnd = this.#afterName(bytes, floor, at, found);
        if (valueEnd > at + 1) {
          // The value has been passed by, and there may be escapes in it.
          hasEscapes ||= hasEscape(bytes, at + 1, valueEnd);
          at = valueEnd - 1;
        } else if (byte === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH)
          this.#userInfo(bytes, at + 3, isCut, found);
        floor = at + 1;
      }
    }
  }

  /** The end of the value after the colon or equals sign at `at`, if a secret name stands before it; otherwise `at`. */
  #afterName(bytes: Uint8Array, floor: number, at: number, found: FoundSecret): number {
    let end = at;
    while (end > floor && IS_SPACE[bytes[end - 1]!] === 1) end--;
    const isMember = end > floor && IS_QUOTE[bytes[end - 1]!] === 1;
    if (isMember) end--;
    const names = this.#names;
    if (end - floor >= NAME_END_BYTES && !names.mayEndAt(bytes, end)) return at;
    let start = end;
    let hash = 0;
    const limit = Math.max(floor, end - names.lengthMax);
    for (let byte: number; start > limit && (byte = NAME_BYTES[bytes[start - 1]!]!) !== 0; start--)
      hash = hashStep(hash, byte);
    const name = names.at(bytes, start, end, hash);
    const isAssigned = bytes[at] === EQUALS;
    if (name === undefined || (name.isParameter && !isAssigned)) return at;
    return markValue(bytes, at + 1, { name, isAssigned, isMember }, found);
  }

  /** `start` is where the scheme ends. */
  #afterScheme(bytes: Uint8Array, start: number, isCut: boolean, found: FoundSecret): void {
    if (bytes[start] !== SPACE) return;
    while (bytes[start] === SPACE) start++;
    let end = start;
    let isToken = false;
    for (; end < bytes.length && TOKEN_BYTES[bytes[end]!] === 1; end++)
      if (bytes[end]! < 0x61 || bytes[end]! > 0x7a) isToken ||= end > start || bytes[end]! < 0x41;
    const goesOn = isCut && end === bytes.length;
    if (goesOn || (isToken && end - start >= TOKEN_BYTES_MIN)) found(start, end, 'credentials', false);
  }

  #userInfo(bytes: Uint8Array, start: number, isCut: boolean, found: FoundSecret): void {
    let last = -1;
    let hasColon = false;
    let end = start;
    for (; end < bytes.length && ENDS_AUTHORITY[bytes[end]!] === 0; end++) {
      if (bytes[end] === AT) last = end;
      else if (bytes[end] === COLON) hasColon = true;
    }
    if (last > start) found(start, last, 'url_credentials', false);
    else if (last < 0 && isCut && hasColon && end === bytes.length)
      found(start, end, 'url_credentials', false);
  }
}

/** Whether the word stands there, in any case and not as the end of a longer one. */
function isWordAt(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  // The second letter is another one most often.
  if (start < 0 || start + word.length > bytes.length || (bytes[start + 1]! | 0x20) !== word[1]) return false;
  if (start > 0 && NAME_BYTES[bytes[start - 1]!] !== 0) return false;
  for (let at = 0; at < word.length; at++) if ((bytes[start + at]! | 0x20) !== word[at]) return false;
  return true;
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (OPENS_ESCAPE[bytes[at]!] === 1 && escapeAt(bytes, at) !== NO_ESCAPE) return true;
  return false;
}
