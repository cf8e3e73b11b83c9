import { CARD_DIGITS_MAX } from '../cards/card-rules.ts';
import { startOfCutRun } from '../cards/find-runs.ts';
import { DecodedText } from '../text/decoded-text.ts';

/** Bytes of the longest escape that may be cut in two. */
const ESCAPE_BYTES_MAX = 32;

const INCOMPLETE_ESCAPE =
  /(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,4}(?:\\(?:u[0-9a-f]{0,3})?)?|x[0-9a-f]?)?|&(?:#?[0-9a-z]{0,30}))$/i;

/**
 * Where a text that goes on after what is there has to be cut off: digits at its end could be the first of a card. As it stands and with its
 * escapes decoded, the last one of which may be cut in two.
 */
export function startOfCutDigits(bytes: Uint8Array): number {
  let start = startIn(bytes);
  for (const layer of DecodedText.layersOf(bytes)) {
    const inLayer = startIn(layer.bytes);
    if (inLayer < layer.bytes.length)
      start = Math.min(start, layer.sourceRange(inLayer, layer.bytes.length)[0]);
  }
  return start;
}

function startIn(bytes: Uint8Array): number {
  const from = Math.max(0, bytes.length - ESCAPE_BYTES_MAX);
  const tail = String.fromCharCode(...bytes.subarray(from));
  const end = from + (INCOMPLETE_ESCAPE.exec(tail)?.index ?? tail.length);
  return startOfCutRun(bytes.subarray(0, end), CARD_DIGITS_MAX - 1);
}

/** Bytes of the word at the end of a cut text, at most, that is dropped where patterns could match a part of it. */
const WORD_BYTES_MAX = 256;

/** Where the last word of a text begins; the end where it is longer than words are. */
export function startOfCutWord(bytes: Uint8Array): number {
  const limit = Math.max(0, bytes.length - WORD_BYTES_MAX);
  let start = bytes.length;
  while (start > limit && bytes[start - 1]! > 0x20) start--;
  return start > limit || start === 0 ? start : bytes.length;
}
