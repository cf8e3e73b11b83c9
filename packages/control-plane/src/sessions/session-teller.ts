import { type Logger, messageOf } from '@gatescope/base';
import type { EventHub } from '../events/event-hub.ts';
import { appendEvents, type EventKind } from '../events/event-log.ts';
import type { Store } from '../store/store.ts';
import { TAKING } from './session-states.ts';

/** Changes of counts are told to listeners no more often than this. */
const PROGRESS_INTERVAL_MS = 150;

/** Tells those who watch a session what changed, and keeps it for those who come later. */
export class SessionTeller {
  readonly #store: Store;
  readonly #hub: EventHub;
  readonly #logger: Logger;
  readonly #progress = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(store: Store, hub: EventHub, logger: Logger) {
    this.#store = store;
    this.#hub = hub;
    this.#logger = logger;
  }

  /** The end is the last event of a session: nothing is told after it. */
  async tell(sessionId: string, kind: EventKind, ref: string): Promise<void> {
    const events = await this.#store.transaction(async (repositories) => {
      const session = await repositories.sessions.find(sessionId);
      return session === undefined || session.state === 'ended'
        ? []
        : await appendEvents(repositories, sessionId, [{ kind, ref }]);
    });
    this.#hub.tell(sessionId, events);
  }

  /** The session's counts changed; told soon, together with what else changes until then. */
  tellProgress(sessionId: string): void {
    if (this.#progress.has(sessionId) || this.#closed) return;
    this.#progress.set(
      sessionId,
      setTimeout(() => {
        this.#progress.delete(sessionId);
        this.tell(sessionId, 'session', sessionId).catch((error: unknown) =>
          this.#logger.log('error', 'session', `progress could not be told: ${messageOf(error)}`),
        );
      }, PROGRESS_INTERVAL_MS),
    );
  }

  /** A node came or went: those who watch its sessions are told. */
  async tellNode(nodeId: string): Promise<void> {
    for (const { id } of await this.#store.sessionNodes.sessionsOn(nodeId, TAKING))
      await this.tell(id, 'node', nodeId);
  }

  forget(sessionId: string): void {
    clearTimeout(this.#progress.get(sessionId));
    this.#progress.delete(sessionId);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#progress.values()) clearTimeout(timer);
  }
}
