import { Ranges } from '../ranges.ts';
import { DecodedText } from '../text/decoded-text.ts';
import { CARD_DIGITS_MIN } from './card-rules.ts';
import { findRuns, holdsCard } from './find-runs.ts';
import { type FoundCard, findSpelledCards, ROUNDS_MAX } from './find-spelled-cards.ts';
import { scanRun } from './scan-run.ts';

/** Finds card numbers in a text as it stands and with its escapes decoded. */
export class CardFinder {
  readonly #issuersOnly: boolean;
  /** Of the runs that are being looked through. */
  readonly #cards = new Ranges();

  /** With `issuersOnly`, numbers are cards only where they have a brand's prefix and length. That is less than the floor. */
  constructor(issuersOnly: boolean) {
    this.#issuersOnly = issuersOnly;
  }

  /**
   * Tells the ranges of the cards: in order, or, where a text has escapes, in none and perhaps more than once. What is left when they are
   * masked holds none: digits beside a masked card are looked at again, since without it they group differently. `layers` are those of
   * the text.
   */
  find(
    bytes: Uint8Array,
    found: FoundCard,
    layers: readonly DecodedText[] = DecodedText.layersOf(bytes),
  ): void {
    if (layers.length > 0) findSpelledCards(bytes, layers, this.#issuersOnly, found);
    else findRuns(bytes, (start) => this.#look(bytes, start, bytes.length, 1, found));
  }

  /** Returns the end of the run. */
  #look(bytes: Uint8Array, first: number, limit: number, round: number, found: FoundCard): number {
    const cards = this.#cards;
    const rules = this.#issuersOnly ? 'brands' : round === 1 ? 'all' : 'groups';
    const firstCard = cards.length;
    const end = scanRun(bytes, first, limit, rules, cards);
    const count = cards.length;
    if (count === firstCard) return end;
    let from = first;
    for (let index = firstCard; index < count; index++) {
      const start = cards.start(index);
      const to = cards.end(index);
      this.#lookBeside(bytes, from, start, round + 1, found);
      found(start, to);
      from = to;
    }
    this.#lookBeside(bytes, from, end, round + 1, found);
    cards.length = firstCard;
    return end;
  }

  /** Cards of brands have been found wherever they are. */
  #lookBeside(bytes: Uint8Array, first: number, end: number, round: number, found: FoundCard): void {
    if (end - first < CARD_DIGITS_MIN || this.#issuersOnly) return;
    if (round < ROUNDS_MAX) this.#look(bytes, first, end, round, found);
    else if (holdsCard(bytes, first, end)) found(first, end);
  }
}
