import type { Ranges } from '../ranges.ts';
import { DIGIT, KINDS } from './byte-kinds.ts';
import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, type CardRules } from './card-rules.ts';
import {
  CARD_DIGITS_OF_BRANDS_MIN,
  LENGTH_14,
  LENGTH_15,
  LENGTH_16,
  LENGTH_19,
  LENGTHS_BY_FIRST_FOUR,
  lengthsByCount,
  lengthsByFirstTwo,
  longest,
} from './issuers.ts';
import { luhnStepsByPlace, multiplesOfTen } from './luhn.ts';

/** Digits of a number that is looked through here: with one more, the first rule could match twice. */
const NUMBER_DIGITS_MAX = CARD_DIGITS_MAX + CARD_DIGITS_MIN - 1;

/** A power of two. */
const SUMS_KEPT = 64;

/** What {@link scanNumber} returns where a run is more than that. */
export const NOT_ONE_NUMBER = -1;

/**
 * Does what `scanRun` does, for most runs: those of too few digits, and those of one number that is not long. Returns
 * {@link NOT_ONE_NUMBER}, and adds no card, where the run is another one.
 */
export const scanNumber = createScanner();

/** A closure that is made once, as that for all runs. */
function createScanner() {
  const [is14, is15, is16, is19] = [LENGTH_14, LENGTH_15, LENGTH_16, LENGTH_19];
  const [digitsMin, digitsMax, brandDigitsMin, numberDigitsMax] = [
    CARD_DIGITS_MIN,
    CARD_DIGITS_MAX,
    CARD_DIGITS_OF_BRANDS_MIN,
    NUMBER_DIGITS_MAX,
  ];
  const digit = DIGIT;
  const kinds = KINDS.slice();
  const lengthsByTwo = lengthsByFirstTwo();
  const lengthsByFour = LENGTHS_BY_FIRST_FOUR.slice();
  const isMultipleOfTen = multiplesOfTen();
  const steps = luhnStepsByPlace();
  const fittingLengths = lengthsByCount(256);
  /** The Luhn sums before each digit and after the last. */
  const sums = new Int32Array(SUMS_KEPT);
  const sumBits = SUMS_KEPT - 1;

  return function scan(
    bytes: Uint8Array,
    first: number,
    limit: number,
    rules: CardRules,
    cards: Ranges,
  ): number {
    let start = first;
    while (start < limit && kinds[bytes[start]!]! > digit) start++;
    let at = start;
    let digits = 0;
    let sum = 0;
    for (
      let value: number;
      at < limit && digits < numberDigitsMax && (value = (bytes[at]! - 0x30) >>> 0) < 10;
      at++
    ) {
      sum = (sum + steps[((digits & 1) << 4) | value]!) | 0;
      sums[++digits & sumBits] = sum;
    }
    let kind = 0;
    while (at < limit && (kind = kinds[bytes[at]!]!) > digit) at++;
    if (at < limit && kind === digit)
      return digits < digitsMin ? endOfFew(bytes, at, limit, digits) : NOT_ONE_NUMBER;
    if (digits < digitsMin) return at;
    const firstCard = cards.length;
    if (rules !== 'brands') {
      const end = Math.min(digits, digitsMax);
      if (passing(0, end) !== 0) {
        cards.push(start, start + end);
        if (end === digits) return at;
      }
    }
    if (rules !== 'groups') findBrands(bytes, start, digits, cards, firstCard);
    return at;
  };

  /** Where the run ends, if it has too few digits. */
  function endOfFew(bytes: Uint8Array, at: number, limit: number, digits: number): number {
    for (let kind: number; at < limit && (kind = kinds[bytes[at]!]!) !== 0; at++)
      if (kind === digit && ++digits === digitsMin) return NOT_ONE_NUMBER;
    return at;
  }

  /** All bits where the digits pass the Luhn check, none where they don't. */
  function passing(start: number, end: number): number {
    const sum = (sums[end & sumBits]! - sums[start & sumBits]!) >> (((end - 1) & 1) << 4);
    return isMultipleOfTen[sum & 0xff]!;
  }

  function findBrands(
    bytes: Uint8Array,
    first: number,
    digits: number,
    cards: Ranges,
    firstCard: number,
  ): void {
    for (let start = 0, left = digits; left >= brandDigitsMin; start++, left--) {
      const place = first + start;
      const two = pairOf(bytes, place);
      const lengths = lengthsByTwo[two]! & fittingLengths[left & sumBits]!;
      if (lengths === 0) continue;
      let passed = 0;
      if ((lengths & is16) !== 0) passed = passing(start, start + 16) & is16;
      if ((lengths & is19) !== 0) passed |= passing(start, start + 19) & is19;
      if ((lengths & is15) !== 0) passed |= passing(start, start + 15) & is15;
      if ((lengths & is14) !== 0) passed |= passing(start, start + 14) & is14;
      if (passed === 0) continue;
      const length = longest(passed & lengthsByFour[(two << 8) | pairOf(bytes, place + 2)]!, left);
      if (length !== 0) cards.unite(place, place + length, firstCard);
    }
  }
}

/** Two digits, four bits each. */
function pairOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0xf) << 4) | (bytes[at + 1]! & 0xf);
}
