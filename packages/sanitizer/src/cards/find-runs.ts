import { pairTable } from '../pair-table.ts';
import { DIGIT, KINDS } from './byte-kinds.ts';
import { CARD_DIGITS_MIN } from './card-rules.ts';

/** Bytes that are read at once, a bit for each. */
const BLOCK_BYTES = 16;
/** In texts that are shorter it does not pay to look at blocks. */
const BYTES_IN_BLOCKS_MIN = 512;

/** Tells `look` the start of every run of digits and separators in `bytes` that is long enough for a card; `look` returns where the run ends. */
export function findRuns(bytes: Uint8Array, look: (start: number) => number): void {
  if (bytes.length < BYTES_IN_BLOCKS_MIN) findInShort(bytes, look);
  else findInBlocks(bytes, look);
}

/** Reads every twelfth byte of what is no run. */
function findInShort(bytes: Uint8Array, look: (start: number) => number): void {
  const kinds = KINDS;
  const end = bytes.length;
  let start = 0;
  for (let last = CARD_DIGITS_MIN - 1; last < end; last = start + CARD_DIGITS_MIN - 1) {
    let at = last;
    while (at >= start && kinds[bytes[at]!] !== 0) at--;
    start = at < start ? look(start) : at + 1;
  }
}

/** Takes a branch for every sixteen bytes, not one for every run. */
const findInBlocks = createFinder();

/** A closure that is made once, as the scanner's. */
function createFinder() {
  const kinds = KINDS.slice();
  /** Two bits for two bytes, the first one's highest: which of them are of a run. */
  const pairs = pairTable((first, second) => (kinds[first] === 0 ? 0 : 2) | (kinds[second] === 0 ? 0 : 1));
  const blockBytes = BLOCK_BYTES;
  const blockBits = 2 ** BLOCK_BYTES - 1;
  const lengthMin = CARD_DIGITS_MIN;

  return function find(bytes: Uint8Array, look: (start: number) => number): void {
    const end = bytes.length;
    const shift = bytes.byteOffset & 1;
    // As they lie in memory, perhaps from the byte before the text on.
    const words = new Uint16Array(bytes.buffer, bytes.byteOffset - shift, (end + shift) >> 1);
    const lastBlock = words.length * 2 - blockBytes;
    /** A bit for each of the last 32 bytes, the last one lowest: whether it is of a run. */
    let bits = 0;
    for (let at = 0; at < end; ) {
      let read = 1;
      if (((at ^ shift) & 1) === 0 && at <= lastBlock) {
        const word = (at + shift) >> 1;
        bits =
          (bits << 16) |
          (pairs[words[word]!]! << 14) |
          (pairs[words[word + 1]!]! << 12) |
          (pairs[words[word + 2]!]! << 10) |
          (pairs[words[word + 3]!]! << 8) |
          (pairs[words[word + 4]!]! << 6) |
          (pairs[words[word + 5]!]! << 4) |
          (pairs[words[word + 6]!]! << 2) |
          pairs[words[word + 7]!]!;
        read = blockBytes;
      } else bits = (bits << 1) | (kinds[bytes[at]!]! === 0 ? 0 : 1);
      at += read;
      // Where the last of twelve is that follow one another.
      let ends = bits & (bits >>> 1);
      ends &= ends >>> 2;
      ends &= (ends >>> 4) & (ends >>> 8);
      ends &= read === 1 ? 1 : blockBits;
      if (ends === 0) continue;
      at = look(at - (31 - Math.clz32(ends)) - lengthMin);
      bits = 0;
      // What ends a run begins none.
      at += (at ^ shift) & 1;
    }
  };
}

/** Where the run ends that begins at `first`. */
export function endOfRun(bytes: Uint8Array, first: number): number {
  let end = first;
  while (end < bytes.length && KINDS[bytes[end]!] !== 0) end++;
  return end;
}

/** Whether there are enough digits for a card. */
export function holdsCard(bytes: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  for (let at = start; at < end; at++) if (KINDS[bytes[at]!] === DIGIT) digits++;
  return digits >= CARD_DIGITS_MIN;
}

/** Where the last run begins that reaches the end of `bytes`, at its first digit but not before its last 18; the end where there is none. */
export function startOfCutRun(bytes: Uint8Array, digitsMax: number): number {
  let start = bytes.length;
  let digits = 0;
  for (let at = bytes.length - 1; at >= 0 && digits < digitsMax; at--) {
    const kind = KINDS[bytes[at]!];
    if (kind === 0) break;
    if (kind !== DIGIT) continue;
    digits++;
    start = at;
  }
  return start;
}
