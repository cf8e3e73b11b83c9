import type { Session } from '@gatescope/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvents, isRunning, mergeTraces, NO_SESSION, secondsLeft, stateText } from './live-session.ts';
import { sampleSummary } from './testing/sample-trace.ts';

const session = {
  id: 's1',
  state: 'active',
  end_reason: null,
  ends_at: '2026-01-31T09:35:00Z',
} as unknown as Session;
const at = (second: number, id: string) =>
  sampleSummary({ id, started_at: `2026-01-31T09:30:${String(second).padStart(2, '0')}.000000Z` });

describe('applyEvents()', () => {
  it('keeps the session as it was told last, and traces newest first', () => {
    const ended = { ...session, state: 'ended', end_reason: 'stopped' } as Session;
    const live = applyEvents(NO_SESSION, [
      { event: 'session', data: session },
      { event: 'trace', data: at(1, 'a') },
      { event: 'node', data: {} as never },
      { event: 'trace', data: at(3, 'c') },
      { event: 'trace', data: at(2, 'b') },
      { event: 'end', data: ended },
    ]);
    expect(live.session).toBe(ended);
    expect(live.traces.map((trace) => trace.id)).toEqual(['c', 'b', 'a']);
  });

  it('changes nothing where it is told twice', () => {
    const events = [{ event: 'trace', data: at(1, 'a') } as const];
    const once = applyEvents(NO_SESSION, events);
    expect(applyEvents(once, events).traces).toEqual(once.traces);
    expect(applyEvents(once, []).traces).toBe(once.traces);
  });
});

describe('mergeTraces()', () => {
  it('takes the later telling of a trace', () => {
    const later = { ...at(1, 'a'), span_count: 9 };
    expect(mergeTraces([at(1, 'a')], [later])).toEqual([later]);
  });

  it('gives the same list whatever the pieces and their order', () => {
    const trace = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(fc.uniqueArray(trace, { selector: ([, id]) => id }), fc.nat(10), (list, cut) => {
        const traces = list.map(([second, id]) => at(second, String(id)));
        const whole = mergeTraces([], traces);
        expect(mergeTraces(mergeTraces([], traces.slice(cut)), traces.slice(0, cut))).toEqual(whole);
        const times = whole.map((one) => one.started_at);
        expect(times).toEqual([...times].sort().reverse());
      }),
    );
  });
});

describe('secondsLeft()', () => {
  it('counts down to zero, while the session runs', () => {
    const now = Date.parse('2026-01-31T09:34:30Z');
    expect(secondsLeft(session, now)).toBe(30);
    expect(secondsLeft(session, now + 60_000)).toBe(0);
    expect(secondsLeft({ ...session, ends_at: null }, now)).toBeNull();
    expect(secondsLeft({ ...session, state: 'ended' }, now)).toBeNull();
  });
});

describe('stateText() and isRunning()', () => {
  it('say how a session ended', () => {
    expect(stateText({ state: 'pending', end_reason: null })).toBe('Waiting for nodes');
    expect(stateText({ state: 'ended', end_reason: 'max_traces' })).toBe('Ended: all traces taken');
    expect(stateText({ state: 'ended', end_reason: null })).toBe('Ended');
    expect(isRunning({ state: 'draining' })).toBe(true);
    expect(isRunning({ state: 'ended' })).toBe(false);
  });
});
