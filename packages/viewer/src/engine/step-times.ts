import { stepLabel } from './request-steps.ts';
import { selfTime } from './self-time.ts';
import { phaseOfSpan, pluginOfSpan, type SpanCategory } from './span-category.ts';
import { categoryOfRow, durationOf, endOf, nameOf, startOf, type TraceModel } from './trace-model.ts';

/** A step of a request under a key that the same step has in every trace. */
export interface StepTime {
  /** Names from the root down, the plugin's instance, and which of those that are alike it is. */
  readonly key: string;
  readonly label: string;
  readonly category: SpanCategory;
  readonly row: number;
  /** All of it. */
  readonly durationNs: number;
  /** Without what lies below it. */
  readonly ownNs: number;
  /** Runs after the response and is no part of the total. */
  readonly isAfter: boolean;
}

/** Steps of one trace that are told apart, at most; what is beyond is added to the last of its name. */
const STEPS_MAX = 2_000;

/** The steps of a trace by key, in the order in which they began. `instanceOf` tells a plugin's instance by row, where it is known. */
export function stepTimes(
  model: TraceModel,
  instanceOf: (row: number) => string | null = () => null,
): Map<string, StepTime> {
  const steps = new Map<string, StepTime>();
  const counts = new Map<string, number>();
  const pathOf: string[] = [];
  const end = model.root < 0 ? 0 : endOf(model, model.root);
  // In preorder a parent's path is known before its children ask for it.
  for (let at = 0; at < model.count; at++) {
    const row = model.preorder[at]!;
    const above = model.parent[row]!;
    const path = above < 0 ? nameOf(model, row) : `${pathOf[above]!}/${nameOf(model, row)}`;
    // A path of a deep chain is no longer told apart from its neighbours.
    pathOf[row] = model.depth[row]! > 12 ? pathOf[above]! : path;
    const instance = instanceOf(row);
    const alike = instance === null ? path : `${path}#${instance}`;
    const ordinal = (counts.get(alike) ?? 0) + 1;
    const isKept = steps.size < STEPS_MAX || ordinal === 1;
    if (isKept) counts.set(alike, ordinal);
    const key = `${alike}~${isKept ? ordinal : ordinal - 1}`;
    const before = steps.get(key);
    steps.set(key, {
      key,
      label: before?.label ?? labelOf(model, row, ordinal),
      category: categoryOfRow(model, row),
      row: before?.row ?? row,
      durationNs: durationOf(model, row) + (before?.durationNs ?? 0),
      ownNs: selfTime(model, row) + (before?.ownNs ?? 0),
      isAfter: row !== model.root && startOf(model, row) >= end,
    });
  }
  return steps;
}

function labelOf(model: TraceModel, row: number, ordinal: number): string {
  const name = nameOf(model, row);
  const nth = ordinal === 1 ? '' : ` (${ordinal})`;
  const plugin = pluginOfSpan(name);
  if (plugin !== null) return `${plugin.plugin} in ${plugin.phase}${nth}`;
  if (name === 'kong.upstream.find_upstream') return `Attempt ${ordinal} at the upstream`;
  if (row === model.root) return 'The gateway between its steps';
  const above = model.parent[row]!;
  if (name.startsWith('kong.io.') && above >= 0) {
    const owner = pluginOfSpan(nameOf(model, above));
    return `${name.slice('kong.io.'.length)}${owner === null ? '' : ` of ${owner.plugin} in ${owner.phase}`}${nth}`;
  }
  return `${phaseOfSpan(name) === null ? stepLabel(name) : `${stepLabel(name)} itself`}${nth}`;
}
