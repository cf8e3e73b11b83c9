import type { Skeleton } from '@gatescope/protocol';
import { shownSummary } from './shown-summary.ts';
import { cutText, visibleText } from './visible-text.ts';

/** What a span without a name is called. */
const NAMELESS = '(no name)';
/** Characters of a name that are kept. */
const NAME_MAX = 500;

/**
 * A skeleton that can be relied on, whatever came: columns of equal length, names that exist and can be seen, times that are numbers from
 * zero on. What is sound already is taken as it is.
 */
export function soundSkeleton(given: Skeleton): Skeleton {
  const count = Math.min(
    ...[given.name, given.span_id, given.parent, given.start_ns, given.duration_ns, given.status].map(
      (column) => column.length,
    ),
  );
  const known = given.names.map((name) => (name === '' ? NAMELESS : visibleText(cutText(name, NAME_MAX))));
  const isKnown = (index: number) => Number.isInteger(index) && index >= 0 && index < known.length;
  const cut = <T>(column: readonly T[]): T[] =>
    column.length === count ? (column as T[]) : column.slice(0, count);
  const name = cut(given.name);
  const allKnown = name.every(isKnown);
  return {
    ...given,
    summary: shownSummary(given.summary),
    span_count: count,
    names: allKnown ? known : [...known, NAMELESS],
    name: allKnown ? name : name.map((index) => (isKnown(index) ? index : known.length)),
    span_id: cut(given.span_id),
    parent: cut(given.parent),
    start_ns: times(cut(given.start_ns)),
    duration_ns: times(cut(given.duration_ns)),
    status: cut(given.status),
  };
}

function times(column: number[]): number[] {
  const isTime = (ns: number) => Number.isFinite(ns) && ns >= 0;
  return column.every(isTime) ? column : column.map((ns) => (isTime(ns) ? ns : 0));
}
