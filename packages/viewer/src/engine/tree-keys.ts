import type { TraceModel } from './trace-model.ts';
import type { CollapsedRows } from './visible-rows.ts';

/** What the tree shows and where the user is in it. */
export interface TreeState {
  readonly model: TraceModel;
  readonly visible: Int32Array;
  readonly collapsed: CollapsedRows;
  /** 1 for rows that match the filter; null: no filter. */
  readonly matches: Uint8Array | null;
  /** Selected row, or null. */
  readonly selected: number | null;
  /** Rows that fit on the screen: how far PageUp and PageDown go. */
  readonly pageRows: number;
}

/** What a key does to the tree. */
export type TreeAction =
  | { readonly kind: 'select'; readonly row: number }
  | { readonly kind: 'collapse'; readonly row: number }
  | { readonly kind: 'expand'; readonly row: number };

/** What a key means (ARIA's treegrid pattern; j and k; n and N for matches; ! for failures, also where they are folded away); null for a key the tree does not take. */
export function treeKey(key: string, state: TreeState): TreeAction | null {
  const { visible } = state;
  if (visible.length === 0) return null;
  const at = state.selected === null ? -1 : visible.indexOf(state.selected);
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return select(visible, at + 1);
    case 'ArrowUp':
    case 'k':
      return select(visible, at < 0 ? 0 : at - 1);
    case 'Home':
      return select(visible, 0);
    case 'End':
      return select(visible, visible.length - 1);
    case 'PageDown':
      return select(visible, at + state.pageRows);
    case 'PageUp':
      return select(visible, Math.max(0, at) - state.pageRows);
    case 'ArrowRight':
      return at < 0 ? null : open(state, at);
    case 'ArrowLeft':
      return at < 0 ? null : close(state, at);
    case '!':
      return nextFailed(state);
    case 'n':
      return nextMatch(state, at, 1);
    case 'N':
      return nextMatch(state, at, -1);
    default:
      return null;
  }
}

function select(visible: Int32Array, index: number): TreeAction {
  return { kind: 'select', row: visible[Math.min(visible.length - 1, Math.max(0, index))]! };
}

function open({ model, visible, collapsed }: TreeState, at: number): TreeAction | null {
  const row = visible[at]!;
  if (model.childCount[row] === 0) return null;
  return collapsed.has(row) ? { kind: 'expand', row } : select(visible, at + 1);
}

function close({ model, visible, collapsed }: TreeState, at: number): TreeAction | null {
  const row = visible[at]!;
  if (model.childCount[row]! > 0 && !collapsed.has(row)) return { kind: 'collapse', row };
  const parent = model.parent[row]!;
  return parent < 0 ? null : { kind: 'select', row: parent };
}

/** The next failed row in preorder; with a filter, of the rows that it shows. */
function nextFailed({ model, visible, matches, selected }: TreeState): TreeAction | null {
  const rows = matches === null ? model.preorder : visible;
  const at = selected === null ? -1 : rows.indexOf(selected);
  for (let step = 1; step <= rows.length; step++) {
    const row = rows[(at + step) % rows.length]!;
    if (model.skeleton.status[row] === 2) return { kind: 'select', row };
  }
  return null;
}

function nextMatch({ visible, matches }: TreeState, at: number, by: 1 | -1): TreeAction | null {
  if (matches === null) return null;
  const from = at < 0 && by < 0 ? 0 : at;
  for (let step = 1; step <= visible.length; step++) {
    const row = visible[(from + by * step + visible.length * 2) % visible.length]!;
    if (matches[row] === 1) return { kind: 'select', row };
  }
  return null;
}
