import { ARRAY, JsonDocument, LITERAL, NUMBER, OBJECT, STRING } from './json-document.ts';
import { NodeTable } from './node-table.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const SPACE = 1;
const TOKEN = 2;
const KINDS = new Uint8Array(256);
// The record separator of RFC 7464 stands between values as white space does.
for (const byte of [0x20, 0x09, 0x0a, 0x0d, 0x1e]) KINDS[byte] = SPACE;
for (const character of '+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
  KINDS[character.charCodeAt(0)] = TOKEN;

/** Reads JSON text (RFC 8259), or as much of it as is JSON. Depth costs no stack; time is linear. */
export function readJson(bytes: Uint8Array): JsonDocument {
  return new Reader(bytes).read();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #nodes = new NodeTable();
  readonly #roots: number[] = [];
  #at = 0;
  /** The object or array that is being read; -1 outside of all. */
  #parent = -1;
  #nameStart = -1;
  #nameEnd = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
  }

  read(): JsonDocument {
    const nodes = this.#nodes;
    while (this.#next());
    const isComplete = this.#parent < 0 && this.#at === this.#bytes.length;
    for (; this.#parent >= 0; this.#parent = nodes.parents[this.#parent]!)
      nodes.close(this.#parent, this.#at);
    return new JsonDocument(this.#bytes, nodes, this.#roots, this.#at, isComplete);
  }

  /** One value, or the end of one; false at the end of the text or at a mistake. */
  #next(): boolean {
    this.#skipSpace();
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return false;
    if (this.#parent >= 0) {
      const isObject = this.#nodes.kinds[this.#parent] === OBJECT;
      if (byte === (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#closeParent();
      if (byte === COMMA) {
        this.#at++;
        return true;
      }
      if (isObject && !this.#name()) return false;
    }
    return this.#value();
  }

  #name(): boolean {
    if (this.#bytes[this.#at] !== QUOTE) return false;
    const start = this.#at;
    const end = this.#endOfString(start);
    let at = end;
    while (KINDS[this.#bytes[at]!] === SPACE) at++;
    const isCut = at === this.#bytes.length;
    if (!isCut && this.#bytes[at] !== COLON) return false;
    this.#nameStart = start;
    this.#nameEnd = end;
    this.#at = isCut ? at : at + 1;
    this.#skipSpace();
    return this.#at < this.#bytes.length;
  }

  #value(): boolean {
    const start = this.#at;
    const byte = this.#bytes[start]!;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#parent = this.#add(byte === OPEN_OBJECT ? OBJECT : ARRAY);
      this.#at++;
      return true;
    }
    if (byte === QUOTE) {
      const node = this.#add(STRING);
      this.#at = this.#endOfString(start);
      this.#nodes.close(node, this.#at);
      return true;
    }
    if (KINDS[byte] !== TOKEN) return false;
    while (KINDS[this.#bytes[this.#at]!] === TOKEN) this.#at++;
    this.#nodes.close(
      this.#add((byte >= 0x30 && byte <= 0x39) || byte === 0x2d ? NUMBER : LITERAL, start),
      this.#at,
    );
    return true;
  }

  #add(kind: number, start = this.#at): number {
    const node = this.#nodes.add(kind, start, this.#parent, this.#nameStart, this.#nameEnd);
    if (this.#parent < 0) this.#roots.push(node);
    this.#nameStart = this.#nameEnd = -1;
    return node;
  }

  #closeParent(): boolean {
    this.#at++;
    this.#nodes.close(this.#parent, this.#at);
    this.#parent = this.#nodes.parents[this.#parent]!;
    return true;
  }

  /** After the closing quote, or the end of the text where there is none. */
  #endOfString(start: number): number {
    const bytes = this.#bytes;
    for (let at = start + 1; at < bytes.length; at++) {
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] === BACKSLASH) at++;
    }
    return bytes.length;
  }

  #skipSpace(): void {
    while (KINDS[this.#bytes[this.#at]!] === SPACE) this.#at++;
  }
}
