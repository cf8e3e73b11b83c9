import type { ReportSessionsParams } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NUMBERS_MS, SessionReports, URGENT_MS } from './session-reports.ts';
import type { WorkerCounts } from './worker-messages.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const worker = {};

function counted(seen: number, disarmed = false): WorkerCounts[] {
  return [
    {
      id: 's',
      counts: { seen, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} },
      disarmed,
      pending: 0,
    },
  ];
}

/** Reports that go to a control plane which answers as the test says, and when each came. */
function reporting(answer: (count: number) => Promise<void> = async () => undefined) {
  const sent: { atMs: number; seen: number; disarmed: boolean }[] = [];
  const beganMs = performance.now();
  const state = { isArmed: true, isConnected: true };
  const send = (sessions: ReportSessionsParams['sessions']) => {
    for (const { counts, disarmed } of sessions)
      sent.push({ atMs: Math.round(performance.now() - beganMs), seen: counts.seen, disarmed });
    return answer(sent.length);
  };
  const reports = new SessionReports({
    isArmed: () => state.isArmed,
    connection: () => (state.isConnected ? send : null),
  });
  return { reports, sent, state };
}

describe('SessionReports', () => {
  it('tell of numbers that go up all the time twice a second, the first of them at once', async () => {
    const { reports, sent } = reporting();
    for (let seen = 1; seen <= 250; seen++) {
      reports.note(worker, counted(seen));
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3, 4].map((nth) => URGENT_MS + nth * NUMBERS_MS));
    await vi.advanceTimersByTimeAsync(NUMBERS_MS);
    expect(sent.at(-1)!.seen).toBe(250);
    const { length } = sent;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(length);
  });

  it('tell of the end of a session at once, however little time has gone by since the last report', async () => {
    const { reports, sent, state } = reporting();
    reports.note(worker, counted(1));
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    reports.note(worker, counted(2));
    state.isArmed = false;
    reports.note(worker, counted(3, true));
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    expect(sent).toEqual([
      { atMs: URGENT_MS, seen: 1, disarmed: false },
      { atMs: 2 * URGENT_MS, seen: 3, disarmed: true },
    ]);
  });

  it('tell again what did not arrive', async () => {
    const { reports, sent } = reporting((count) =>
      count < 3 ? Promise.reject(new Error('lost')) : Promise.resolve(),
    );
    reports.note(worker, counted(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map(({ atMs, seen }) => [atMs, seen])).toEqual([1, 2, 3].map((nth) => [nth * URGENT_MS, 1]));
  });

  it('wait for the answer to a report before the next, which then follows', async () => {
    let take = () => {};
    const { reports, sent } = reporting(() => new Promise((resolve) => (take = resolve)));
    reports.note(worker, counted(1));
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    reports.forget(worker);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(1);
    take();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    expect(sent).toHaveLength(2);
  });

  it('say nothing without a connection, and everything once there is one, the last word at the end', async () => {
    const { reports, sent, state } = reporting();
    state.isConnected = false;
    reports.note(worker, counted(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([]);
    state.isConnected = true;
    reports.tellAll();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    reports.note(worker, counted(2));
    await reports.stop();
    reports.note(worker, counted(3));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map(({ seen }) => seen)).toEqual([1, 2]);
  });
});
