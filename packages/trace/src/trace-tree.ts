import type { Span } from './span.ts';

/** A span with the spans below it, in the order they began. */
export interface TraceNode {
  readonly span: Span;
  readonly children: TraceNode[];
}

/**
 * The spans as a forest: roots first by start. A span whose parent is not among them, and one that is its own ancestor, becomes a
 * root, so that every span given is in the result exactly once.
 */
export function traceTree(spans: readonly Span[]): TraceNode[] {
  const all = spans
    .map((span) => ({ start: BigInt(span.start_unix_nano), node: { span, children: [] } as TraceNode }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    .map(({ node }) => node);
  const byId = new Map<string, TraceNode>();
  for (const node of all) if (!byId.has(node.span.span_id)) byId.set(node.span.span_id, node);
  const parentOf = ({ span }: TraceNode) =>
    span.parent_span_id === null ? undefined : byId.get(span.parent_span_id);
  const cyclic = nodesOfCycles(all, parentOf);
  const roots: TraceNode[] = [];
  for (const node of all) {
    const parent = cyclic.has(node) ? undefined : parentOf(node);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  return roots;
}

/** The tree as text, a line a span: for tests and terminals. `describe` may add to a line. */
export function renderTree(spans: readonly Span[], describe: (span: Span) => string = () => ''): string {
  const lines: string[] = [];
  const visit = (node: TraceNode, depth: number) => {
    const extra = describe(node.span);
    const error = node.span.status.code === 'ERROR' ? ` !${node.span.status.message}` : '';
    lines.push(`${'  '.repeat(depth)}${node.span.name}${extra === '' ? '' : ` ${extra}`}${error}`);
    for (const child of node.children) visit(child, depth + 1);
  };
  for (const root of traceTree(spans)) visit(root, 0);
  return lines.join('\n');
}

/** The nodes that are their own ancestors; each node is walked over once. */
function nodesOfCycles(
  nodes: readonly TraceNode[],
  parentOf: (node: TraceNode) => TraceNode | undefined,
): ReadonlySet<TraceNode> {
  const cyclic = new Set<TraceNode>();
  const walkOf = new Map<TraceNode, TraceNode>();
  for (const first of nodes) {
    let node: TraceNode | undefined = first;
    while (node !== undefined && !walkOf.has(node)) {
      walkOf.set(node, first);
      node = parentOf(node);
    }
    // Back on this very walk: the way from here to here is a cycle.
    if (node === undefined || walkOf.get(node) !== first) continue;
    while (node !== undefined && !cyclic.has(node)) {
      cyclic.add(node);
      node = parentOf(node);
    }
  }
  return cyclic;
}
