/** Bytes in a {@link PieceBook}: the word they begin at, and how many they are. */
export interface Piece {
  readonly at: number;
  readonly length: number;
}

/**
 * Bytes that are written often, one behind the other as little-endian words: a word at a time they are copied faster than by bytes, or by a
 * call, and side by side they take a quarter of the processor's cache that arrays of their own would.
 */
export class PieceBook {
  readonly words: Int32Array;
  #end = 0;
  #kept = 0;

  /** With room for so many words of four bytes. */
  constructor(words: number) {
    this.words = new Int32Array(words);
  }

  /** Takes a copy of these bytes; null where there is no room. */
  add(bytes: Uint8Array): Piece | null {
    const { length } = bytes;
    const at = this.#end;
    const end = at + Math.ceil(length / 4);
    if (end > this.words.length) return null;
    this.words.fill(0, at, end);
    for (let index = 0; index < length; index++)
      this.words[at + (index >> 2)]! |= bytes[index]! << ((index & 3) * 8);
    this.#end = end;
    return { at, length };
  }

  /** What it holds by now stays when it is cleared. */
  keep(): void {
    this.#kept = this.#end;
  }

  /** Makes room; pieces that were added since {@link keep} are not to be used any more. */
  clear(): void {
    this.#end = this.#kept;
  }
}
