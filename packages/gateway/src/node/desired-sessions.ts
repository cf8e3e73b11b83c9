import type { DesiredSession, SyncSessionsParams } from '@gatescope/protocol';

/** What the control plane wants armed on this node, each session until its time is up by the node's own monotonic clock. */
export class DesiredSessions {
  #sessions: readonly { readonly session: DesiredSession; readonly deadlineMs: number }[] = [];
  #revision = -1;

  get revision(): number {
    return this.#revision;
  }

  /** Takes what is wanted now; what is older than what was taken before changes nothing. */
  take({ revision, sessions }: SyncSessionsParams): void {
    if (revision < this.#revision) return;
    this.#revision = revision;
    const nowMs = performance.now();
    this.#sessions = sessions.map((session) => ({ session, deadlineMs: nowMs + session.remaining_ms }));
  }

  /** The other side may be another control plane, or a restarted one: its revisions begin anew. */
  forgetRevision(): void {
    this.#revision = -1;
  }

  /** Those that were wanted last, their time up or not. */
  get all(): readonly DesiredSession[] {
    return this.#sessions.map(({ session }) => session);
  }

  /** Those whose time is not up, with what is left of it. */
  get armed(): DesiredSession[] {
    const nowMs = performance.now();
    return this.#sessions
      .filter(({ deadlineMs }) => deadlineMs > nowMs)
      .map(({ session, deadlineMs }) => ({ ...session, remaining_ms: deadlineMs - nowMs }));
  }

  isArmed(id: string): boolean {
    const nowMs = performance.now();
    return this.#sessions.some(({ session, deadlineMs }) => session.id === id && deadlineMs > nowMs);
  }

  /** Whether some of them captures log lines. */
  get capturesLogs(): boolean {
    return this.#sessions.some(({ session }) => session.capture.logs !== false);
  }
}
