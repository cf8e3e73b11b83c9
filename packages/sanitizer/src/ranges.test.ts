import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from './ranges.ts';

function listed(ranges: Ranges): [number, number][] {
  return Array.from({ length: ranges.length }, (_, index) => [ranges.start(index), ranges.end(index)]);
}

test('Ranges keeps what is added until its length is made less', () => {
  const ranges = new Ranges();
  const added = Array.from({ length: 100 }, (_, at): [number, number] => [at * 3, at * 3 + 2]);
  for (const [start, end] of added) ranges.push(start, end);
  expect(listed(ranges)).toEqual(added);
  ranges.length = 2;
  expect(listed(ranges)).toEqual(added.slice(0, 2));
});

test('Ranges.unite() makes one of those that overlap, but not of those side by side nor of earlier ones', () => {
  const ranges = new Ranges();
  ranges.push(0, 9);
  ranges.unite(5, 10, 1);
  ranges.unite(10, 12, 1);
  ranges.unite(13, 15, 1);
  ranges.unite(11, 14, 1);
  expect(listed(ranges)).toEqual([
    [0, 9],
    [5, 10],
    [10, 15],
  ]);
  ranges.unite(7, 20, 1);
  expect(listed(ranges)).toEqual([
    [0, 9],
    [5, 20],
  ]);
});

test('Ranges.unite() covers the same in the order of starts as in the order of ends', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 19 }))), (sizes) => {
      const added = sizes.map(([start, length]): [number, number] => [start, start + length]);
      const [byStart, byEnd] = [0, 1].map((bound) => {
        const ranges = new Ranges();
        for (const [start, end] of added.toSorted((one, other) => one[bound]! - other[bound]!))
          ranges.unite(start, end, 0);
        return listed(ranges);
      });
      expect(byStart).toEqual(byEnd);
    }),
  );
});
