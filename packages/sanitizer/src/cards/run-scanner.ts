import { DIGIT, KINDS, LOOSE_SEPARATOR } from './byte-kinds.ts';
import { CARD_DIGITS_OF_BRANDS_MIN, LENGTHS_BY_FIRST_TWO, lengthsOf, longest } from './issuers.ts';
import { LUHN_NEXT, LUHN_NONE, LUHN_START, luhnIndex } from './luhn.ts';

/** Fewest and most digits of a card number. */
export const CARD_DIGITS_MIN = 12;
export const CARD_DIGITS_MAX = 19;
/** Digits of a run for which memory is kept from one run to the next. */
const DIGITS_KEPT_MAX = 65_536;

/**
 * Finds the card numbers of one run: digits with separators between. Three rules say what a card is: (1) the matches of
 * `(\d[\n -]*){11,18}\d`, leftmost and greedy; (2) consecutive whole groups of 12 to 19 digits together; (3) a brand's prefix and
 * length, anywhere among the digits. All must pass Luhn. Time is linear in the run's length.
 */
export class RunScanner {
  readonly #issuersOnly: boolean;
  #capacity = 0;
  /** The Luhn state before each digit and after the last. */
  #states = new Uint8Array(0);
  /** Each digit in the lower half of the byte, the one before it in the upper. */
  #pairs = new Uint8Array(0);
  /** Of the longest card that begins at a digit: how many digits it has. */
  #cards = new Uint8Array(0);
  #hasCards = false;
  #digits = 0;

  /** With `issuersOnly` the first two rules are left out. */
  constructor(issuersOnly: boolean) {
    this.#issuersOnly = issuersOnly;
  }

  /**
   * Looks through `bytes` from `first` to before `end`, which hold `digits` digits, and tells the ranges of the cards in order; those
   * that overlap as one. True where enough digits are left beside the cards to be looked at once more.
   */
  scan(
    bytes: Uint8Array,
    first: number,
    end: number,
    digits: number,
    found: (start: number, end: number) => void,
  ): boolean {
    this.#reserve(digits);
    this.#hasCards = false;
    this.#digits = digits;
    this.#read(bytes, first, end);
    if (digits >= CARD_DIGITS_OF_BRANDS_MIN) this.#findIssuers(digits);
    return this.#hasCards && this.#tell(bytes, first, digits, found);
  }

  #reserve(digits: number): void {
    if (digits <= this.#capacity && this.#capacity <= DIGITS_KEPT_MAX) return;
    this.#capacity = Math.max(digits, 256);
    this.#states = new Uint8Array(this.#capacity + 1 + CARD_DIGITS_MAX);
    this.#pairs = new Uint8Array(this.#capacity);
    this.#cards = new Uint8Array(this.#capacity);
  }

  /** Notes the digits with their Luhn states, and applies the two rules that heed separators. */
  #read(bytes: Uint8Array, first: number, end: number): void {
    const states = this.#states;
    const pairs = this.#pairs;
    let count = 0;
    let state = LUHN_START;
    let pair = 0;
    let floorStart = 0;
    /** A bit for each of the last 32 digits, the last one lowest: whether a group begins there. */
    let groupStarts = 0;
    for (let at = first; at < end; ) {
      const groupStart = count;
      for (let value: number; at < end && (value = bytes[at]! - 0x30) >= 0 && value < 10; at++) {
        state = LUHN_NEXT[luhnIndex(state, count, value)]!;
        pair = ((pair << 4) | value) & 0xff;
        pairs[count++] = pair;
        states[count] = state;
      }
      if (count !== groupStart) {
        const digits = count - groupStart;
        groupStarts = digits > 31 ? 0 : (groupStarts << digits) | (1 << (digits - 1));
        this.#checkGroups(groupStarts, count);
        for (; count - floorStart >= CARD_DIGITS_MAX; floorStart += CARD_DIGITS_MAX)
          this.#checkFloor(floorStart, floorStart + CARD_DIGITS_MAX);
      }
      for (let kind: number; at < end && (kind = KINDS[bytes[at]!]!) !== DIGIT; at++) {
        if (kind !== LOOSE_SEPARATOR) continue;
        this.#checkFloor(floorStart, count);
        floorStart = count;
      }
    }
    this.#checkFloor(floorStart, count);
    // A call of `fill` takes longer for so few.
    for (let after = 1; after <= CARD_DIGITS_MAX; after++) states[count + after] = LUHN_NONE;
  }

  #checkFloor(start: number, end: number): void {
    if (end - start >= CARD_DIGITS_MIN && !this.#issuersOnly && this.#passesLuhn(start, end))
      this.#note(start, end);
  }

  #checkGroups(groupStarts: number, end: number): void {
    if (this.#issuersOnly) return;
    let lengths = (groupStarts >>> (CARD_DIGITS_MIN - 1)) & 0xff;
    for (let start = end - CARD_DIGITS_MIN; lengths !== 0; start--, lengths >>>= 1)
      if ((lengths & 1) !== 0 && this.#passesLuhn(start, end)) this.#note(start, end);
  }

  /** Without a branch for each length: which digits begin a card is as good as random, and a wrong guess costs more than the sums. */
  #findIssuers(digits: number): void {
    const states = this.#states;
    const pairs = this.#pairs;
    for (let start = 0; start <= digits - CARD_DIGITS_OF_BRANDS_MIN; start++) {
      const state = states[start]!;
      const sumOfEven = (start & 1) << 2;
      const sumOfOdd = 4 - sumOfEven;
      const passing =
        isZero((state ^ states[start + 14]!) >> sumOfOdd) |
        (isZero((state ^ states[start + 15]!) >> sumOfEven) << 1) |
        (isZero((state ^ states[start + 16]!) >> sumOfOdd) << 2) |
        (isZero((state ^ states[start + 19]!) >> sumOfEven) << 3);
      if ((passing & LENGTHS_BY_FIRST_TWO[pairs[start + 1]!]!) === 0) continue;
      const lengths = passing & lengthsOf(pairs[start + 1]!, pairs[start + 3]!);
      if (lengths !== 0) this.#note(start, start + longest(lengths));
    }
  }

  /** The last digit counts once, the one before it twice, and so on. */
  #passesLuhn(start: number, end: number): boolean {
    const difference = this.#states[start]! ^ this.#states[end]!;
    return (end & 1) === 1 ? (difference & 0x0f) === 0 : (difference & 0xf0) === 0;
  }

  #note(start: number, end: number): void {
    const length = end - start;
    if (!this.#hasCards) this.#cards.fill(0, 0, this.#digits);
    this.#hasCards = true;
    if (this.#cards[start]! < length) this.#cards[start] = length;
  }

  #tell(
    bytes: Uint8Array,
    first: number,
    digits: number,
    found: (start: number, end: number) => void,
  ): boolean {
    let left = digits;
    let at = first;
    for (let digit = 0; digit < digits; ) {
      while (KINDS[bytes[at]!] !== DIGIT) at++;
      if (this.#cards[digit] === 0) {
        digit++;
        at++;
        continue;
      }
      const start = at;
      const firstDigit = digit;
      for (let end = digit; ; at++) {
        if (KINDS[bytes[at]!] !== DIGIT) continue;
        if (digit < digits) end = Math.max(end, digit + this.#cards[digit]!);
        if (++digit < end) continue;
        at++;
        break;
      }
      left -= digit - firstDigit;
      found(start, at);
    }
    return left >= CARD_DIGITS_MIN;
  }
}

/** 1 where the lower half of the byte is 0. */
function isZero(value: number): number {
  return (1 << (value & 0x0f)) & 1;
}
