import type { Session, SessionEvent, TraceSummary } from '@gatescope/protocol';

/** A session as it is known from the first page of its traces and the events since. */
export interface LiveSession {
  readonly session: Session | null;
  /** Newest first. */
  readonly traces: readonly TraceSummary[];
}

export const NO_SESSION: LiveSession = { session: null, traces: [] };

/** Takes events in the order in which they came; told twice they change nothing. */
export function applyEvents(live: LiveSession, events: readonly SessionEvent[]): LiveSession {
  const arrived: TraceSummary[] = [];
  let { session } = live;
  for (const event of events) {
    if (event.event === 'trace') arrived.push(event.data);
    else if (event.event !== 'node') session = event.data;
  }
  return { session, traces: mergeTraces(live.traces, arrived) };
}

/** Both lists as one: newest first, each trace once, the later telling of it. The same list where nothing is added. */
export function mergeTraces(
  traces: readonly TraceSummary[],
  more: readonly TraceSummary[],
): readonly TraceSummary[] {
  if (more.length === 0) return traces;
  const byId = new Map([...traces, ...more].map((trace) => [trace.id, trace]));
  return [...byId.values()].sort(newestFirst);
}

/** Whether a session can still get traces. */
export function isRunning(session: Pick<Session, 'state'>): boolean {
  return session.state !== 'ended';
}

/** Seconds until a session ends by its duration; null where it has not begun or has ended. */
export function secondsLeft(session: Session, nowMs: number): number | null {
  if (session.state === 'ended' || session.ends_at === null) return null;
  return Math.max(0, (Date.parse(session.ends_at) - nowMs) / 1_000);
}

/** What a state means, in words, with the reason where it has ended. */
export function stateText({ state, end_reason: reason }: Pick<Session, 'state' | 'end_reason'>): string {
  if (state !== 'ended') return STATES[state];
  return reason === null ? 'Ended' : ENDINGS[reason];
}

const STATES = { pending: 'Waiting for nodes', active: 'Active', draining: 'Finishing' } as const;
const ENDINGS = {
  duration: 'Ended: time is up',
  max_traces: 'Ended: all traces taken',
  stopped: 'Ended: stopped',
  failed: 'Failed: no node could trace',
} as const;

function newestFirst(a: TraceSummary, b: TraceSummary): number {
  if (a.started_at !== b.started_at) return a.started_at < b.started_at ? 1 : -1;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
