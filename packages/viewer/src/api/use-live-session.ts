import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { applyEvents, type LiveSession, mergeTraces, NO_SESSION } from '../engine/live-session.ts';
import { api } from './api.ts';
import { ApiProblem } from './api-problem.ts';
import { LiveConnection, type StreamState } from './live-connection.ts';
import { keys } from './queries.ts';

/**
 * A session, kept up to date by its events, with all its traces. Where the stream broke, what is known stays, and what was missed is
 * fetched once it is open again.
 */
export function useLiveSession(cp: string, id: string) {
  const [live, setLive] = useState<LiveSession>(NO_SESSION);
  const [stream, setStream] = useState<StreamState>('connecting');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [loaded, setLoaded] = useState(false);
  const client = useQueryClient();

  useEffect(() => {
    let loading = new AbortController();
    const loadTraces = async ({ signal }: AbortController) => {
      for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
        const list = await api.traces(cp, id, after, signal);
        setLive((before) => ({ ...before, traces: mergeTraces(list.data, before.traces) }));
        setLoaded(true);
        setProblem(null);
        after = list.next;
      }
    };
    const load = () => {
      loading.abort();
      const own = (loading = new AbortController());
      loadTraces(own).catch((error: unknown) => {
        if (own.signal.aborted) return;
        const failure = ApiProblem.from(error);
        setProblem(failure);
        if (failure.status === 401) client.setQueryData(keys.me, null);
        if (failure.status === 404) connection.close();
      });
    };
    setLive(NO_SESSION);
    setLoaded(false);
    setProblem(null);
    const connection = new LiveConnection(api.sessionEventsUrl(cp, id), {
      onEvents: (events) => {
        setLive((before) => applyEvents(before, events));
        if (events.some(({ event }) => event === 'node'))
          void client.invalidateQueries({ queryKey: keys.nodes(cp) });
      },
      onState: setStream,
      onGap: load,
    });
    return () => {
      loading.abort();
      connection.close();
    };
  }, [cp, id, client]);

  return { ...live, stream, problem, loaded };
}
