import type { Session } from '@gatescope/protocol';
import type { StoredEvent } from './event-log.ts';

/** An event on its way to those who listen. */
export interface ToldEvent extends StoredEvent {
  /** The session as it was at its end: it may be deleted before that is told. */
  readonly session?: Session;
}

export type EventListener = (event: ToldEvent) => void;

/** Tells those who listen to a session what was committed to its log. */
export class EventHub {
  readonly #listeners = new Map<string, Set<EventListener>>();

  /** Answers how to stop listening. */
  listen(sessionId: string, listener: EventListener): () => void {
    let listeners = this.#listeners.get(sessionId);
    if (listeners === undefined) this.#listeners.set(sessionId, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(sessionId);
    };
  }

  tell(sessionId: string, events: readonly ToldEvent[]): void {
    const listeners = this.#listeners.get(sessionId);
    if (listeners === undefined) return;
    for (const event of events) for (const listener of [...listeners]) listener(event);
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}
