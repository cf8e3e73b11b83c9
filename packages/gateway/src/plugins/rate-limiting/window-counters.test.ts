import { describe, expect, it } from 'vitest';
import { PERIODS, WindowCounters } from './window-counters.ts';

const [SECOND, MINUTE] = PERIODS as [(typeof PERIODS)[number], (typeof PERIODS)[number]];

describe('WindowCounters', () => {
  it('counts callers apart, and periods apart', () => {
    const counters = new WindowCounters();
    counters.add('a', SECOND, 10_000);
    counters.add('a', SECOND, 10_500);
    counters.add('a', MINUTE, 10_500);
    counters.add('b', SECOND, 10_999);
    expect([
      counters.used('a', SECOND, 10_999),
      counters.used('a', MINUTE, 10_999),
      counters.used('b', SECOND, 10_999),
      counters.used('c', SECOND, 10_999),
    ]).toEqual([2, 1, 1, 0]);
  });

  it('begins anew with each window, at multiples of its length', () => {
    const counters = new WindowCounters();
    counters.add('a', SECOND, 10_999);
    counters.add('a', MINUTE, 10_999);
    expect([counters.used('a', SECOND, 11_000), counters.used('a', MINUTE, 11_000)]).toEqual([0, 1]);
    expect([counters.windowStart(SECOND, 10_999), counters.windowStart(MINUTE, 59_999)]).toEqual([10_000, 0]);
  });

  it('remembers no more than 100,000 callers', () => {
    const counters = new WindowCounters();
    for (let caller = 0; caller < 100_000; caller++) counters.add(`caller ${caller}`, MINUTE, 0);
    expect([counters.used('caller 0', MINUTE, 0), counters.used('caller 99999', MINUTE, 0)]).toEqual([1, 1]);
    counters.add('one more', MINUTE, 0);
    expect([counters.used('caller 0', MINUTE, 0), counters.used('one more', MINUTE, 0)]).toEqual([0, 1]);
  });
});
