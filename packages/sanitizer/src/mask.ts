import { Ranges } from './ranges.ts';

/** What stands for everything masked but card numbers, whose asterisks are as many as what they stand for. */
export const MASK = '****';

const ASTERISK = 0x2a;
const CARD_RULES: readonly string[] = ['card'];
/** Bytes that are copied faster one by one than at once. */
const SHORT_BYTES = 64;
const QUOTE = 0x22;

/** A range of a text that is masked. */
export interface Mask {
  readonly start: number;
  /** Excluded. */
  readonly end: number;
  /** `length`: an asterisk for each byte; `fixed`: {@link MASK}, whatever the length. */
  readonly keeps: 'length' | 'fixed';
  /** Written as a JSON string, since a JSON value of another kind stood there. */
  readonly isQuoted: boolean;
  /** Names of the rules that asked for it, each once. */
  readonly rules: readonly string[];
}

/** Gathers the ranges to mask of one text and merges those that overlap. */
export class Masks {
  readonly #secrets: Mask[] = [];
  /** Apart from the rest: of digits there may be a card in every thirty bytes. */
  readonly #cards = new Ranges();
  #areCardsInOrder = true;

  get isEmpty(): boolean {
    return this.#secrets.length === 0 && this.#cards.length === 0;
  }

  /** A card number. */
  addCard(start: number, end: number): void {
    const last = this.#cards.length - 1;
    if (last >= 0 && start < this.#cards.end(last)) this.#areCardsInOrder = false;
    this.#cards.push(start, end);
  }

  /** Anything else; with `isQuoted` a whole JSON value. */
  addSecret(start: number, end: number, rule: string, isQuoted = false): void {
    if (end > start) this.#secrets.push({ start, end, keeps: 'fixed', isQuoted, rules: [rule] });
  }

  /** The text without what is masked, and for each rule how often it masked something in it. */
  apply(bytes: Uint8Array, masked: (rule: string, count: number) => void): Uint8Array {
    if (this.#secrets.length > 0 || !this.#areCardsInOrder) {
      const masks = this.merged();
      for (const { rules } of masks) for (const rule of rules) masked(rule, 1);
      return applyMasks(bytes, masks);
    }
    const cards = this.#cards;
    const count = cards.length;
    if (count === 0) return bytes;
    masked(CARD_RULES[0]!, count);
    const shown = new Uint8Array(bytes);
    for (let index = 0; index < count; index++) fillStars(shown, cards.start(index), cards.end(index));
    return shown;
  }

  /** The ranges in order, none overlapping another. */
  merged(): Mask[] {
    const masks = [...this.#secrets];
    for (let index = 0; index < this.#cards.length; index++) {
      const [start, end] = [this.#cards.start(index), this.#cards.end(index)];
      masks.push({ start, end, keeps: 'length', isQuoted: false, rules: CARD_RULES });
    }
    masks.sort((one, other) => one.start - other.start || other.end - one.end);
    const merged: Mask[] = [];
    for (const mask of masks) {
      const last = merged.at(-1);
      if (last === undefined || !touch(last, mask)) merged.push(mask);
      else merged[merged.length - 1] = union(last, mask);
    }
    return merged;
  }
}

/** Secrets side by side become one, so that the masks do not tell how many there were. */
function touch(last: Mask, next: Mask): boolean {
  if (next.start < last.end) return true;
  return next.start === last.end && last.keeps === 'fixed' && next.keeps === 'fixed';
}

function union(one: Mask, other: Mask): Mask {
  const end = Math.max(one.end, other.end);
  const isWhole = (mask: Mask) => mask.isQuoted && mask.start === one.start && mask.end === end;
  if (one.rules === CARD_RULES && other.rules === CARD_RULES) return { ...one, end };
  return {
    start: one.start,
    end,
    keeps: one.keeps === 'length' && other.keeps === 'length' ? 'length' : 'fixed',
    isQuoted: isWhole(one) || isWhole(other),
    rules: [...new Set([...one.rules, ...other.rules])],
  };
}

/** The text with its masks, which are in order and don't overlap. */
export function applyMasks(bytes: Uint8Array, masks: readonly Mask[]): Uint8Array {
  if (masks.length === 0) return bytes;
  if (masks.every((mask) => lengthOf(mask) === mask.end - mask.start && !mask.isQuoted)) {
    const masked = new Uint8Array(bytes);
    for (const { start, end } of masks) fillStars(masked, start, end);
    return masked;
  }
  let length = bytes.length;
  for (const mask of masks) length += lengthOf(mask) - (mask.end - mask.start);
  const masked = new Uint8Array(length);
  let from = 0;
  let to = 0;
  for (const mask of masks) {
    if (mask.start - from > SHORT_BYTES) {
      masked.set(bytes.subarray(from, mask.start), to);
      to += mask.start - from;
    } else while (from < mask.start) masked[to++] = bytes[from++]!;
    const end = to + lengthOf(mask);
    fillStars(masked, to, end);
    if (mask.isQuoted) masked[to] = masked[end - 1] = QUOTE;
    from = mask.end;
    to = end;
  }
  masked.set(bytes.subarray(from), to);
  return masked;
}

/** Puts asterisks in place of the bytes from `start` to before `end`. */
export function fillStars(bytes: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT_BYTES) bytes.fill(ASTERISK, start, end);
  else for (let at = start; at < end; at++) bytes[at] = ASTERISK;
}

function lengthOf(mask: Mask): number {
  return (mask.keeps === 'length' ? mask.end - mask.start : MASK.length) + (mask.isQuoted ? 2 : 0);
}
