import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
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

  it('never takes an item heavier than its bound, however empty it is, and one that just fits', () => {
    const queue = new BoundedQueue<string>(10);
    expect([queue.push('a', 11), queue.push('b', 10), queue.push('c', 0), queue.push('d', 1)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.weight, queue.dropped]).toEqual([
      'b',
      'c',
      undefined,
      0,
      2,
    ]);
  });

  it('does what a list would, whatever is pushed and taken', () => {
    const weight = fc.nat(5);
    fc.assert(
      fc.property(fc.array(fc.option(weight), { maxLength: 600, size: 'max' }), (steps) => {
        const queue = new BoundedQueue<number>(200);
        const list: { item: number; weight: number }[] = [];
        let dropped = 0;
        for (const [item, step] of steps.entries()) {
          if (step === null) expect(queue.shift()).toBe(list.shift()?.item);
          else {
            const fits = list.reduce((sum, one) => sum + one.weight, step) <= 200;
            if (fits) list.push({ item, weight: step });
            else dropped++;
            expect(queue.push(item, step)).toBe(fits);
          }
        }
        expect([queue.length, queue.weight, queue.dropped]).toEqual([
          list.length,
          list.reduce((sum, one) => sum + one.weight, 0),
          dropped,
        ]);
      }),
    );
  });

  it('lets go of what was taken from it: what it holds is bounded, not what passed through', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const queue = new BoundedQueue<object>(100);
    const taken: WeakRef<object>[] = [];
    for (let count = 0; count < 40; count++) queue.push({ count }, 1);
    for (let count = 0; count < 20; count++) taken.push(new WeakRef(queue.shift()!));
    // A WeakRef holds on to its target until the turn of the event loop is over.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(taken.filter((one) => one.deref() !== undefined).length).toBe(0);
    expect(queue.length).toBe(20);
  });
});
