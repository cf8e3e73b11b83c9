import { Ranges } from '../ranges.ts';
import { DIGIT, KINDS, LOOSE_SEPARATOR } from './byte-kinds.ts';
import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, type CardRules } from './card-rules.ts';
import {
  CARD_DIGITS_OF_BRANDS_MIN,
  LENGTH_14,
  LENGTH_15,
  LENGTH_16,
  LENGTH_19,
  LENGTHS_BY_FIRST_FOUR,
  lengthsByFirstTwo,
  longest,
} from './issuers.ts';
import { LUHN_BYTES, luhnSteps, multiplesOfTen } from './luhn.ts';

/** Of the digits of a run the last ones are kept, each by the last bits of its number. A power of two. */
const DIGITS_KEPT = 1_024;
/** After so many digits brands are looked for among them. */
const BLOCK_DIGITS = DIGITS_KEPT - 2 * CARD_DIGITS_MAX;
const NEWEST_BITS = DIGITS_KEPT - 1;

/** Does what `scanRun` does, for any run. Linear; takes no memory but for `cards`. */
export const scanGroups = createScanner();

/**
 * A closure that is made once: V8 writes the addresses, lengths and values of its constants into the code. With fields, or with
 * the constants of a module, which a bundler makes variables, it took up to twice as long.
 */
