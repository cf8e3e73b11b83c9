import type { RequestStep } from './request-steps.ts';
import type { PluginStep } from './transaction.ts';

/** A summary shows this many steps and plugins, at most, so that the page stays small however long the trace is. */
export const SHOWN_MAX = { steps: 20, plugins: 32 } as const;

/** A step of which some plugins may be left out. */
export interface ShownStep extends RequestStep {
  readonly hiddenPlugins: number;
}

/** The steps a summary shows, in order, and what it leaves out. */
export interface ShownSteps {
  readonly steps: readonly ShownStep[];
  readonly hiddenSteps: number;
  /** Of the hidden steps together. */
  readonly hiddenNs: number;
}

/** Leaves out the shortest steps and plugins where there are too many; what failed or ended the request goes before what took long. */
export function shownSteps(steps: readonly RequestStep[]): ShownSteps {
  const kept = heaviest(steps, SHOWN_MAX.steps, (step) => weight(step.durationNs, step.failed));
  const plugins = heaviest(
    kept.flatMap((step) => step.plugins),
    SHOWN_MAX.plugins,
    (plugin) => weight(plugin.durationNs, plugin.failed || plugin.exitStatus !== null),
  );
  const isShown = new Set<PluginStep>(plugins);
  const total = (list: readonly RequestStep[]) => list.reduce((sum, step) => sum + step.durationNs, 0);
  return {
    steps: kept.map((step) => {
      const shown = step.plugins.filter((plugin) => isShown.has(plugin));
      return { ...step, plugins: shown, hiddenPlugins: step.plugins.length - shown.length };
    }),
    hiddenSteps: steps.length - kept.length,
    hiddenNs: total(steps) - total(kept),
  };
}

/** The `most` heaviest of a list, in the list's order; the list itself where it is short enough. */
export function heaviest<T>(list: readonly T[], most: number, weigh: (item: T) => number): readonly T[] {
  if (list.length <= most) return list;
  const kept = list
    .map((item, index) => ({ index, weight: weigh(item) }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .slice(0, most);
  const isKept = new Set(kept.map(({ index }) => index));
  return list.filter((_, index) => isKept.has(index));
}

function weight(durationNs: number, mustBeSeen: boolean): number {
  return mustBeSeen ? durationNs + Number.MAX_SAFE_INTEGER : durationNs;
}
