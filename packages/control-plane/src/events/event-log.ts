import type { EventRepository, EventRow } from '../store/event-repository.ts';
import type { Repositories } from '../store/repositories.ts';

export type EventKind = 'session' | 'node' | 'trace' | 'end';

/** An event as it is stored: what happened to which resource; the resource itself is read when the event is told. */
export interface StoredEvent {
  readonly seq: number;
  readonly kind: EventKind;
  /** Id of the resource. */
  readonly ref: string;
}

/** Kinds of which only the newest event matters: it is told with the resource as it is then. */
const REPLACING: ReadonlySet<EventKind> = new Set(['session', 'node', 'end']);

/** Numbers events of a session, without gaps and in the order they are committed, and keeps them; to be called in a transaction. */
export async function appendEvents(
  { sessions, events: log }: Repositories,
  sessionId: string,
  events: readonly Omit<StoredEvent, 'seq'>[],
): Promise<StoredEvent[]> {
  const last = await sessions.takeEventNumbers(sessionId, events.length);
  if (last === undefined) return [];
  const first = last - events.length + 1;
  const stored = events.map((event, index) => ({ ...event, seq: first + index }));
  for (const { kind, ref } of stored) if (REPLACING.has(kind)) await log.remove(sessionId, kind, ref);
  await log.add(stored.map((event) => ({ session_id: sessionId, ...event })));
  return stored;
}

/** Events as they are kept. */
export class EventLog {
  readonly #events: EventRepository;

  constructor({ events }: Pick<Repositories, 'events'>) {
    this.#events = events;
  }

  /** What happened after `seq`, oldest first. */
  async after(sessionId: string, seq: number, limit: number): Promise<StoredEvent[]> {
    return (await this.#events.after(sessionId, seq, limit)).map(eventOf);
  }

  /** The end of a session, or undefined while it lasts. */
  async end(sessionId: string): Promise<StoredEvent | undefined> {
    const row = await this.#events.last(sessionId, 'end');
    return row === undefined ? undefined : eventOf(row);
  }
}

function eventOf({ seq, kind, ref }: EventRow): StoredEvent {
  return { seq, kind: kind as EventKind, ref };
}
