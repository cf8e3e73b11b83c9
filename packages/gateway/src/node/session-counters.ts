import type { ReportSessionsParams, SessionCounts } from '@gatescope/protocol';
import type { WorkerCounts } from './worker-messages.ts';

/** Adds up what the workers count, so that the node reports one number. What a worker counted stays when it is gone. */
export class SessionCounters {
  readonly #sessions = new Map<string, Map<object, WorkerCounts>>();
  readonly #changed = new Set<string>();
  readonly #gone = new WeakSet<object>();

  note(worker: object, counts: readonly WorkerCounts[]): void {
    for (const one of counts) {
      let byWorker = this.#sessions.get(one.id);
      if (byWorker === undefined) this.#sessions.set(one.id, (byWorker = new Map()));
      byWorker.set(worker, one);
      this.#changed.add(one.id);
    }
    // What it told last may come after its end.
    if (this.#gone.has(worker)) this.forget(worker);
  }

  /** A worker ended: what it had not delivered is lost, and said so. */
  forget(worker: object): void {
    this.#gone.add(worker);
    for (const [id, byWorker] of this.#sessions) {
      const last = byWorker.get(worker);
      if (last === undefined || last.disarmed) continue;
      const dropped = { ...last.counts.dropped };
      if (last.pending > 0) dropped['worker_ended'] = (dropped['worker_ended'] ?? 0) + last.pending;
      byWorker.set(worker, { ...last, counts: { ...last.counts, dropped }, pending: 0, disarmed: true });
      this.#changed.add(id);
    }
  }

  /** Everything is told anew: after a reconnect nobody knows what arrived. */
  markAll(): void {
    for (const id of this.#sessions.keys()) this.#changed.add(id);
  }

  /** What changed since the last call. `armed` says whether a session should be armed on this node at the moment. */
  take(armed: (session: string) => boolean): ReportSessionsParams['sessions'] {
    const reports = [...this.#changed].map((id) => {
      const all = [...this.#sessions.get(id)!.values()];
      return {
        id,
        counts: all.map((one) => one.counts).reduce(add),
        disarmed: !armed(id) && all.every((one) => one.disarmed),
      };
    });
    this.#changed.clear();
    return reports;
  }

  /** The control plane has the last word of these sessions. */
  settled(ids: readonly string[]): void {
    for (const id of ids) {
      this.#sessions.delete(id);
      // Something may have been counted between the report and its answer.
      this.#changed.delete(id);
    }
  }

  /** A report did not arrive. */
  retry(ids: readonly string[]): void {
    for (const id of ids) if (this.#sessions.has(id)) this.#changed.add(id);
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }
}

function add(a: SessionCounts, b: SessionCounts): SessionCounts {
  const dropped = { ...a.dropped };
  for (const [reason, count] of Object.entries(b.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  return {
    seen: a.seen + b.seen,
    matched: a.matched + b.matched,
    traces: a.traces + b.traces,
    spans: a.spans + b.spans,
    logs: a.logs + b.logs,
    dropped,
  };
}
