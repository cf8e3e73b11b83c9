import { isAt } from './bytes-at.ts';

/** Texts kept, and bytes of the longest that is. */
const TEXTS_MAX = 1_024;
const TEXT_BYTES_MAX = 64;

// Texts are data: a byte order mark at their beginning belongs to them.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Texts of few that come again and again, such as names of spans and keys of attributes: those seen last are given again instead of being
 * decoded anew. Whatever is asked for, no more than {@link TEXTS_MAX} are kept.
 */
export class KnownTexts {
  readonly #texts: string[] = new Array<string>(TEXTS_MAX).fill('');
  readonly #bytes: Uint8Array[] = new Array<Uint8Array>(TEXTS_MAX).fill(new Uint8Array(0));

  /** The UTF-8 text of the bytes from `start` to before `end`. */
  text(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > TEXT_BYTES_MAX) return textOf(bytes, start, end);
    let hash = 0;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const place = (hash ^ (hash >>> 12)) & (TEXTS_MAX - 1);
    const known = this.#bytes[place]!;
    if (known.length !== end - start || !isAt(known, bytes, start)) {
      this.#texts[place] = textOf(bytes, start, end);
      // A copy, also of bytes whose slices share memory: what they are part of is large, and not ours.
      this.#bytes[place] = new Uint8Array(bytes.subarray(start, end));
    }
    return this.#texts[place]!;
  }
}

/** The UTF-8 text of bytes; what is none becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
