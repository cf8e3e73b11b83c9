import { ARRAY, type JsonDocument, OBJECT } from '../json/json-document.ts';
import type { WorkLimit } from '../work-limit.ts';
import type { Query, Segment, Selector } from './ast.ts';
import { FilterTest } from './filter-test.ts';

/**
 * The values that a query selects, in the order of the text, each once. Where a document is not complete, what its missing part would
 * decide is decided for selection. Throws `WorkLimitExceeded`.
 */
export function selectNodes(document: JsonDocument, root: number, query: Query, limit: WorkLimit): number[] {
  const selection = new Selection(document, root, limit);
  return selection.run(query, root);
}

class Selection {
  readonly #document: JsonDocument;
  readonly #limit: WorkLimit;
  readonly #filter: FilterTest;

  constructor(document: JsonDocument, root: number, limit: WorkLimit) {
    this.#document = document;
    this.#limit = limit;
    this.#filter = new FilterTest(document, limit, (query, node) =>
      this.run(query, query.isRelative ? node : root),
    );
  }

  run(query: Query, start: number): number[] {
    let nodes = [start];
    for (const segment of query.segments) nodes = this.#apply(segment, nodes);
    return nodes;
  }

  #apply(segment: Segment, nodes: readonly number[]): number[] {
    const selected = new Set<number>();
    const apply = (node: number) => {
      this.#limit.visit();
      for (const selector of segment.selectors) this.#select(selector, node, selected);
    };
    let passed = 0;
    for (const node of nodes) {
      if (!segment.isDescendant) {
        apply(node);
        continue;
      }
      // Values follow the one that holds them: what lies inside an earlier one has been visited.
      const end = this.#document.nodes.subtreeEnds[node]!;
      for (let inner = Math.max(node, passed); inner < end; inner++) apply(inner);
      passed = Math.max(passed, end);
    }
    return [...selected].sort((one, other) => one - other);
  }

  #select(selector: Selector, node: number, selected: Set<number>): void {
    const document = this.#document;
    const kind = document.kind(node);
    if (kind !== OBJECT && kind !== ARRAY) return;
    switch (selector.kind) {
      case 'name':
        if (kind === OBJECT)
          this.#children(node, (child) => document.isNamed(child, selector.name), selected);
        return;
      case 'wildcard':
        this.#children(node, () => true, selected);
        return;
      case 'filter':
        this.#children(
          node,
          (child) =>
            document.isOpen(child) ||
            (selector.usesRoot && !document.isComplete) ||
            this.#filter.passes(selector.test, child),
          selected,
        );
        return;
      default:
        if (kind === ARRAY) this.#selectElements(selector, node, selected);
    }
  }

  #selectElements(
    selector: Extract<Selector, { kind: 'index' | 'slice' }>,
    node: number,
    selected: Set<number>,
  ): void {
    const length = this.#lengthIfNeeded(selector, node);
    if (length === null) {
      this.#children(node, () => true, selected);
      return;
    }
    if (selector.kind === 'index') {
      const index = selector.index < 0 ? length + selector.index : selector.index;
      if (index >= 0) this.#children(node, (_child, at) => at === index, selected, index);
      return;
    }
    const { first, last, step } = bounds(selector, length);
    if (step !== 0)
      this.#children(
        node,
        (_child, at) => at >= first && at <= last && (at - first) % step === 0,
        selected,
        last,
      );
  }

  /** How many elements there are, where it matters: null where it does and they are not all known. */
  #lengthIfNeeded(selector: Extract<Selector, { kind: 'index' | 'slice' }>, node: number): number | null {
    const isNeeded =
      selector.kind === 'index'
        ? selector.index < 0
        : selector.step < 0 || (selector.start ?? 0) < 0 || (selector.end ?? 0) < 0;
    if (!isNeeded) return Number.MAX_SAFE_INTEGER;
    if (this.#document.isOpen(node)) return null;
    let length = 0;
    this.#document.children(node, () => {
      length++;
      this.#limit.visit();
      return undefined;
    });
    return length;
  }

  #children(
    node: number,
    isSelected: (child: number, index: number) => boolean,
    selected: Set<number>,
    last = Number.MAX_SAFE_INTEGER,
  ): void {
    this.#document.children(node, (child, index) => {
      if (index > last) return false;
      this.#limit.visit();
      if (isSelected(child, index)) selected.add(child);
      return undefined;
    });
  }
}

/** RFC 9535, 2.3.4.2.2, as an ascending range: `first`, and every `step` from there to `last`. A step of 0 selects nothing. */
function bounds(
  { start, end, step }: Extract<Selector, { kind: 'slice' }>,
  length: number,
): { first: number; last: number; step: number } {
  const normal = (index: number) => (index >= 0 ? index : length + index);
  if (step > 0) {
    const first = clamp(normal(start ?? 0), 0, length);
    return { first, last: clamp(normal(end ?? length), 0, length) - 1, step };
  }
  if (step === 0) return { first: 0, last: -1, step };
  const upper = clamp(normal(start ?? length - 1), -1, length - 1);
  const lower = end === null ? -1 : clamp(normal(end), -1, length - 1);
  if (upper <= lower) return { first: 0, last: -1, step: 1 };
  const steps = Math.floor((upper - lower - 1) / -step);
  return { first: upper + steps * step, last: upper, step: -step };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
