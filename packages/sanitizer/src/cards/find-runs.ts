import { DIGIT, KINDS } from './byte-kinds.ts';
import { CARD_DIGITS_MIN } from './run-scanner.ts';

/**
 * Tells `look` the start of every run of digits and separators in `bytes` from `from` to before `end` that is long enough for a card;
 * `look` returns where the run ends. Of other text only every twelfth byte is read.
 */
export function findRuns(bytes: Uint8Array, look: (start: number) => number): void {
  const kinds = KINDS;
  const end = bytes.length;
  let start = 0;
  for (let last = CARD_DIGITS_MIN - 1; last < end; last = start + CARD_DIGITS_MIN - 1) {
    let at = last;
    while (at >= start && kinds[bytes[at]!] !== 0) at--;
    start = at < start ? look(start) : at + 1;
  }
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
