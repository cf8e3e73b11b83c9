import type { ReportSessionsParams } from '@gatescope/protocol';
import { SessionCounters } from './session-counters.ts';
import type { WorkerCounts } from './worker-messages.ts';

/** What decides something, the end of a session on this node above all, is told after so many milliseconds, with what comes meanwhile. */
export const URGENT_MS = 80;
/** Numbers that have gone up are told at most this often, milliseconds; the first of them after a pause at once. */
export const NUMBERS_MS = 500;

export interface SessionReportsOptions {
  /** Whether a session should be armed on this node at the moment. */
  readonly isArmed: (session: string) => boolean;
  /** Takes a report to the control plane and resolves once it has it; null while there is no connection. */
  readonly connection: () => ((sessions: ReportSessionsParams['sessions']) => Promise<void>) | null;
}

/** Tells the control plane what the workers count for sessions: what has changed, when it is wanted there, and again what did not arrive. */
export class SessionReports {
  readonly #options: SessionReportsOptions;
  readonly #counters = new SessionCounters();
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isSending = false;
  /** Something was due while a report was on its way. */
  #isOverdue = false;
  #isStopped = false;

  constructor(options: SessionReportsOptions) {
    this.#options = options;
  }

  /** A worker counted something. */
  note(worker: object, counts: readonly WorkerCounts[]): void {
    this.#counters.note(worker, counts);
    this.#schedule(counts.some(({ disarmed }) => disarmed));
  }

  /** A worker ended. */
  forget(worker: object): void {
    this.#counters.forget(worker);
    this.#schedule(true);
  }

  /** There is a connection again, and nobody knows what arrived before. */
  tellAll(): void {
    this.#counters.markAll();
    this.#schedule(true);
  }

  /** Sessions were armed, or are not wanted any more. */
  onSync(): void {
    this.#schedule(true);
  }

  /** Tells what is left, and nothing later. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#send();
  }

  #schedule(isUrgent: boolean): void {
    if (this.#isStopped) return;
    const nowMs = performance.now();
    const soonMs = nowMs + URGENT_MS;
    const dueMs = isUrgent ? soonMs : Math.max(soonMs, this.#lastMs + NUMBERS_MS);
    if (dueMs >= this.#dueMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueMs = Number.POSITIVE_INFINITY;
      void this.#send();
    }, dueMs - nowMs);
  }

  async #send(): Promise<void> {
    const send = this.#options.connection();
    if (send === null || !this.#counters.hasChanges) return;
    if (this.#isSending) {
      this.#isOverdue = true;
      return;
    }
    const sessions = this.#counters.take(this.#options.isArmed);
    this.#isSending = true;
    this.#lastMs = performance.now();
    try {
      await send(sessions);
      this.#counters.settled(sessions.filter((one) => one.disarmed).map((one) => one.id));
    } catch {
      this.#counters.retry(sessions.map((one) => one.id));
      this.#isOverdue = true;
    } finally {
      this.#isSending = false;
      if (this.#isOverdue && this.#counters.hasChanges) this.#schedule(true);
      this.#isOverdue = false;
    }
  }
}
