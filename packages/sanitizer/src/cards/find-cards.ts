import { fillStars } from '../mask.ts';
import { DecodedText } from '../text/decoded-text.ts';
import { findRuns, type ScanRun } from './find-runs.ts';
import { RunScanner } from './run-scanner.ts';

/** How often a text is looked through, at most, until no card is left in it. Whoever needs more loses whole runs. */
export const ROUNDS_MAX = 8;

const wholeRun: ScanRun = {
  scan(_bytes, first, end, _digits, found) {
    found(first, end);
    return false;
  },
};

/** Finds card numbers in a text as it stands and with its escapes decoded. */
export class CardFinder {
  readonly #scanner: RunScanner;

  /** With `issuersOnly`, numbers are cards only where they have a brand's prefix and length. That is less than the floor. */
  constructor(issuersOnly: boolean) {
    this.#scanner = new RunScanner(issuersOnly);
  }

  /**
   * Tells the ranges of the cards, in no order and where a text has escapes perhaps more than once. What is left when they are
   * masked holds none: digits beside a masked card are looked at again, since without it they group differently. `layers` are those of
   * the text.
   */
  find(
    bytes: Uint8Array,
    found: (start: number, end: number) => void,
    layers: readonly DecodedText[] = DecodedText.layersOf(bytes),
  ): void {
    const text = new Masking(bytes, found);
    if (layers.length === 0) this.#findInText(text);
    else
      for (let round = 1, textLayers = layers; ; round++, textLayers = DecodedText.layersOf(text.bytes)) {
        const scanner = round < ROUNDS_MAX ? this.#scanner : wholeRun;
        if (!findOnce(text, textLayers, scanner)) return;
      }
  }

  /** Without escapes only the runs that leave digits beside their cards are looked at again. */
  #findInText(text: Masking): void {
    let runs: number[] = [0, text.bytes.length];
    for (let round = 1; runs.length > 0; round++) {
      const scanner = round < ROUNDS_MAX ? this.#scanner : wholeRun;
      const left: number[] = [];
      const leavesRest = (start: number, end: number) => void left.push(start, end);
      for (let at = 0; at < runs.length; at += 2)
        findRuns(text.bytes, scanner, text.note, leavesRest, runs[at], runs[at + 1]);
      text.maskNoted();
      runs = left;
    }
  }
}

/** True where another look could find more. */
function findOnce(text: Masking, layers: readonly DecodedText[], scanner: ScanRun): boolean {
  let hasRest = false;
  const leavesRest = () => {
    hasRest = true;
  };
  findRuns(text.bytes, scanner, text.note, leavesRest);
  for (const layer of layers)
    findRuns(layer.bytes, scanner, (start, end) => text.note(...layer.sourceRange(start, end)), leavesRest);
  const hasFound = text.maskNoted();
  return hasRest || hasFound;
}

/** A text whose cards are replaced as they are found. */
class Masking {
  bytes: Uint8Array;
  readonly #source: Uint8Array;
  readonly #found: (start: number, end: number) => void;
  #noted: number[] = [];

  constructor(source: Uint8Array, found: (start: number, end: number) => void) {
    this.bytes = source;
    this.#source = source;
    this.#found = found;
  }

  readonly note = (start: number, end: number): void => {
    this.#noted.push(start, end);
  };

  /** Replaces what was noted; false where nothing was. */
  maskNoted(): boolean {
    const noted = this.#noted;
    if (noted.length === 0) return false;
    if (this.bytes === this.#source) this.bytes = this.#source.slice();
    for (let index = 0; index < noted.length; index += 2) {
      const end = noted[index + 1]!;
      fillStars(this.bytes, noted[index]!, end);
      this.#found(noted[index]!, end);
    }
    this.#noted = [];
    return true;
  }
}
