import type { TraceSummary } from '@gatescope/protocol';
import { useQuery } from '@tanstack/react-query';
import { shownSummary } from '../engine/shown-summary.ts';
import { api } from './api.ts';
import { useSessions } from './queries.ts';

/** Traces that a rule is tried on, at most, and sessions that they are taken from. */
const TRIED_TRACES = 500;
const TRIED_SESSIONS = 6;

/** Traces that sessions of a control plane kept: how many there are to try a rule on, and those it matches. */
export interface RuleTrial {
  readonly total: number;
  readonly matches: readonly TraceSummary[];
}

/** Of the terms that must all hold, the one that the fewest of the tried traces fulfil. */
export interface RejectingTerm {
  readonly term: string;
  readonly matches: number;
  readonly total: number;
}

interface Source {
  readonly id: string;
  readonly size: number;
}

/** Tries a rule on the newest traces that are kept; nothing is asked for null. An empty rule matches all. */
export function useRuleTrial(cp: string, rule: string | null) {
  const { sources, total, isKnown } = useSources(cp);
  return useQuery({
    queryKey: ['rule-trial', cp, rule, sources],
    queryFn: async ({ signal }): Promise<RuleTrial> => ({
      total,
      matches: await matching(cp, rule ?? '', sources, signal),
    }),
    enabled: rule !== null && isKnown,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
}

/** Which of several terms rejects most of the newest traces that are kept; null where none rejects any. */
export function useRejectingTerm(cp: string, terms: readonly string[]) {
  const { sources, total, isKnown } = useSources(cp);
  return useQuery({
    queryKey: ['rejecting-term', cp, terms, sources],
    queryFn: async ({ signal }): Promise<RejectingTerm | null> => {
      let most: RejectingTerm | null = null;
      for (const term of terms) {
        const { length } = await matching(cp, term, sources, signal);
        if (length < (most?.matches ?? total)) most = { term, matches: length, total };
      }
      return most;
    },
    enabled: terms.length > 0 && total > 0 && isKnown,
    staleTime: 60_000,
  });
}

async function matching(
  cp: string,
  rule: string,
  sources: readonly Source[],
  signal: AbortSignal,
): Promise<TraceSummary[]> {
  const lists = await Promise.all(
    sources.map(({ id, size }) => api.filteredTraces(cp, id, rule, size, signal)),
  );
  return lists.flatMap((list) => list.data).map(shownSummary);
}

/** The newest sessions that kept traces, and how many of each are tried. */
function useSources(cp: string) {
  const sessions = useSessions(cp);
  const sources: Source[] = [];
  let left = TRIED_TRACES;
  for (const { id, counts } of sessions.data?.pages[0]?.data ?? []) {
    if (counts.traces === 0 || left === 0 || sources.length === TRIED_SESSIONS) continue;
    const size = Math.min(left, counts.traces);
    sources.push({ id, size });
    left -= size;
  }
  return { sources, total: TRIED_TRACES - left, isKnown: sessions.isSuccess };
}
