import { describe, expect, it } from 'vitest';
import { SLICE_MS, Slices } from './slices.ts';

describe('Slices', () => {
  it('are over after their time, and begin anew', async () => {
    let now = 0;
    const slices = new Slices(() => now);
    const told = [slices.isOver];
    now = SLICE_MS - 1;
    told.push(slices.isOver);
    now = SLICE_MS;
    told.push(slices.isOver);
    await slices.next();
    told.push(slices.isOver);
    expect(told).toEqual([false, false, true, false]);
  });

  it('give each turn of the event loop one slice of all the work there is', async () => {
    const order: string[] = [];
    let isOver = false;
    const turn = () => {
      order.push('|');
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const work = async (name: string) => {
      const slices = new Slices();
      for (let slice = 0; slice < 3; slice++) {
        await slices.next();
        order.push(name);
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    isOver = true;
    const perTurn = order.join('').split('|');
    expect(Math.max(...perTurn.map((slices) => slices.length))).toBe(1);
    expect(perTurn.join('')).toBe('abcabcabc');
  });
});
