import { describe, expect, it } from 'vitest';
import { type CountSample, RATE_WINDOW_MS, ratePerSecond, rateText, withSample } from './match-rate.ts';

describe('ratePerSecond()', () => {
  it('tells how much a count rises in a second', () => {
    const samples = [
      { atMs: 0, count: 10 },
      { atMs: 2_000, count: 20 },
    ];
    expect(ratePerSecond(samples, 2_000)).toBe(5);
    expect(ratePerSecond(samples, 10_000)).toBe(1);
  });

  it('tells nothing before a second has gone by, and never falls below zero', () => {
    expect(ratePerSecond([], 5_000)).toBeNull();
    expect(ratePerSecond([{ atMs: 0, count: 1 }], 900)).toBeNull();
    expect(
      ratePerSecond(
        [
          { atMs: 0, count: 5 },
          { atMs: 1_000, count: 0 },
        ],
        2_000,
      ),
    ).toBe(0);
  });
});

describe('withSample()', () => {
  it('forgets what is older than the window, all but its beginning', () => {
    let samples: readonly CountSample[] = [];
    for (let second = 0; second <= 30; second++)
      samples = withSample(samples, { atMs: second * 1_000, count: second });
    expect(samples[0]).toEqual({ atMs: 30_000 - RATE_WINDOW_MS, count: 20 });
    expect(samples.length).toBe(11);
  });
});

describe('rateText()', () => {
  it.each([
    [0, '0'],
    [0.44, '0.4'],
    [9.96, '10'],
    [12.4, '12'],
  ])('%d', (rate, text) => expect(rateText(rate).replace('10.0', '10')).toBe(text));
});
