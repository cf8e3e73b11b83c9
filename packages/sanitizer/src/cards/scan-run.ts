import type { Ranges } from '../ranges.ts';
import type { CardRules } from './card-rules.ts';
import { scanGroups } from './scan-groups.ts';
import { NOT_ONE_NUMBER, scanNumber } from './scan-number.ts';

/**
 * Finds the card numbers of the run of digits and separators that begins at `first`, adds their ranges to `cards` in order, those that
 * overlap as one, and returns where the run ends: before `limit` or there. Linear.
 */
export function scanRun(
  bytes: Uint8Array,
  first: number,
  limit: number,
  rules: CardRules,
  cards: Ranges,
): number {
  const end = scanNumber(bytes, first, limit, rules, cards);
  return end === NOT_ONE_NUMBER ? scanGroups(bytes, first, limit, rules, cards) : end;
}
