import { describe, expect, it } from 'vitest';
import { SessionCounters } from './session-counters.ts';

const counts = (traces: number, dropped: Record<string, number> = {}) => ({
  ...{ seen: 10, matched: 5, traces, spans: traces * 9, logs: 0 },
  dropped,
});
const told = (id: string, traces: number, pending = 0, dropped: Record<string, number> = {}) => [
  { id, counts: counts(traces, dropped), disarmed: false, pending },
];
const [one, other] = [{}, {}];

describe('SessionCounters', () => {
  it('adds up what the workers count, and tells what has changed once', () => {
    const counters = new SessionCounters();
    counters.note(one, told('s', 1, 0, { rate: 1 }));
    counters.note(other, told('s', 2, 0, { rate: 2, queue_full: 3 }));
    expect(counters.take(() => true)).toEqual([
      {
        id: 's',
        counts: {
          ...{ seen: 20, matched: 10, traces: 3, spans: 27, logs: 0 },
          dropped: { rate: 3, queue_full: 3 },
        },
        disarmed: false,
      },
    ]);
    expect(counters.take(() => true)).toEqual([]);
  });

  it('keeps what a worker counted that has ended, and counts what it had not sent as lost', () => {
    const counters = new SessionCounters();
    counters.note(one, told('s', 4, 3, { worker_ended: 1 }));
    counters.forget(one);
    expect(counters.take(() => false)).toEqual([
      { id: 's', counts: counts(4, { worker_ended: 4 }), disarmed: true },
    ]);
  });

  it('counts so too what such a worker told last and what comes after its end', () => {
    const counters = new SessionCounters();
    counters.note(one, told('s', 1, 1));
    counters.forget(one);
    counters.note(one, told('s', 2, 2));
    expect(counters.take(() => false)).toEqual([
      { id: 's', counts: counts(2, { worker_ended: 2 }), disarmed: true },
    ]);
  });

  it('forgets a session that the control plane has settled', () => {
    const counters = new SessionCounters();
    counters.note(one, told('s', 1));
    counters.settled(['s']);
    counters.retry(['s']);
    counters.markAll();
    expect([counters.take(() => false), counters.hasChanges]).toEqual([[], false]);
  });
});
