import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { isUnreachable } from '../api/api-problem.ts';
import { useLiveSession } from '../api/use-live-session.ts';
import { isRunning } from '../engine/live-session.ts';
import { paths } from '../engine/paths.ts';
import { isUnfiltered, passes, readTraceFilter, writeTraceFilter } from '../engine/trace-list-filter.ts';
import { Loading } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';
import { GoneNotice } from '../sessions/gone-notice.tsx';
import { NodeStates } from '../sessions/node-states.tsx';
import { SessionHead } from '../sessions/session-head.tsx';
import { TraceFacets } from '../sessions/trace-facets.tsx';
import { TraceFilterBar } from '../sessions/trace-filter-bar.tsx';
import { TraceList } from '../sessions/trace-list.tsx';
import { TraceScatter } from '../sessions/trace-scatter.tsx';
import { useHeldList } from '../sessions/use-held-list.ts';
import { WaitingForTraces } from '../sessions/waiting-for-traces.tsx';
import styles from './session-page.module.css';

/** One session while it runs and afterwards: how it does, and its traces as they come. */
export function SessionPage({ cp, id }: { readonly cp: string; readonly id: string }) {
  const { session, traces, stream, problem, loaded } = useLiveSession(cp, id);
  const query = useSearch();
  const [, navigate] = useLocation();
  const [filter, setFilter] = useState(() => readTraceFilter(query));
  const [isHeld, setIsHeld] = useState(false);
  const { shown, waiting } = useHeldList(traces, isHeld);
  const passed = useMemo(() => shown.filter((trace) => passes(filter, trace)), [shown, filter]);
  const written = writeTraceFilter(filter);
  useReplacedUrl(paths.session(cp, id) + (written === '' ? '' : `?${written}`));
  usePageTitle(session === null || session.name === '' ? 'Session' : session.name);

  if (problem !== null && session === null) {
    return (
      <main className={styles['page']}>
        <GoneNotice cp={cp} error={problem} />
      </main>
    );
  }
  if (session === null || (!loaded && problem === null)) return <Loading what="the session" />;
  return (
    <main className={styles['page']}>
      <SessionHead
        cp={cp}
        session={session}
        stream={stream}
        onDeleted={() => navigate(paths.sessions(cp), { replace: true })}
      />
      <NodeStates cp={cp} session={session} />
      {problem !== null && !isUnreachable(problem) && <GoneNotice cp={cp} error={problem} />}
      {loaded && traces.length === 0 && (
        <WaitingForTraces cp={cp} session={session} isRunning={isRunning(session)} />
      )}
      {traces.length > 0 && (
        <>
          <div className={styles['look']}>
            <TraceScatter traces={shown} passed={passed} filter={filter} onChange={setFilter} />
            <TraceFacets traces={shown} filter={filter} onChange={setFilter} />
          </div>
          <TraceFilterBar
            filter={filter}
            traces={traces}
            passed={passed.length}
            isUnfiltered={isUnfiltered(filter)}
            onChange={setFilter}
          />
          <TraceList
            cp={cp}
            sessionId={id}
            traces={passed}
            filterQuery={written}
            waiting={waiting}
            onHold={setIsHeld}
          />
        </>
      )}
    </main>
  );
}
