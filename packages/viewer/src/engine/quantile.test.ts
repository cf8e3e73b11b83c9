import { expect, it } from 'vitest';
import { quantile } from './quantile.ts';

it('quantile() lies between neighbours in proportion', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([10, 20, 30], 0.5)).toBe(20);
  expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5);
  expect([quantile([7], 0.99), quantile([1, 2], -1), quantile([1, 2], 2)]).toEqual([7, 1, 2]);
  expect(quantile([], 0.5)).toBeNaN();
});
