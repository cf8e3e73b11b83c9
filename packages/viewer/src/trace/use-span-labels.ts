import { useMemo } from 'react';
import { useAttributeBlocks } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import { blockStart, factsIn } from '../engine/span-facts.ts';
import { isLabelled, spanLabel } from '../engine/span-label.ts';
import { nameOf, type TraceModel } from '../engine/trace-model.ts';
import { useDebounced } from '../parts/use-debounced.ts';

/** Attributes are fetched once scrolling has rested for so long. */
const CALM_MS = 120;
/** Blocks that are fetched for the rows in view, at most. */
const BLOCKS_MAX = 4;

/** What tells rows from others of their name, as far as their attributes are there; those of the given rows are fetched. */
export function useSpanLabels(
  source: TraceSource,
  model: TraceModel,
  rows: Int32Array,
): (row: number) => string {
  const wanted = useDebounced(wantedBlocks(model, rows), CALM_MS);
  const starts = useMemo(() => (wanted === '' ? [] : wanted.split(',').map(Number)), [wanted]);
  const { blocks } = useAttributeBlocks(source, starts);
  return (row) => spanLabel(nameOf(model, row), factsIn(blocks, row));
}

/** As text, which is the same as long as it says the same. */
function wantedBlocks(model: TraceModel, rows: Int32Array): string {
  const starts = new Set<number>();
  for (const row of rows) if (isLabelled(nameOf(model, row))) starts.add(blockStart(row));
  return [...starts].slice(0, BLOCKS_MAX).join(',');
}
