import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearch } from 'wouter';
import type { TraceTab } from '../engine/paths.ts';
import { readTraceUrl, type TraceUrlState, writeTraceUrl } from '../engine/trace-url.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';

/** Where a view of a trace lies, by its tab and query. */
export type HrefOf = (tab: TraceTab, query: string) => string;

/** Selection, zoom and filter of a trace. The address follows once they rest; a link, or going back, sets them. */
export function useTraceView(
  hrefOf: HrefOf,
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
  useReplacedUrl(hrefOf(tab, written));
  const change = useCallback(
    (changed: Partial<TraceUrlState>) => setView((before) => ({ ...before, ...changed })),
    [],
  );
  return [view, change];
}
