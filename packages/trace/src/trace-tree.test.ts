import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from './span.ts';
import { renderTree, type TraceNode, traceTree } from './trace-tree.ts';

function span(id: string, parent: string | null, start: number, fields: Partial<Span> = {}): Span {
  return {
    span_id: id,
    parent_span_id: parent,
    name: id,
    kind: 'INTERNAL',
    start_unix_nano: (1_700_000_000_000_000_000n + BigInt(start)).toString(),
    end_unix_nano: (1_700_000_000_000_000_000n + BigInt(start + 1)).toString(),
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
    ...fields,
  };
}

function flatten(forest: readonly TraceNode[]): TraceNode[] {
  const all = [...forest];
  for (const node of all) all.push(...node.children);
  return all;
}

describe('traceTree()', () => {
  it('puts spans below their parents, in the order they began, whatever order they came in', () => {
    const spans = [
      span('kong.phase.access', 'kong', 30),
      span('kong.access.plugin.key-auth', 'kong.phase.access', 31),
      span('kong.read_client_http_headers', 'kong', 0),
      span('kong', null, 0),
      span('kong.router', 'kong', 20),
    ];
    expect(renderTree(spans)).toBe(
      [
        'kong',
        '  kong.read_client_http_headers',
        '  kong.router',
        '  kong.phase.access',
        '    kong.access.plugin.key-auth',
      ].join('\n'),
    );
  });

  it('compares times as numbers, not as text, and beyond 2^53', () => {
    const spans = [
      span('third', null, 0, { start_unix_nano: '9007199254740995' }),
      span('first', null, 0, { start_unix_nano: '999' }),
      span('second', null, 0, { start_unix_nano: '9007199254740993' }),
    ];
    expect(renderTree(spans)).toBe('first\nsecond\nthird');
  });

  it('makes a root of a span whose parent is elsewhere', () => {
    expect(renderTree([span('kong', 'remote', 0), span('kong.router', 'kong', 1)])).toBe(
      'kong\n  kong.router',
    );
  });

  it('makes roots of spans that are their own ancestors, and of no others', () => {
    const spans = [
      span('self', 'self', 0),
      span('a', 'b', 1),
      span('b', 'c', 2),
      span('c', 'a', 3),
      span('below', 'b', 4),
    ];
    expect(renderTree(spans)).toBe('self\na\nb\n  below\nc');
  });

  it('keeps spans that share an id, the children below the first', () => {
    const spans = [
      span('twin', null, 0),
      span('twin', null, 1, { name: 'second' }),
      span('child', 'twin', 2),
    ];
    expect(renderTree(spans)).toBe('twin\n  child\nsecond');
  });

  it('has every span exactly once, below its parent or as a root', () => {
    const id = fc.constantFrom(...'abcdefgh');
    const anySpan = fc
      .tuple(id, fc.option(id), fc.nat(20))
      .map(([name, parent, start]) => span(name, parent, start));
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 16 }), (spans) => {
        const forest = traceTree(spans);
        const nodes = flatten(forest);
        expect(new Set(nodes.map((node) => node.span))).toEqual(new Set(spans));
        expect(nodes.length).toBe(spans.length);
        for (const node of nodes)
          for (const child of node.children) expect(child.span.parent_span_id).toBe(node.span.span_id);
        for (const list of [forest, ...nodes.map((node) => node.children)]) {
          const starts = list.map((node) => BigInt(node.span.start_unix_nano));
          expect(starts).toEqual(starts.toSorted((a, b) => Number(a - b)));
        }
      }),
    );
  });

  it('takes a chain of 100,000 spans, and one that bites its tail', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) =>
      span(String(index), index === 0 ? null : String(index - 1), index),
    );
    const ring = [span('0', '99999', 0), ...chain.slice(1)];
    const started = performance.now();
    expect(traceTree(chain).length).toBe(1);
    expect(traceTree(ring).length).toBe(100_000);
    // Walking to the root from every span takes minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('renderTree()', () => {
  it('adds what it is told to, and errors', () => {
    const spans = [
      span('kong', null, 0, { kind: 'SERVER' }),
      span('kong.dns', 'kong', 1, { status: { code: 'ERROR', message: 'no such name' } }),
    ];
    expect(renderTree(spans, ({ kind }) => (kind === 'SERVER' ? '[server]' : ''))).toBe(
      'kong [server]\n  kong.dns !no such name',
    );
  });
});
