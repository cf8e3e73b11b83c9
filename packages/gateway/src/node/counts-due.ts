import type { WorkerCounts } from './worker-messages.ts';

/** Numbers that tell of no trace under way, no loss and no end are told this often, milliseconds. */
const NUMBERS_MS = 500;

/** Decides whether a worker's counts are news to the primary. */
export class CountsDue {
  #told = '';
  #toldState = '';
  #toldMs = Number.NEGATIVE_INFINITY;

  /** Whether to tell these now. What would be lost with the worker, was lost, or has ended is told at once, `isLast` whatever is new. */
  isDue(sessions: readonly WorkerCounts[], nowMs: number, isLast = false): boolean {
    if (sessions.length === 0) {
      this.#told = '';
      this.#toldState = '';
      return false;
    }
    const state = stateOf(sessions);
    if (state === this.#toldState && !isLast && nowMs - this.#toldMs < NUMBERS_MS) return false;
    const text = JSON.stringify(sessions);
    if (text === this.#told) return false;
    this.#told = text;
    this.#toldState = state;
    this.#toldMs = nowMs;
    return true;
  }
}

/** All but what goes up with the traffic alone. */
function stateOf(sessions: readonly WorkerCounts[]): string {
  let state = '';
  for (const { id, disarmed, pending, counts } of sessions) {
    state += `${id} ${disarmed} ${pending}`;
    for (const reason in counts.dropped) state += ` ${reason} ${counts.dropped[reason]}`;
    state += ';';
  }
  return state;
}
