import type { SessionEvent } from '@gatescope/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { applyEvents, type LiveSession, mergeTraces, NO_SESSION } from '../engine/live-session.ts';
import { shownSummary } from '../engine/shown-summary.ts';
import { api } from './api.ts';
import { ApiProblem } from './api-problem.ts';
import { keys } from './queries.ts';

/** How the stream of events is doing: `ended` is the good end, after the session's. */
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended';

/** Events are applied together, at most this often: a page can't show more. */
const FLUSH_MS = 100;
/** A stream that the server refused is tried again after this long. */
const RETRY_MS = 3_000;
const KINDS = ['session', 'node', 'trace', 'end'] as const;

/** A session, kept up to date by its events, with all its traces. */
export function useLiveSession(cp: string, id: string) {
  const [live, setLive] = useState<LiveSession>(NO_SESSION);
  const [stream, setStream] = useState<StreamState>('connecting');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [loaded, setLoaded] = useState(false);
  const client = useQueryClient();

  useEffect(() => {
    const abort = new AbortController();
    const connection = new LiveConnection(api.sessionEventsUrl(cp, id), {
      onEvents: (events) => {
        setLive((before) => applyEvents(before, events));
        if (events.some(({ event }) => event === 'node'))
          void client.invalidateQueries({ queryKey: keys.nodes(cp) });
      },
      onState: setStream,
    });
    setLive(NO_SESSION);
    setLoaded(false);
    setProblem(null);
    // The stream is asked for first: what happens while the pages are loaded is told twice rather than missed.
    connection.open();
    const loadTraces = async () => {
      for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
        const list = await api.traces(cp, id, after, abort.signal);
        setLive((before) => ({ ...before, traces: mergeTraces(list.data, before.traces) }));
        setLoaded(true);
        after = list.next;
      }
    };
    loadTraces().catch((error: unknown) => {
      if (!abort.signal.aborted) setProblem(ApiProblem.from(error));
    });
    return () => {
      abort.abort();
      connection.close();
    };
  }, [cp, id, client]);

  return { ...live, stream, problem, loaded };
}

/** An event as it was sent; a summary's texts as they can be shown. */
function readEvent(event: SessionEvent['event'], text: string): SessionEvent {
  const data = JSON.parse(text) as never;
  return event === 'trace' ? { event, data: shownSummary(data) } : { event, data };
}

interface LiveListener {
  onEvents(events: readonly SessionEvent[]): void;
  onState(state: StreamState): void;
}

/** One stream of events; the browser resumes it where it broke, this where the browser gave up. */
class LiveConnection {
  readonly #url: string;
  readonly #listener: LiveListener;
  #source: EventSource | null = null;
  #waiting: SessionEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
  }

  open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#listener.onState('connecting');
    source.onopen = () => this.#listener.onState('live');
    source.onerror = () => {
      this.#listener.onState('reconnecting');
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.open(), RETRY_MS);
    };
    for (const event of KINDS) {
      source.addEventListener(event, (message: MessageEvent<string>) => {
        this.#waiting.push(readEvent(event, message.data));
        if (event === 'end') this.#end();
        else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
      });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#source?.close();
  }

  #end(): void {
    this.close();
    this.#flush();
    this.#listener.onState('ended');
  }

  #flush(): void {
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    this.#listener.onEvents(events);
  }
}
