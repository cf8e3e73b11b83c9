import { useDeferredValue, useMemo } from 'react';
import { useAllAttributes } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import { grouped } from '../engine/duration-format.ts';
import { factsIn } from '../engine/span-facts.ts';
import { matchingRows, parseSpanFilter } from '../engine/span-filter.ts';
import type { TraceModel } from '../engine/trace-model.ts';

/** What a filter found. */
export interface FilterOutcome {
  /** 1 for every row that matches; null without a filter, and where it can't be answered. */
  readonly matches: Uint8Array | null;
  /** What is to be said of it; empty without a filter. */
  readonly text: string;
  readonly isWrong: boolean;
}

/** Answers a filter over the spans of a trace; one that asks for attributes once they are all there. */
export function useSpanFilter(source: TraceSource, model: TraceModel, text: string): FilterOutcome {
  const deferred = useDeferredValue(text);
  const filter = useMemo(() => parseSpanFilter(deferred), [deferred]);
  const needsAttributes = filter?.ok === true && filter.needsAttributes;
  const attributes = useAllAttributes(source, needsAttributes);
  const { data, error } = attributes;
  return useMemo(() => {
    if (filter === null) return { matches: null, text: '', isWrong: false };
    if (!filter.ok) return { matches: null, text: filter.message, isWrong: true };
    if (needsAttributes && data === undefined)
      return error === null
        ? { matches: null, text: 'Loading attributes …', isWrong: false }
        : { matches: null, text: `The attributes can’t be had: ${error.message}`, isWrong: true };
    const blocks = data === undefined ? [] : [data];
    const matches = matchingRows(model, filter.matches, (row) => factsIn(blocks, row));
    const count = matches.reduce((sum, one) => sum + one, 0);
    return { matches, text: `${grouped(count)} of ${grouped(model.count)}`, isWrong: false };
  }, [model, filter, needsAttributes, data, error]);
}
