import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearch } from 'wouter';
import { paths, type TraceTab } from '../engine/paths.ts';
import { readTraceUrl, type TraceUrlState, writeTraceUrl } from '../engine/trace-url.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';

/** Selection, zoom and filter of a trace. The address follows once they rest; a link, or going back, sets them. */
export function useTraceView(
  cp: string,
  session: string,
  trace: string,
  tab: TraceTab,
): [TraceUrlState, (changed: Partial<TraceUrlState>) => void] {
  const query = useSearch();
  const [view, setView] = useState(() => readTraceUrl(query));
  const seen = useRef(query);
  const written = writeTraceUrl(view);
  useEffect(() => {
    if (query === seen.current) return;
    seen.current = query;
    setView((before) => (writeTraceUrl(before) === query ? before : readTraceUrl(query)));
  }, [query]);
  useReplacedUrl(paths.trace(cp, session, trace, tab, written));
  const change = useCallback(
    (changed: Partial<TraceUrlState>) => setView((before) => ({ ...before, ...changed })),
    [],
  );
  return [view, change];
}