function createScanner() {
  const keptBits = NEWEST_BITS;
  const [is14, is15, is16, is19] = [LENGTH_14, LENGTH_15, LENGTH_16, LENGTH_19];
  const luhnBytes = LUHN_BYTES;
  const [digitsMin, digitsMax, brandDigitsMin] = [
    CARD_DIGITS_MIN,
    CARD_DIGITS_MAX,
    CARD_DIGITS_OF_BRANDS_MIN,
  ];
  const blockDigits = BLOCK_DIGITS;
  const [digit, looseSeparator] = [DIGIT, LOOSE_SEPARATOR];
  const luhnStep = luhnSteps();
  const isMultipleOfTen = multiplesOfTen();
  const lengthsByTwo = lengthsByFirstTwo();
  const kinds = KINDS.slice();
  /** The Luhn sums before each digit and after the last. */
  const sums = new Int32Array(DIGITS_KEPT);
  /** Each digit in the lower half of the byte, the one before it in the upper. */
  const pairs = new Uint8Array(DIGITS_KEPT);
  const places = new Int32Array(DIGITS_KEPT);
  /** Where a brand's card may begin, and which lengths it may have. */
  const candidates = new Int32Array(DIGITS_KEPT);
  /** What the first two rules found. They are heeded while digits are read, the third afterwards. */
  const grouped = new Ranges();
  let groupedTaken = 0;
  let count = 0;
  let brandsFrom = 0;

  return function scan(
    bytes: Uint8Array,
    first: number,
    limit: number,
    rules: CardRules,
    cards: Ranges,
  ): number {
    const firstCard = cards.length;
    const heedsGroups = rules !== 'brands';
    const heedsBrands = rules !== 'groups';
    grouped.length = groupedTaken = count = brandsFrom = sums[0] = 0;
    let blockStart = 0;
    let floorStart = 0;
    /** A bit for each of the last 32 digits, the last one lowest: whether a group begins there. */
    let groupStarts = 0;
    let isNewGroup = 1;
    let at = first;
    while (at < limit) {
      const before = count;
      at = readDigits(bytes, at, Math.min(limit, at + blockDigits - (count - blockStart)));
      const digits = count - before;
      if (digits !== 0) {
        groupStarts = digits > 31 ? 0 : (groupStarts << digits) | (isNewGroup << (digits - 1));
        isNewGroup = 0;
        for (; heedsGroups && count - floorStart >= digitsMax; floorStart += digitsMax)
          checkFloor(floorStart, floorStart + digitsMax);
        if (count - blockStart === blockDigits) {
          blockStart = count;
          // Of any length cards that begin here have been read.
          const last = count - digitsMax;
          if (heedsBrands) findBrands(last, cards, firstCard);
          takeGrouped(places[last & keptBits]!, cards, firstCard);
          if (at < limit && kinds[bytes[at]!] === digit) continue;
        }
        if (heedsGroups) checkGroups(groupStarts, count);
      }
      isNewGroup = 1;
      let kind = 0;
      for (; at < limit && (kind = kinds[bytes[at]!]!) > digit; at++) {
        if (kind !== looseSeparator) continue;
        if (heedsGroups) checkFloor(floorStart, count);
        floorStart = count;
      }
      if (kind === 0) break;
    }
    if (heedsGroups) checkFloor(floorStart, count);
    if (heedsBrands) findBrands(count - brandDigitsMin, cards, firstCard);
    takeGrouped(at, cards, firstCard);
    return at;
  };

  function readDigits(bytes: Uint8Array, first: number, limit: number): number {
    let at = first;
    let number = count;
    let pair = pairs[(number - 1) & keptBits]!;
    let sum = sums[number & keptBits]!;
    for (let value: number; at < limit && (value = (bytes[at]! - 0x30) >>> 0) < 10; at++) {
      places[number & keptBits] = at;
      pair = (pair << 4) | value;
      pairs[number & keptBits] = pair;
      sum = (((sum << 16) | (sum >>> 16)) + luhnStep[value]!) & luhnBytes;
      number++;
      sums[number & keptBits] = sum;
    }
    count = number;
    return at;
  }

  /** A match of the first rule. */
  function checkFloor(start: number, end: number): void {
    if (end - start >= digitsMin && passesLuhn(start, end)) addGrouped(start, end);
  }

  /** The groups that end at `end`: the longest card of them covers the others. */
  function checkGroups(groupStarts: number, end: number): void {
    let lengths = (groupStarts >>> (digitsMin - 1)) & 0xff;
    while (lengths !== 0) {
      const longest = 31 - Math.clz32(lengths);
      const start = end - digitsMin - longest;
      if (passesLuhn(start, end)) {
        addGrouped(start, end);
        return;
      }
      lengths ^= 1 << longest;
    }
  }

  function passesLuhn(start: number, end: number): boolean {
    const before = sums[start & keptBits]! >> (((end - start) & 1) << 4);
    return isMultipleOfTen[(sums[end & keptBits]! - before) & 0xff] !== 0;
  }

  function addGrouped(start: number, end: number): void {
    grouped.unite(places[start & keptBits]!, places[(end - 1) & keptBits]! + 1, groupedTaken);
  }

  /** Moves what begins no later than `place` to the cards. */
  function takeGrouped(place: number, cards: Ranges, firstCard: number): void {
    for (; groupedTaken < grouped.length && grouped.start(groupedTaken) <= place; groupedTaken++)
      cards.unite(grouped.start(groupedTaken), grouped.end(groupedTaken), firstCard);
    if (groupedTaken === grouped.length) grouped.length = groupedTaken = 0;
  }

  /** Looks for cards of brands that begin at the digits up to the `last`. Two in five may, by their first two digits: they are gathered without a branch. */
  function findBrands(last: number, cards: Ranges, firstCard: number): void {
    let gathered = 0;
    for (let start = brandsFrom; start <= last; start++) {
      const lengths = lengthsByTwo[pairs[(start + 1) & keptBits]!]!;
      candidates[gathered & keptBits] = ((start & keptBits) << 4) | lengths;
      gathered += -lengths >>> 31;
    }
    brandsFrom = Math.max(brandsFrom, last + 1);
    for (let index = 0; index < gathered; index++) {
      const candidate = candidates[index & keptBits]!;
      const start = candidate >> 4;
      const even = sums[start & keptBits]!;
      const odd = even >> 16;
      const passing =
        candidate &
        ((isMultipleOfTen[(sums[(start + 14) & keptBits]! - even) & 0xff]! & is14) |
          (isMultipleOfTen[(sums[(start + 15) & keptBits]! - odd) & 0xff]! & is15) |
          (isMultipleOfTen[(sums[(start + 16) & keptBits]! - even) & 0xff]! & is16) |
          (isMultipleOfTen[(sums[(start + 19) & keptBits]! - odd) & 0xff]! & is19));
      if (passing === 0) continue;
      const firstFour = (pairs[(start + 1) & keptBits]! << 8) | pairs[(start + 3) & keptBits]!;
      const length = longest(passing & LENGTHS_BY_FIRST_FOUR[firstFour]!, (count - start) & keptBits);
      if (length === 0) continue;
      const place = places[start & keptBits]!;
      if (groupedTaken < grouped.length) takeGrouped(place, cards, firstCard);
      cards.unite(place, places[(start + length - 1) & keptBits]! + 1, firstCard);
    }
  }
}
