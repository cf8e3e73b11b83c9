import type { Skeleton } from '@gatescope/protocol';
import { soundSkeleton } from './sound-skeleton.ts';
import { categoryOf, SPAN_CATEGORIES, type SpanCategory } from './span-category.ts';

/** Name of the span that is the whole request. */
export const ROOT_NAME = 'kong';

/** `parent` of a span that has none within the trace. */
export const NO_PARENT = -1;

/**
 * A trace as columns, with its tree in preorder. A *row* is an index into the skeleton's columns, a *position* one into the
 * preorder; the spans below a row are the positions after its own up to `subtreeEnd`.
 */
export interface TraceModel {
  readonly skeleton: Skeleton;
  readonly count: number;
  readonly parent: Int32Array;
  readonly depth: Uint16Array;
  readonly childCount: Int32Array;
  /** Position → row. */
  readonly preorder: Int32Array;
  /** Row → position. */
  readonly position: Int32Array;
  /** Position → the position after the last span below. */
  readonly subtreeEnd: Int32Array;
  /** Row → index into `SPAN_CATEGORIES`. */
  readonly category: Uint8Array;
  /** Row of the span that is the whole request; without one, of the longest that has no parent. -1 in an empty trace. */
  readonly root: number;
  /** End of the span that ends last, nanoseconds after the origin. */
  readonly endNs: number;
}

/** Builds the tree of a skeleton. A parent that is absent, and a span that is its own ancestor, makes a root. */
export function traceModel(given: Skeleton): TraceModel {
  const skeleton = soundSkeleton(given);
  const count = skeleton.span_count;
  const parent = Int32Array.from(skeleton.parent, (row) => (row >= 0 && row < count ? row : NO_PARENT));
  const childCount = new Int32Array(count);
  for (const row of parent) if (row >= 0) childCount[row]!++;
  const children = childrenByParent(parent, childCount);
  const tree = {
    parent,
    depth: new Uint16Array(count),
    preorder: new Int32Array(count),
    position: new Int32Array(count).fill(-1),
    subtreeEnd: new Int32Array(count),
  };
  let next = 0;
  for (let row = 0; row < count; row++) if (parent[row] === NO_PARENT) next = walk(tree, children, row, next);
  // What is left is in a circle of parents: its earliest span is cut loose.
  for (let row = 0; row < count && next < count; row++) {
    if (tree.position[row] !== -1) continue;
    childCount[parent[row]!]!--;
    parent[row] = NO_PARENT;
    next = walk(tree, children, row, next);
  }
  return {
    skeleton,
    count,
    childCount,
    ...tree,
    category: categories(skeleton),
    root: rootOf(skeleton, parent),
    endNs: skeleton.start_ns.reduce(
      (end, start, row) => Math.max(end, start + skeleton.duration_ns[row]!),
      0,
    ),
  };
}

/** The name of a row's span. */
export function nameOf(model: TraceModel, row: number): string {
  return model.skeleton.names[model.skeleton.name[row]!]!;
}

/** Start of a row's span, nanoseconds after the origin. */
export function startOf(model: TraceModel, row: number): number {
  return model.skeleton.start_ns[row]!;
}

/** Duration of a row's span, nanoseconds. */
export function durationOf(model: TraceModel, row: number): number {
  return model.skeleton.duration_ns[row]!;
}

/** End of a row's span, nanoseconds after the origin. */
export function endOf(model: TraceModel, row: number): number {
  return startOf(model, row) + durationOf(model, row);
}

/** Whether a row's span failed. */
export function hasFailed(model: TraceModel, row: number): boolean {
  return model.skeleton.status[row] === 2;
}

/** What a row's span is about. */
export function categoryOfRow(model: TraceModel, row: number): SpanCategory {
  return SPAN_CATEGORIES[model.category[row]!]!;
}

/** The rows directly below a row, by start. */
export function childrenOf(model: TraceModel, row: number): number[] {
  const children: number[] = [];
  const end = model.subtreeEnd[model.position[row]!]!;
  for (let at = model.position[row]! + 1; at < end; at = model.subtreeEnd[at]!)
    children.push(model.preorder[at]!);
  return children;
}

/** Every row below a row, in preorder. */
export function descendantsOf(model: TraceModel, row: number): Int32Array {
  const position = model.position[row]!;
  return model.preorder.subarray(position + 1, model.subtreeEnd[position]);
}

function rootOf({ names, name, duration_ns: durations }: Skeleton, parent: Int32Array): number {
  const named = names.indexOf(ROOT_NAME);
  const found = named < 0 ? -1 : name.indexOf(named);
  if (found >= 0) return found;
  let longest = -1;
  for (let row = 0; row < parent.length; row++) {
    if (parent[row] !== NO_PARENT) continue;
    if (longest < 0 || durations[row]! > durations[longest]!) longest = row;
  }
  return longest;
}

interface Children {
  readonly rows: Int32Array;
  readonly first: Int32Array;
}

/** The children of every row side by side: those of row r begin at `first[r]` and end at `first[r + 1]`. */
function childrenByParent(parent: Int32Array, childCount: Int32Array): Children {
  const first = new Int32Array(parent.length + 1);
  for (let row = 0; row < parent.length; row++) first[row + 1] = first[row]! + childCount[row]!;
  const rows = new Int32Array(first[parent.length]!);
  const next = first.slice();
  for (let row = 0; row < parent.length; row++) {
    const above = parent[row]!;
    if (above >= 0) rows[next[above]!++] = row;
  }
  return { rows, first };
}

interface Tree {
  readonly depth: Uint16Array;
  readonly preorder: Int32Array;
  readonly position: Int32Array;
  readonly subtreeEnd: Int32Array;
}

/** Numbers a row and all below it from `next` on, without recursion: a trace may be as deep as it is long. */
function walk(tree: Tree, children: Children, root: number, next: number): number {
  const stack = [root];
  const cursors = [children.first[root]!];
  tree.position[root] = next;
  tree.preorder[next++] = root;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const row = stack[top]!;
    const cursor = cursors[top]!;
    if (cursor === children.first[row + 1]) {
      tree.subtreeEnd[tree.position[row]!] = next;
      stack.pop();
      cursors.pop();
      continue;
    }
    cursors[top] = cursor + 1;
    const child = children.rows[cursor]!;
    if (tree.position[child] !== -1) continue;
    tree.position[child] = next;
    tree.depth[child] = Math.min(stack.length, 65_535);
    tree.preorder[next++] = child;
    stack.push(child);
    cursors.push(children.first[child]!);
  }
  return next;
}

function categories(skeleton: Skeleton): Uint8Array {
  const ofName = skeleton.names.map((name) => SPAN_CATEGORIES.indexOf(categoryOf(name)));
  return Uint8Array.from(skeleton.name, (index) => ofName[index]!);
}
