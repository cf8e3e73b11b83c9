/**
 * One spelled-out character, as `escapeAt` gives it: how many bytes it takes (shifted by {@link TAKES_SHIFT}), whether it is a bare byte
 * rather than a character ({@link IS_BYTE}), and its code. -1 where there is none.
 */
export type Escape = number;

export const NO_ESCAPE = -1;
export const TAKES_SHIFT = 22;
export const IS_BYTE = 1 << 21;
export const CODE = IS_BYTE - 1;

const PERCENT = 0x25;
const PLUS = 0x2b;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
/** Bytes of a character reference such as `&#0052;`, at most. */
const REFERENCE_BYTES_MAX = 31;

/** 1 for the bytes with which an escape begins. */
export const OPENS_ESCAPE: Uint8Array = new Uint8Array(256);
for (const byte of [PERCENT, PLUS, AMPERSAND, BACKSLASH]) OPENS_ESCAPE[byte] = 1;

const HEX = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  HEX[value.toString(16).charCodeAt(0)] = value;
  HEX[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** What follows a backslash in JSON and in most languages' strings. */
const AFTER_BACKSLASH = new Map(
  Object.entries({ n: 10, r: 13, t: 9, b: 8, f: 12, '/': 47, '\\': 92, '"': 34, "'": 39 }).map(
    ([letter, code]) => [letter.charCodeAt(0), code] as const,
  ),
);

const REFERENCES = new Map(
  Object.entries({ amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, nbsp: 32 }).map(([name, code]) => [
    name,
    code,
  ]),
);

/** The escape at a position: percent encoding and `+` of URLs, backslashes of JSON, character references of XML and HTML. */
export function escapeAt(bytes: Uint8Array, at: number): Escape {
  switch (bytes[at]) {
    case PERCENT: {
      const value = hex(bytes, at + 1, 2);
      return value < 0 ? NO_ESCAPE : (3 << TAKES_SHIFT) | IS_BYTE | value;
    }
    case PLUS:
      return (1 << TAKES_SHIFT) | 0x20;
    case BACKSLASH:
      return afterBackslash(bytes, at + 1);
    case AMPERSAND:
      return reference(bytes, at);
    default:
      return NO_ESCAPE;
  }
}

function afterBackslash(bytes: Uint8Array, at: number): Escape {
  const letter = bytes[at];
  if (letter === 0x75 /* u */) {
    const unit = hex(bytes, at + 1, 4);
    if (unit < 0) return NO_ESCAPE;
    if (unit >= 0xd800 && unit < 0xdc00 && bytes[at + 5] === BACKSLASH && bytes[at + 6] === 0x75) {
      const low = hex(bytes, at + 7, 4);
      if (low >= 0xdc00 && low < 0xe000)
        return (12 << TAKES_SHIFT) | (0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    }
    return (6 << TAKES_SHIFT) | character(unit);
  }
  if (letter === 0x78 /* x */) {
    const value = hex(bytes, at + 1, 2);
    return value < 0 ? NO_ESCAPE : (4 << TAKES_SHIFT) | value;
  }
  const code = AFTER_BACKSLASH.get(letter ?? 0);
  return code === undefined ? NO_ESCAPE : (2 << TAKES_SHIFT) | code;
}

function reference(bytes: Uint8Array, at: number): Escape {
  const limit = Math.min(bytes.length, at + REFERENCE_BYTES_MAX);
  let end = at + 1;
  while (end < limit && bytes[end] !== 0x3b && bytes[end]! > 0x20 && bytes[end] !== AMPERSAND) end++;
  if (bytes[end] !== 0x3b || end >= limit) return NO_ESCAPE;
  const code = bytes[at + 1] === 0x23 ? numbered(bytes, at + 2, end) : named(bytes, at + 1, end);
  return code < 0 ? NO_ESCAPE : ((end + 1 - at) << TAKES_SHIFT) | character(code);
}

function named(bytes: Uint8Array, start: number, end: number): number {
  return REFERENCES.get(String.fromCharCode(...bytes.subarray(start, end))) ?? -1;
}

function numbered(bytes: Uint8Array, start: number, end: number): number {
  const isHex = (bytes[start]! | 0x20) === 0x78;
  if (isHex) start++;
  if (start === end) return -1;
  let code = 0;
  for (; start < end; start++) {
    const value = HEX[bytes[start]!]!;
    if (value < 0 || (!isHex && value > 9)) return -1;
    code = Math.min(code * (isHex ? 16 : 10) + value, 0x110000);
  }
  return code;
}

/** A code point that can be written as UTF-8. */
function character(code: number): number {
  return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code;
}

function hex(bytes: Uint8Array, at: number, digits: number): number {
  if (at + digits > bytes.length) return -1;
  let value = 0;
  for (const end = at + digits; at < end; at++) {
    const digit = HEX[bytes[at]!]!;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
