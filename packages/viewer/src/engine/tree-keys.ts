import type { TraceModel } from './trace-model.ts';
import type { CollapsedRows } from './visible-rows.ts';

/** What the tree shows and where the user is in it. */
export interface TreeState {
  readonly model: TraceModel;
  readonly visible: Int32Array;
  readonly collapsed: CollapsedRows;
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

/** What a key means (ARIA's treegrid pattern, and j, k, !); null for a key the tree does not take. */
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
      return nextFailed(state, at);
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

function nextFailed({ model, visible }: TreeState, at: number): TreeAction | null {
  for (let step = 1; step <= visible.length; step++) {
    const row = visible[(at + step) % visible.length]!;
    if (model.skeleton.status[row] === 2) return { kind: 'select', row };
  }
  return null;
}
