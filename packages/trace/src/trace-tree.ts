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
  const nodes = new Map<string, TraceNode>();
  const all: TraceNode[] = [];
  for (const span of [...spans].sort(byStart)) {
    const node = { span, children: [] };
    all.push(node);
    if (!nodes.has(span.span_id)) nodes.set(span.span_id, node);
  }
  const roots: TraceNode[] = [];
  for (const node of all) {
    const parent = node.span.parent_span_id === null ? undefined : nodes.get(node.span.parent_span_id);
    if (parent === undefined || isBelow(parent, node, nodes)) roots.push(node);
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

function byStart(a: Span, b: Span): number {
  const difference = BigInt(a.start_unix_nano) - BigInt(b.start_unix_nano);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function isBelow(candidate: TraceNode, ancestor: TraceNode, nodes: ReadonlyMap<string, TraceNode>): boolean {
  let current: TraceNode | undefined = candidate;
  for (let steps = 0; current !== undefined && steps <= nodes.size; steps++) {
    if (current === ancestor) return true;
    const parent: string | null = current.span.parent_span_id;
    current = parent === null ? undefined : nodes.get(parent);
  }
  return current !== undefined;
}
