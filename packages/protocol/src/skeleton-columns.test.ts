import type { Span } from '@gatescope/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeBlock, inStartOrder, skeletonOf } from './skeleton-columns.ts';
import type { TraceSummary } from './trace-summary.ts';

const SUMMARY = {} as TraceSummary;

function span(
  id: string,
  parent: string | null,
  start: number,
  end: number,
  fields: Partial<Span> = {},
): Span {
  return {
    span_id: id,
    parent_span_id: parent,
    name: `name of ${id}`,
    kind: 'INTERNAL',
    start_unix_nano: `${1_800_000_000_000_000_000n + BigInt(start)}`,
    end_unix_nano: `${1_800_000_000_000_000_000n + BigInt(end)}`,
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
    ...fields,
  };
}

describe('inStartOrder()', () => {
  it('puts parents before the children that start with them', () => {
    const spans = [
      span('leaf', 'child', 0, 1),
      span('late', 'root', 5, 6),
      span('child', 'root', 0, 5),
      span('root', null, 0, 10),
    ];
    expect(inStartOrder(spans).map(({ span_id }) => span_id)).toEqual(['root', 'child', 'leaf', 'late']);
  });

  it('keeps every span, in the order of their starts', () => {
    const some = fc.array(fc.tuple(fc.nat(20), fc.nat(20)));
    fc.assert(
      fc.property(some, (times) => {
        const spans = times.map(([start, length], index) => span(`${index}`, null, start, start + length));
        const ordered = inStartOrder(spans);
        expect(new Set(ordered)).toEqual(new Set(spans));
        expect(ordered.map(({ start_unix_nano }) => start_unix_nano)).toEqual(
          spans.map(({ start_unix_nano }) => start_unix_nano).sort(),
        );
      }),
    );
  });
});

describe('skeletonOf()', () => {
  it('tells names once, and parents by row', () => {
    const spans = [
      span('root', 'remote', 0, 100, { name: 'kong' }),
      span('a', 'root', 10, 20, { name: 'kong.io.redis.get', status: { code: 'ERROR', message: 'no' } }),
      span('b', 'a', 15, 20, { name: 'kong.io.redis.get', status: { code: 'OK', message: '' } }),
    ];
    expect(skeletonOf(SUMMARY, spans)).toEqual({
      summary: SUMMARY,
      origin_unix_nano: '1800000000000000000',
      span_count: 3,
      names: ['kong', 'kong.io.redis.get'],
      name: [0, 1, 1],
      span_id: ['root', 'a', 'b'],
      parent: [-2, 0, 1],
      start_ns: [0, 10, 15],
      duration_ns: [100, 10, 5],
      status: [0, 2, 1],
    });
  });

  it('stands what can not be: a span that is its own parent, one that ends before it starts, none at all', () => {
    expect(skeletonOf(SUMMARY, [span('a', 'a', 10, 5)])).toMatchObject({ parent: [-2], duration_ns: [0] });
    expect(skeletonOf(SUMMARY, [])).toMatchObject({ origin_unix_nano: '0', span_count: 0, names: [] });
  });
});

describe('attributeBlock()', () => {
  it('holds what the columns leave out', () => {
    const event = { name: 'e', time_unix_nano: '1', attributes: { a: [1, 'b'] } };
    const spans = [
      span('a', null, 0, 1),
      span('b', 'a', 0, 1, {
        kind: 'CLIENT',
        attributes: { x: true },
        events: [event],
        status: { code: 'ERROR', message: 'no' },
      }),
    ];
    expect(attributeBlock(spans, 1, 5)).toEqual({
      from: 1,
      spans: [
        { span_id: 'b', kind: 'CLIENT', status_message: 'no', attributes: { x: true }, events: [event] },
      ],
    });
    expect(attributeBlock(spans, 2, 5)).toEqual({ from: 2, spans: [] });
  });
});
