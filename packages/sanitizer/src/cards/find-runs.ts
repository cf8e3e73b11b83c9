import { DIGIT, KINDS } from './byte-kinds.ts';
import { CARD_DIGITS_MIN, type RunScanner } from './run-scanner.ts';

/** Looks at one run, as {@link RunScanner} does. */
export type ScanRun = Pick<RunScanner, 'scan'>;

/**
 * Lets the scanner look at every run of digits and separators that holds enough digits for a card. A card is at least twelve bytes of
 * digits and separators in a row, so only every twelfth byte of other text is read. Tells the runs that leave enough digits beside their
 * cards to be looked at once more.
 */
export function findRuns(
  bytes: Uint8Array,
  scanner: ScanRun,
  found: (start: number, end: number) => void,
  leavesRest: (start: number, end: number) => void,
  from = 0,
  end = bytes.length,
): void {
  let passed = from;
  let at = from + CARD_DIGITS_MIN - 1;
  while (at < end) {
    if (KINDS[bytes[at]!] === 0) {
      at += CARD_DIGITS_MIN;
      continue;
    }
    let first = at;
    let digits = 0;
    while (first > passed && KINDS[bytes[first - 1]!] !== 0) if (KINDS[bytes[--first]!] === DIGIT) digits++;
    for (let kind: number; at < end && (kind = KINDS[bytes[at]!]!) !== 0; at++) if (kind === DIGIT) digits++;
    if (digits >= CARD_DIGITS_MIN && scanner.scan(bytes, first, at, digits, found)) leavesRest(first, at);
    passed = at;
    at += CARD_DIGITS_MIN;
  }
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
