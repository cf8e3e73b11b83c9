import { endOf, startOf, type TraceModel } from './trace-model.ts';

/** The stretches that made a request take as long as it did: column i is stretch i, in the order of time. */
export interface CriticalPath {
  readonly row: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** Nanoseconds of each row on the path. */
  readonly timeOfRow: Float64Array;
}

/**
 * Walks back from the end of the root: each instant belongs to the deepest span that was then being waited for. A span that ends after
 * what waits for it (the log phase after its request) is not on the path, nor is one beside another that ended later. The stretches
 * together are the root's time.
 */
export function criticalPath(model: TraceModel): CriticalPath {
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const timeOfRow = new Float64Array(model.count);
  const add = (row: number, from: number, to: number) => {
    if (to <= from) return;
    rows.push(row);
    starts.push(from);
    ends.push(to);
    timeOfRow[row]! += to - from;
  };
  // Each span waits on the stack with the instant down to which it has been walked, and its children that are left.
  const stack: Walk[] = [];
  if (model.root >= 0) stack.push(walkOf(model, model.root, 0, Number.POSITIVE_INFINITY));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = nextChild(model, top);
    if (child < 0) {
      add(top.row, top.from, top.at);
      stack.pop();
      continue;
    }
    const end = Math.min(endOf(model, child), top.at);
    const start = Math.max(startOf(model, child), top.from);
    add(top.row, end, top.at);
    top.at = start;
    stack.push(walkOf(model, child, start, end));
  }
  return {
    row: Int32Array.from(rows.reverse()),
    startNs: Float64Array.from(starts.reverse()),
    endNs: Float64Array.from(ends.reverse()),
    timeOfRow,
  };
}

interface Walk {
  readonly row: number;
  readonly from: number;
  at: number;
  /** By end, the last on top. */
  readonly children: number[];
}

function walkOf(model: TraceModel, row: number, from: number, to: number): Walk {
  const children: number[] = [];
  const position = model.position[row]!;
  const last = model.subtreeEnd[position]!;
  for (let at = position + 1; at < last; at = model.subtreeEnd[at]!) children.push(model.preorder[at]!);
  children.sort((a, b) => endOf(model, a) - endOf(model, b) || startOf(model, a) - startOf(model, b));
  const start = Math.max(from, startOf(model, row));
  return { row, from: start, at: Math.max(start, Math.min(to, endOf(model, row))), children };
}

/** The child that ended last before the instant at which the walk is; -1 where none is left. */
function nextChild(model: TraceModel, walk: Walk): number {
  for (let child = walk.children.pop(); child !== undefined; child = walk.children.pop())
    if (
      endOf(model, child) <= walk.at &&
      endOf(model, child) > walk.from &&
      endOf(model, child) > startOf(model, child)
    )
      return child;
  return -1;
}
