import { DecodedText } from '../text/decoded-text.ts';
import { findRuns, type ScanRun } from './find-runs.ts';
import { RunScanner } from './run-scanner.ts';

/** How often a text is looked through, at most, until no card is left in it. Whoever needs more loses whole runs. */
export const ROUNDS_MAX = 8;

const ASTERISK = 0x2a;

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
    let text = bytes;
    const mask = (start: number, end: number) => {
      if (text === bytes) text = bytes.slice();
      text.fill(ASTERISK, start, end);
      found(start, end);
    };
    let textLayers = layers;
    for (let round = 1; ; round++) {
      const scanner = round < ROUNDS_MAX ? this.#scanner : wholeRun;
      if (!this.#findOnce(text, textLayers, scanner, mask)) return;
      textLayers = layers.length === 0 ? layers : DecodedText.layersOf(text);
    }
  }

  /** True where another look could find more. */
  #findOnce(
    bytes: Uint8Array,
    layers: readonly DecodedText[],
    scanner: ScanRun,
    mask: (start: number, end: number) => void,
  ): boolean {
    const ranges: (readonly [start: number, end: number])[] = [];
    let leavesRest = findRuns(bytes, scanner, (start, end) => ranges.push([start, end]));
    for (const layer of layers) {
      const found = (start: number, end: number) => ranges.push(layer.sourceRange(start, end));
      if (findRuns(layer.bytes, scanner, found)) leavesRest = true;
    }
    for (const [start, end] of ranges) mask(start, end);
    return leavesRest || (ranges.length > 0 && layers.length > 0);
  }
}
