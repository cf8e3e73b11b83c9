import { describe, expect, it } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

describe('BoundedQueue', () => {
  it('gives items back in the order they came', () => {
    const queue = new BoundedQueue<string>(100);
    for (const item of ['a', 'b', 'c']) queue.push(item, 1);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', 'c', undefined]);
  });

  it('refuses and counts what exceeds the bound, and takes items again once there is room', () => {
    const queue = new BoundedQueue<string>(10);
    expect([queue.push('a', 6), queue.push('b', 5), queue.push('c', 4)]).toEqual([true, false, true]);
    expect({ length: queue.length, weight: queue.weight, dropped: queue.dropped }).toEqual({
      length: 2,
      weight: 10,
      dropped: 1,
    });
    queue.shift();
    expect(queue.push('d', 6)).toBe(true);
  });

  it('keeps order over many rounds of filling and draining', () => {
    const queue = new BoundedQueue<number>(1_000);
    const seen: number[] = [];
    for (let next = 0; next < 1_000; next++) {
      queue.push(next, 1);
      if (next % 3 === 2) seen.push(queue.shift()!, queue.shift()!);
    }
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) seen.push(item);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });
});
