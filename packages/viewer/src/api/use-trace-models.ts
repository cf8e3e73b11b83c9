import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type TraceModel, traceModel } from '../engine/trace-model.ts';
import { skeletonQuery } from './queries.ts';
import { storedTrace } from './trace-source.ts';

/** The spans of several traces of a session as far as they are there, in the order of the ids; one that fails is left out. */
export function useTraceModels(cp: string, session: string, ids: readonly string[]) {
  const { skeletons, isLoading } = useQueries({
    queries: ids.map((id) => skeletonQuery(storedTrace(cp, session, id))),
    combine: (results) => ({
      skeletons: results.flatMap(({ data }) => (data === undefined ? [] : [data])),
      isLoading: results.some((result) => result.isLoading),
    }),
  });
  // Reading them while they trickle in would be done over and over.
  const models = useMemo(
    (): TraceModel[] => (isLoading ? [] : skeletons.map(traceModel)),
    [skeletons, isLoading],
  );
  return { models, isLoading };
}
