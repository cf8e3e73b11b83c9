import type { TraceModel } from './trace-model.ts';

/** Which rows have their descendants folded away. */
export type CollapsedRows = ReadonlySet<number>;

/**
 * The rows to show, from top to bottom: preorder without what is below a collapsed row. With `kept` (see `keptRows`) only rows it holds
 * are shown, and nothing is folded.
 */
export function visibleRows(
  model: TraceModel,
  collapsed: CollapsedRows,
  kept: Uint8Array | null = null,
): Int32Array {
  const rows = new Int32Array(model.count);
  let shown = 0;
  for (let at = 0; at < model.count; ) {
    const row = model.preorder[at]!;
    if (kept === null || kept[row] === 1) rows[shown++] = row;
    at = kept === null && collapsed.has(row) ? model.subtreeEnd[at]! : at + 1;
  }
  return rows.subarray(0, shown);
}

/** Marks the rows that match and all their ancestors, so that a match is shown where it belongs. */
export function keptRows(model: TraceModel, matches: Uint8Array): Uint8Array {
  const kept = new Uint8Array(model.count);
  for (let row = 0; row < model.count; row++) {
    if (matches[row] !== 1) continue;
    for (let at = row; at >= 0 && kept[at] === 0; at = model.parent[at]!) kept[at] = 1;
  }
  return kept;
}

/** The set without the ancestors of a row, so that the row can be seen; the same set where it could be seen before. */
export function revealRow(model: TraceModel, collapsed: CollapsedRows, row: number): CollapsedRows {
  const hiding: number[] = [];
  for (let at = model.parent[row]!; at >= 0; at = model.parent[at]!) if (collapsed.has(at)) hiding.push(at);
  if (hiding.length === 0) return collapsed;
  const opened = new Set(collapsed);
  for (const at of hiding) opened.delete(at);
  return opened;
}

/** Every row that has something below it and lies at least `depth` deep. */
export function rowsWithChildren(model: TraceModel, depth = 0): Set<number> {
  const rows = new Set<number>();
  for (let row = 0; row < model.count; row++)
    if (model.childCount[row]! > 0 && model.depth[row]! >= depth) rows.add(row);
  return rows;
}
