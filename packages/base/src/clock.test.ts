import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';

describe('ManualClock', () => {
  it('stands still until it is turned, and then both ways of reading it agree', () => {
    const clock = new ManualClock(1_000, 5);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_000, 5]);
    clock.advance(2.5);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_002.5, 7.5]);
  });

  it('lets the wall clock be set without monotonic time going back', () => {
    const clock = new ManualClock(1_000, 5);
    clock.setWall(10);
    clock.advance(1);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([11, 6]);
  });
});

describe('systemClock', () => {
  it('reads wall time, and monotonic time that never goes back', () => {
    const before = Date.now();
    const wall = systemClock.wallMs();
    expect(wall).toBeGreaterThanOrEqual(before);
    expect(wall).toBeLessThanOrEqual(Date.now());
    const readings = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });
});
