import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlined, DeadlineSweep, SWEEP_INTERVAL_MS } from './sweep.ts';

const SECOND_MS = 1_000;

class Item extends Deadlined {
  readonly dueMs: number[] = [];
  /** What it is given when it is due. */
  next = Number.POSITIVE_INFINITY;

  onDeadline(nowMs: number): void {
    this.dueMs.push(nowMs);
    this.deadlineMs = this.next;
  }
}

describe('DeadlineSweep', () => {
  let sweep: DeadlineSweep;
  let startMs: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    sweep = new DeadlineSweep();
    startMs = performance.now();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const watched = (inMs: number): Item => {
    const item = new Item();
    item.deadlineMs = startMs + inMs;
    sweep.add(item);
    return item;
  };
  /** When the next timer fires, milliseconds from the start; null: there is none. */
  const nextTimer = (): number | null => {
    if (vi.getTimerCount() === 0) return null;
    vi.advanceTimersToNextTimer();
    return performance.now() - startMs;
  };

  it('wakes when the first deadline is due, and not before', () => {
    const late = watched(60 * SECOND_MS);
    const early = watched(20 * SECOND_MS);
    expect(vi.getTimerCount()).toBe(1);
    expect(nextTimer()).toBe(20 * SECOND_MS);
    expect(early.dueMs).toEqual([startMs + 20 * SECOND_MS]);
    expect(late.dueMs).toEqual([]);
    expect(nextTimer()).toBe(60 * SECOND_MS);
    expect(late.dueMs).toEqual([startMs + 60 * SECOND_MS]);
    expect(nextTimer()).toBeNull();
  });

  it('notices a deadline that is moved nearer', () => {
    const item = watched(60 * SECOND_MS);
    item.deadlineMs = startMs + SECOND_MS;
    expect(nextTimer()).toBe(SECOND_MS);
    expect(item.dueMs).toEqual([startMs + SECOND_MS]);
  });

  it('leaves alone what was moved further away or needs none any more', () => {
    const moved = watched(SECOND_MS);
    const cleared = watched(SECOND_MS);
    moved.deadlineMs = startMs + 3 * SECOND_MS;
    cleared.deadlineMs = Number.POSITIVE_INFINITY;
    expect(nextTimer()).toBe(SECOND_MS);
    expect([moved.dueMs, cleared.dueMs]).toEqual([[], []]);
    expect(nextTimer()).toBe(3 * SECOND_MS);
    expect(moved.dueMs).toHaveLength(1);
    expect(nextTimer()).toBeNull();
  });

  it('looks no more often than once an interval, however many deadlines there are', () => {
    const items = Array.from({ length: 100 }, (_, index) => watched(SECOND_MS + index));
    const looks: number[] = [];
    for (let atMs = nextTimer(); atMs !== null; atMs = nextTimer()) looks.push(atMs);
    expect(looks).toEqual([SECOND_MS, SECOND_MS + SWEEP_INTERVAL_MS, SECOND_MS + 2 * SWEEP_INTERVAL_MS]);
    for (const [index, { dueMs }] of items.entries()) {
      expect(dueMs).toHaveLength(1);
      const lateMs = dueMs[0]! - (startMs + SECOND_MS + index);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThanOrEqual(SWEEP_INTERVAL_MS);
    }
  });

  it('keeps the deadline that an item gives itself, or another, when it is due', () => {
    const other = watched(60 * SECOND_MS);
    const item = new (class extends Item {
      override onDeadline(nowMs: number): void {
        super.onDeadline(nowMs);
        other.deadlineMs = nowMs + 2 * SECOND_MS;
      }
    })();
    item.next = startMs + 5 * SECOND_MS;
    item.deadlineMs = startMs + SECOND_MS;
    sweep.add(item);
    expect(nextTimer()).toBe(SECOND_MS);
    expect(nextTimer()).toBe(3 * SECOND_MS);
    expect(other.dueMs).toEqual([startMs + 3 * SECOND_MS]);
    expect(nextTimer()).toBe(5 * SECOND_MS);
    expect(item.dueMs).toEqual([startMs + SECOND_MS, startMs + 5 * SECOND_MS]);
  });

  it('waits longer than one timer can', () => {
    const days = 40 * 24 * 3_600 * SECOND_MS;
    const item = watched(days);
    while (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
    expect(item.dueMs).toEqual([startMs + days]);
  });

  it('has no timer when nothing is watched, and heeds no deadline of what it has let go', () => {
    const item = watched(SECOND_MS);
    sweep.delete(item);
    expect([sweep.size, vi.getTimerCount()]).toEqual([0, 0]);
    item.deadlineMs = startMs + 1;
    expect(vi.getTimerCount()).toBe(0);
    sweep.add(new Item());
    expect([sweep.size, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
