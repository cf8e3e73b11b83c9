import { describe, expect, it } from 'vitest';
import { CountsDue } from './counts-due.ts';
import type { WorkerCounts } from './worker-messages.ts';

function told(
  fields: Partial<WorkerCounts> = {},
  counts: Partial<WorkerCounts['counts']> = {},
): WorkerCounts[] {
  const none = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };
  return [{ id: 's', disarmed: false, pending: 0, ...fields, counts: { ...none, ...counts } }];
}

describe('CountsDue', () => {
  it('tells of numbers that go up twice a second, and of those that do not never', () => {
    const due = new CountsDue();
    const moments = Array.from({ length: 26 }, (_, index) => index * 80);
    const toldAt = moments.filter((nowMs) => due.isDue(told({}, { seen: nowMs, matched: nowMs }), nowMs));
    expect(toldAt).toEqual([0, 560, 1_120, 1_680]);
    const still = moments.filter((nowMs) =>
      due.isDue(told({}, { seen: 1_680, matched: 1_680 }), 2_000 + nowMs),
    );
    expect(still).toEqual([]);
  });

  it.each([
    ['a trace under way', told({ pending: 1 })],
    ['a loss', told({}, { dropped: { queue_full: 1 } })],
    ['an end', told({ disarmed: true })],
    ['another session', [...told(), ...told({ id: 't' })]],
  ])('tells of %s at once', (_, news) => {
    const due = new CountsDue();
    expect([due.isDue(told(), 0), due.isDue(told({}, { seen: 1 }), 1), due.isDue(news, 2)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('tells at the end what is new, and only that', () => {
    const due = new CountsDue();
    due.isDue(told(), 0);
    const last = [due.isDue(told({}, { seen: 1 }), 1, true), due.isDue(told({}, { seen: 1 }), 2, true)];
    expect(last).toEqual([true, false]);
  });

  it('has nothing to tell without sessions, and everything when one comes again', () => {
    const due = new CountsDue();
    expect([due.isDue(told(), 0), due.isDue([], 1), due.isDue(told(), 2)]).toEqual([true, false, true]);
  });
});
