import { markCookies } from './mark-cookies.ts';
import type { SecretName } from './secret-names.ts';

/** Told of each secret; with `isQuoted` it is a whole JSON value, to be replaced by a string. */
export type FoundSecret = (start: number, end: number, rule: string, isQuoted: boolean) => void;

/** What stands before a value. */
export interface ValueContext {
  readonly name: SecretName;
  /** An equals sign stands between name and value, not a colon. */
  readonly isAssigned: boolean;
  /** The name is in quotes, as a member's of JSON. */
  readonly isMember: boolean;
}

const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DOUBLE_QUOTE = 0x22;

const WHITE = new Uint8Array(256);
for (const byte of [SPACE, 0x09, NEWLINE, RETURN]) WHITE[byte] = 1;

/** What a value without quotes ends with: after an equals sign, in JSON, in a line of text. */
const ENDS_ASSIGNED = endingWith('&;, \t\r\n"\'<>()[]{}|#`\\');
const ENDS_TOKEN = endingWith(', \t\r\n"\'<>()[]{}\\');
const ENDS_LINE = endingWith('\r\n"\\');
const ENDS_ASSIGNED_LINE = endingWith('&\r\n"\\');

/** Marks the value of a secret name that begins after `start`, or after the white space there. Answers where it ends; `start` where there is none. */
export function markValue(
  bytes: Uint8Array,
  start: number,
  context: ValueContext,
  found: FoundSecret,
): number {
  const { name, isAssigned, isMember } = context;
  let at = start;
  if (!isAssigned || isMember)
    while (
      at < bytes.length &&
      (isMember ? WHITE[bytes[at]!] === 1 : bytes[at] === SPACE || bytes[at] === 0x09)
    )
      at++;
  const first = bytes[at];
  if (first === undefined) return start;
  if (first === DOUBLE_QUOTE || first === 0x27) {
    const end = endOfString(bytes, at + 1, first);
    markText(bytes, at + 1, end, name, found);
    return Math.min(end + 1, bytes.length);
  }
  if (first === 0x5b /* [ */ || first === 0x7b /* { */) {
    const end = endOfBrackets(bytes, at);
    found(at, end, name.rule, true);
    return end;
  }
  if (isMember) {
    const end = endOf(bytes, at, ENDS_TOKEN);
    if (end > at && !isNull(bytes, at, end)) found(at, end, name.rule, true);
    return end;
  }
  if (name.kind === 'value') {
    const end = endOf(bytes, at, isAssigned ? ENDS_ASSIGNED : ENDS_TOKEN);
    if (end > at) found(at, end, name.rule, false);
    return end;
  }
  const end = endOf(bytes, at, isAssigned ? ENDS_ASSIGNED_LINE : ENDS_LINE);
  markText(bytes, at, end, name, found);
  return end;
}

/** Marks a value whose end is known. */
export function markText(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: Pick<SecretName, 'kind' | 'rule'>,
  found: FoundSecret,
): void {
  if (end <= start) return;
  if (name.kind === 'cookies') markCookies(bytes, start, end, name.rule, found);
  else found(name.kind === 'credentials' ? afterScheme(bytes, start, end) : start, end, name.rule, false);
}

/** After the scheme and the spaces that follow it; the start where there is nothing but one word. */
function afterScheme(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE) at++;
  let after = at;
  while (after < end && bytes[after] === SPACE) after++;
  return after === end || !isScheme(bytes, start, at) ? start : after;
}

/** RFC 9110, 11.1: a scheme is a token. Anything else before a space is a part of the secret. */
function isScheme(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > 32) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (!isLetter && byte !== 0x2d && (at === start || byte < 0x30 || byte > 0x39)) return false;
  }
  return true;
}

function endOf(bytes: Uint8Array, at: number, ends: Uint8Array): number {
  while (at < bytes.length && ends[bytes[at]!] === 0) at++;
  return at;
}

function endOfString(bytes: Uint8Array, at: number, quote: number): number {
  for (; at < bytes.length; at++) {
    if (bytes[at] === quote) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return bytes.length;
}

/** After the bracket that closes the one at `at`, or the end of the text. */
function endOfBrackets(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === DOUBLE_QUOTE) at = endOfString(bytes, at + 1, byte);
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if ((byte === 0x5d || byte === 0x7d) && --depth === 0) return at + 1;
  }
  return bytes.length;
}

function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && String.fromCharCode(...bytes.subarray(start, end)) === 'null';
}

function endingWith(characters: string): Uint8Array {
  const ends = new Uint8Array(256);
  for (const character of characters) ends[character.charCodeAt(0)] = 1;
  return ends;
}
