import { quantile } from './quantile.ts';
import { stepLabel } from './request-steps.ts';
import { categoryOf, pluginOfSpan, type SpanCategory } from './span-category.ts';
import { childrenOf, durationOf, nameOf, type TraceModel } from './trace-model.ts';

/** How long something took over many requests, nanoseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles of durations in any order. */
export function percentilesOf(durations: readonly number[]): Percentiles {
  const sorted = Float64Array.from(durations).sort();
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** A step of requests, or a plugin in a phase, with how long it took. */
export interface StepPercentiles extends Percentiles {
  readonly label: string;
  readonly category: SpanCategory;
  readonly isPlugin: boolean;
}

/** Rows of percentiles, at most. */
const ROWS_MAX = 60;

/** What each step and each plugin took over traces that have it; by the 99th percentile, the longest first. */
export function stepPercentiles(models: readonly TraceModel[]): StepPercentiles[] {
  const found = new Map<
    string,
    { label: string; category: SpanCategory; isPlugin: boolean; durations: number[] }
  >();
  for (const model of models) {
    // Of one trace, what runs several times counts once with all of it.
    for (const [name, ns] of timesOf(model)) {
      const plugin = pluginOfSpan(name);
      const step = found.get(name) ?? {
        label: plugin === null ? stepLabel(name) : `${plugin.plugin} in ${plugin.phase}`,
        category: categoryOf(name),
        isPlugin: plugin !== null,
        durations: [],
      };
      step.durations.push(ns);
      found.set(name, step);
    }
  }
  return [...found.values()]
    .map(({ durations, ...step }) => ({ ...step, ...percentilesOf(durations) }))
    .sort((a, b) => b.p99 - a.p99 || (a.label < b.label ? -1 : 1))
    .slice(0, ROWS_MAX);
}

/** Steps below the root and plugins below these, by name. */
function timesOf(model: TraceModel): Map<string, number> {
  const times = new Map<string, number>();
  if (model.root < 0) return times;
  const add = (row: number) =>
    times.set(nameOf(model, row), (times.get(nameOf(model, row)) ?? 0) + durationOf(model, row));
  for (const row of childrenOf(model, model.root)) {
    add(row);
    for (const below of childrenOf(model, row)) if (pluginOfSpan(nameOf(model, below)) !== null) add(below);
  }
  return times;
}
