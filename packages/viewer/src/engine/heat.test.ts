import { expect, it } from 'vitest';
import { heatLevel } from './heat.ts';

it('heatLevel() rises by decades of the total, and once more at half of it', () => {
  expect([0, 0.9, 1, 9.9, 10, 99, 100, 499, 500, 2_000].map((ns) => heatLevel(ns, 1_000))).toEqual([
    0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
  ]);
  expect(heatLevel(5, 0)).toBe(0);
});
