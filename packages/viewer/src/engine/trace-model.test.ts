import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSkeleton, sampleTrace } from './testing/sample-trace.ts';
import { childrenOf, descendantsOf, endOf, nameOf, traceModel } from './trace-model.ts';

describe('traceModel()', () => {
  it('numbers the tree in preorder, with depths and the end of every subtree', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.phase.access 10+50
          kong.access.plugin.cors 11+5
          kong.access.plugin.key-auth 20+5
        kong.wait_for_client_read 90+10
    `);
    expect([...model.preorder]).toEqual([0, 1, 2, 3, 4]);
    expect([...model.depth]).toEqual([0, 1, 2, 2, 1]);
    expect([...model.subtreeEnd]).toEqual([5, 4, 3, 4, 5]);
    expect([...model.childCount]).toEqual([2, 2, 0, 0, 0]);
    expect(model.root).toBe(0);
    expect(model.endNs).toBe(100_000);
    expect(childrenOf(model, 0).map((row) => nameOf(model, row))).toEqual([
      'kong.phase.access',
      'kong.wait_for_client_read',
    ]);
    expect([...descendantsOf(model, 1)]).toEqual([2, 3]);
  });

  it('ends where the last span ends, also after the root', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.phase.log 100+40
    `);
    expect(model.endNs).toBe(140_000);
    expect(endOf(model, 1)).toBe(140_000);
  });

  it('is empty for a trace without spans', () => {
    const model = sampleTrace('');
    expect({ count: model.count, root: model.root, endNs: model.endNs }).toEqual({
      count: 0,
      root: -1,
      endNs: 0,
    });
  });

  it('makes a root of a span whose parent is missing', () => {
    const skeleton = sampleSkeleton('kong 0+1\nkong.dns 0+1');
    const model = traceModel({ ...skeleton, parent: [-1, -2] });
    expect([...model.parent]).toEqual([-1, -1]);
    expect([...model.preorder]).toEqual([0, 1]);
  });

  it('cuts a circle of parents at its earliest span', () => {
    const skeleton = sampleSkeleton('kong 0+1\na 0+1\nb 0+1\nc 0+1');
    const model = traceModel({ ...skeleton, parent: [-1, 3, 1, 2] });
    expect([...model.parent]).toEqual([-1, -1, 1, 2]);
    expect([...model.preorder]).toEqual([0, 1, 2, 3]);
    expect([...model.childCount]).toEqual([0, 1, 1, 0]);
  });

  it('bears a trace as deep as it is long', () => {
    const count = 70_000;
    const column = Array.from({ length: count }, () => 0);
    const skeleton = {
      ...sampleSkeleton('kong 0+1'),
      span_count: count,
      span_id: column.map(String),
      name: column,
      parent: column.map((_, row) => row - 1),
      start_ns: column,
      duration_ns: column,
      status: column,
    };
    const model = traceModel(skeleton);
    expect(model.subtreeEnd[0]).toBe(count);
    expect(model.depth[count - 1]).toBe(65_535);
  });

  it('puts every row at one position, whatever the parents', () => {
    const parents = fc.array(fc.integer({ min: -2, max: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(parents, (parent) => {
        const zeros = parent.map(() => 0);
        const skeleton = {
          ...sampleSkeleton('kong 0+1'),
          span_count: parent.length,
          span_id: zeros.map(String),
          name: zeros,
          parent,
          start_ns: zeros,
          duration_ns: zeros,
          status: zeros,
        };
        const model = traceModel(skeleton);
        expect([...model.preorder].sort((a, b) => a - b)).toEqual(parent.map((_, row) => row));
        for (let row = 0; row < parent.length; row++) {
          const above = model.parent[row]!;
          expect(childrenOf(model, row)).toHaveLength(model.childCount[row]!);
          if (above >= 0) {
            expect(model.position[above]).toBeLessThan(model.position[row]!);
            expect(model.depth[row]).toBe(model.depth[above]! + 1);
          }
        }
      }),
    );
  });
});
