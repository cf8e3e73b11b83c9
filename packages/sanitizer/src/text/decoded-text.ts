import { CODE, escapeAt, IS_BYTE, NO_ESCAPE, OPENS_ESCAPE, TAKES_SHIFT } from './escapes.ts';

/** Layers of escapes that are taken off, at most: percent encoding in a JSON string in a form is three. */
export const DECODED_LAYERS_MAX = 3;

/** A text with its escapes decoded, of whatever kind they are, that knows where each byte of it came from. */
export class DecodedText {
  readonly bytes: Uint8Array;
  readonly #source: Uint8Array;
  readonly #outer: DecodedText | null;
  #starts: Int32Array | null = null;

  private constructor(bytes: Uint8Array, source: Uint8Array, outer: DecodedText | null) {
    this.bytes = bytes;
    this.#source = source;
    this.#outer = outer;
  }

  /** The text after one layer of escapes is taken off, after two, and so on; empty where there are none. */
  static layersOf(source: Uint8Array): DecodedText[] {
    const layers: DecodedText[] = [];
    while (layers.length < DECODED_LAYERS_MAX) {
      const outer = layers.at(-1) ?? null;
      const from = outer?.bytes ?? source;
      if (!hasEscape(from)) break;
      layers.push(new DecodedText(decode(from, null), from, outer));
    }
    return layers;
  }

  /** Where a range of the decoded text was in the source that `layersOf` was given: whole escapes, as start and end. */
  sourceRange(start: number, end: number): readonly [start: number, end: number] {
    const starts = this.#startsOfBytes();
    while (end < this.bytes.length && starts[end] === starts[end - 1]) end++;
    const from = starts[start]!;
    const to = starts[end]!;
    return this.#outer === null ? [from, to] : this.#outer.sourceRange(from, to);
  }

  /** Asked for only where something was found, which is rare. */
  #startsOfBytes(): Int32Array {
    if (this.#starts === null) {
      this.#starts = new Int32Array(this.bytes.length + 1);
      decode(this.#source, this.#starts);
    }
    return this.#starts;
  }
}

function hasEscape(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++)
    if (OPENS_ESCAPE[bytes[at]!] === 1 && escapeAt(bytes, at) !== NO_ESCAPE) return true;
  return false;
}

/** No escape is shorter than what it stands for, so the decoded text is never longer. */
function decode(source: Uint8Array, starts: Int32Array | null): Uint8Array {
  const decoded = new Uint8Array(source.length);
  let length = 0;
  for (let at = 0; at < source.length; ) {
    const byte = source[at]!;
    const spelled = OPENS_ESCAPE[byte] === 1 ? escapeAt(source, at) : NO_ESCAPE;
    const before = length;
    if (spelled === NO_ESCAPE) decoded[length++] = byte;
    else if ((spelled & IS_BYTE) !== 0) decoded[length++] = spelled & 0xff;
    else length = writeUtf8(decoded, length, spelled & CODE);
    if (starts !== null) starts.fill(at, before, length);
    at += spelled === NO_ESCAPE ? 1 : spelled >>> TAKES_SHIFT;
  }
  if (starts !== null) starts[length] = source.length;
  return decoded.subarray(0, length);
}

function writeUtf8(into: Uint8Array, at: number, code: number): number {
  if (code < 0x80) into[at++] = code;
  else if (code < 0x800) {
    into[at++] = 0xc0 | (code >> 6);
    into[at++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    into[at++] = 0xe0 | (code >> 12);
    into[at++] = 0x80 | ((code >> 6) & 0x3f);
    into[at++] = 0x80 | (code & 0x3f);
  } else {
    into[at++] = 0xf0 | (code >> 18);
    into[at++] = 0x80 | ((code >> 12) & 0x3f);
    into[at++] = 0x80 | ((code >> 6) & 0x3f);
    into[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
