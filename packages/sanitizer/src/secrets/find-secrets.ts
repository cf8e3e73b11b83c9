import { type FoundSecret, markValue } from './mark-value.ts';
import { NAME_BYTES, type SecretNames } from './secret-names.ts';

const COLON = 0x3a;
const EQUALS = 0x3d;
const SPACE = 0x20;
const SLASH = 0x2f;
const AT = 0x40;

const TRIGGERS = new Uint8Array(256);
for (const byte of [COLON, EQUALS, SPACE]) TRIGGERS[byte] = 1;

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

const SCHEMES = ['bearer', 'basic', 'negotiate'].map((scheme) => new TextEncoder().encode(scheme));
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

  /** With `isCut`, the text goes on after what is there: what could be a secret at its end counts as one. */
  find(bytes: Uint8Array, isCut: boolean, found: FoundSecret): void {
    const { lastBytes } = this.#names;
    let floor = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (TRIGGERS[byte] === 0) continue;
      if (byte === SPACE) {
        const last = (bytes[at - 1] ?? 0) | 0x20;
        if (last === 0x72 /* r */ || last === 0x63 /* c */ || last === 0x65 /* e */)
          at = this.#afterScheme(bytes, at, isCut, found);
        continue;
      }
      const before = bytes[at - 1] ?? 0;
      if (lastBytes[before] === 1 || IS_QUOTE[before] === 1 || IS_SPACE[before] === 1) {
        const end = this.#afterName(bytes, floor, at, found);
        if (end > at) at = end - 1;
      }
      if (byte === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH)
        at = this.#userInfo(bytes, at + 3, isCut, found) - 1;
      floor = at + 1;
    }
  }

  /** The end of the value after the colon or equals sign at `at`, if a secret name stands before it; otherwise `at`. */
  #afterName(bytes: Uint8Array, floor: number, at: number, found: FoundSecret): number {
    let end = at;
    while (end > floor && IS_SPACE[bytes[end - 1]!] === 1) end--;
    const quote = end > floor && IS_QUOTE[bytes[end - 1]!] === 1 ? bytes[end - 1]! : 0;
    if (quote !== 0) end--;
    if (end === floor || this.#names.lastBytes[bytes[end - 1]!] === 0) return at;
    let start = end;
    const limit = Math.max(floor, end - this.#names.lengthMax - 1);
    while (start > limit && NAME_BYTES[bytes[start - 1]!] === 1) start--;
    const name = this.#names.get(String.fromCharCode(...bytes.subarray(start, end)));
    const isAssigned = bytes[at] === EQUALS;
    if (name === undefined || (name.isParameter && !isAssigned)) return at;
    return markValue(bytes, at + 1, { name, isAssigned, isMember: quote !== 0 }, found);
  }

  #afterScheme(bytes: Uint8Array, at: number, isCut: boolean, found: FoundSecret): number {
    if (!SCHEMES.some((scheme) => endsWithWord(bytes, at, scheme))) return at;
    let start = at + 1;
    while (bytes[start] === SPACE) start++;
    let end = start;
    let isToken = false;
    for (; end < bytes.length && TOKEN_BYTES[bytes[end]!] === 1; end++)
      if (bytes[end]! < 0x61 || (end > start && bytes[end]! > 0x7a)) isToken = true;
    const goesOn = isCut && end === bytes.length;
    if (!goesOn && (!isToken || end - start < TOKEN_BYTES_MIN)) return at;
    found(start, end, 'credentials', false);
    return Math.max(at, end - 1);
  }

  #userInfo(bytes: Uint8Array, start: number, isCut: boolean, found: FoundSecret): number {
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
    return Math.max(start, last);
  }
}

function endsWithWord(bytes: Uint8Array, end: number, word: Uint8Array): boolean {
  const start = end - word.length;
  if (start < 0 || (start > 0 && NAME_BYTES[bytes[start - 1]!] === 1)) return false;
  for (let at = 0; at < word.length; at++) if ((bytes[start + at]! | 0x20) !== word[at]) return false;
  return true;
}
