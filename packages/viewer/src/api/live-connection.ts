import type { SessionEvent } from '@gatescope/protocol';
import { shownSummary } from '../engine/shown-summary.ts';
import { connection } from './connection.ts';

/** How the stream of events is doing: `ended` is the good end, after the session's. */
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended';

/** Events are applied together, at most this often: a page can't show more. */
const FLUSH_MS = 100;
/** A stream that broke while the control plane answers otherwise is opened again after this long. */
const RETRY_MS = 1_000;
const KINDS = ['session', 'node', 'trace', 'end'] as const;

export interface LiveListener {
  onEvents(events: readonly SessionEvent[]): void;
  onState(state: StreamState): void;
  /**
   * What happened until now has to be asked for: the stream is open from now on, so that what happens meanwhile is told twice rather
   * than missed; or it was refused, and the answer says why.
   */
  onGap(): void;
}

/** A session's stream of events, opened anew when it breaks, at the latest when the control plane answers again. */
export class LiveConnection {
  readonly #url: string;
  readonly #listener: LiveListener;
  readonly #unsubscribe: () => void;
  #source: EventSource | null = null;
  #waiting: SessionEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
    // Also a stream that seems to be open: of a connection that died quietly nobody hears.
    this.#unsubscribe = connection.onRecovered(() => this.#reopen());
    listener.onState('connecting');
    this.#open();
  }

  close(): void {
    this.#isOver = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#source?.close();
  }

  #open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    let wasOpen = false;
    source.onopen = () => {
      wasOpen = true;
      this.#listener.onState('live');
      this.#listener.onGap();
    };
    source.onerror = () => {
      source.close();
      if (!wasOpen) this.#listener.onGap();
      this.#listener.onState('reconnecting');
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#reopen(), RETRY_MS);
      void connection.ask();
    };
    for (const kind of KINDS)
      source.addEventListener(kind, (message: MessageEvent<string>) => this.#take(kind, message.data));
  }

  #reopen(): void {
    clearTimeout(this.#retry);
    if (this.#isOver) return;
    if (connection.lostAtMs() !== null) return;
    this.#source?.close();
    this.#open();
  }

  #take(kind: (typeof KINDS)[number], text: string): void {
    const event = readEvent(kind, text);
    if (event === null) return;
    this.#waiting.push(event);
    if (kind === 'end') {
      this.close();
      this.#flush();
      this.#listener.onState('ended');
    } else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    this.#listener.onEvents(events);
  }
}

/** An event as it was sent, a summary's texts as they can be shown; null for what is no event. */
function readEvent(event: SessionEvent['event'], text: string): SessionEvent | null {
  try {
    const data = JSON.parse(text) as never;
    return event === 'trace' ? { event, data: shownSummary(data) } : { event, data };
  } catch {
    return null;
  }
}
