import { fillStars } from '../mask.ts';
import { Ranges } from '../ranges.ts';
import { DecodedText } from '../text/decoded-text.ts';
import { endOfRun, findRuns, holdsCard } from './find-runs.ts';
import { scanRun } from './scan-run.ts';

/** How often a text is looked through, at most, until no card is left in it. Whoever needs more loses whole runs. */
export const ROUNDS_MAX = 8;

/** Takes the range of a card. */
export type FoundCard = (start: number, end: number) => void;

/**
 * Finds the cards of a text with escapes, as it stands and in its layers. Where one is masked the others read differently, so everything is
 * looked through again until nothing more is found.
 */
export function findSpelledCards(
  source: Uint8Array,
  layers: readonly DecodedText[],
  issuersOnly: boolean,
  found: FoundCard,
): void {
  const bytes = new Uint8Array(source);
  const noted = new Ranges();
  const note = (start: number, end: number) => noted.push(start, end);
  for (let round = 1; ; round++) {
    const findIn = round < ROUNDS_MAX ? findCards : findWholeRuns;
    findIn(bytes, issuersOnly, note);
    for (const layer of layers)
      findIn(layer.bytes, issuersOnly, (start, end) => note(...layer.sourceRange(start, end)));
    if (noted.length === 0) return;
    for (let index = 0; index < noted.length; index++) {
      fillStars(bytes, noted.start(index), noted.end(index));
      found(noted.start(index), noted.end(index));
    }
    noted.length = 0;
    layers = DecodedText.layersOf(bytes);
  }
}

function findCards(bytes: Uint8Array, issuersOnly: boolean, found: FoundCard): void {
  const cards = new Ranges();
  findRuns(bytes, (first) => {
    const end = scanRun(bytes, first, bytes.length, issuersOnly ? 'brands' : 'all', cards);
    for (let index = 0; index < cards.length; index++) found(cards.start(index), cards.end(index));
    cards.length = 0;
    return end;
  });
}

function findWholeRuns(bytes: Uint8Array, _issuersOnly: boolean, found: FoundCard): void {
  findRuns(bytes, (first) => {
    const end = endOfRun(bytes, first);
    if (holdsCard(bytes, first, end)) found(first, end);
    return end;
  });
}
