import { formatDuration, formatFactor, formatShare } from './duration-format.ts';
import { quantile } from './quantile.ts';
import type { SpanCategory } from './span-category.ts';
import type { StepTime } from './step-times.ts';

/** One side of a comparison: a trace, or what is usual. */
export interface ComparedSide {
  /** How it is called in a sentence: `trace a1b2c3d4`, `the median of 26 traces`. */
  readonly name: string;
  readonly totalNs: number;
  readonly steps: ReadonlyMap<
    string,
    Pick<StepTime, 'label' | 'category' | 'ownNs' | 'isAfter'> & { readonly row: number | null }
  >;
}

/** A step as it was on both sides; null where a side has it not. */
export interface ComparedStep {
  readonly key: string;
  readonly label: string;
  readonly category: SpanCategory;
  readonly a: number | null;
  readonly b: number | null;
  /** Nanoseconds that `b` has more than `a`. */
  readonly deltaNs: number;
  readonly rowA: number | null;
  readonly rowB: number | null;
  readonly isAfter: boolean;
}

export interface Comparison {
  /** By how much they differ, the most first; of those that differ equally by key. */
  readonly steps: readonly ComparedStep[];
  readonly deltaNs: number;
  /** Whether the totals are as good as the same. */
  readonly isAlike: boolean;
  /** What there is to know, in a sentence. */
  readonly headline: string;
}

/** Less than this share of the smaller total is no difference. */
const ALIKE = 0.05;

/**
 * Sets two sides against each other, step by step: what `b` has more of, and less. Own times are compared, so that of a step and the one below it
 * only the one that differs is told.
 */
export function compare(a: ComparedSide, b: ComparedSide): Comparison {
  const keys = new Set([...a.steps.keys(), ...b.steps.keys()]);
  const steps = [...keys].map((key): ComparedStep => {
    const [inA, inB] = [a.steps.get(key), b.steps.get(key)];
    const known = (inB ?? inA)!;
    return {
      ...{ key, label: known.label, category: known.category, isAfter: known.isAfter },
      ...{ a: inA?.ownNs ?? null, b: inB?.ownNs ?? null, deltaNs: (inB?.ownNs ?? 0) - (inA?.ownNs ?? 0) },
      ...{ rowA: inA?.row ?? null, rowB: inB?.row ?? null },
    };
  });
  steps.sort((x, y) => Math.abs(y.deltaNs) - Math.abs(x.deltaNs) || (x.key < y.key ? -1 : 1));
  const deltaNs = b.totalNs - a.totalNs;
  const isAlike = Math.abs(deltaNs) <= ALIKE * Math.min(a.totalNs, b.totalNs);
  return { steps, deltaNs, isAlike, headline: headlineOf(a, b, deltaNs, steps) };
}

function headlineOf(
  a: ComparedSide,
  b: ComparedSide,
  deltaNs: number,
  steps: readonly ComparedStep[],
): string {
  const [fast, slow] = [Math.min(a.totalNs, b.totalNs), Math.max(a.totalNs, b.totalNs)];
  const counted = steps.filter((step) => !step.isAfter);
  if (Math.abs(deltaNs) <= ALIKE * fast) {
    const most = counted[0];
    const largest =
      most === undefined || most.deltaNs === 0
        ? ''
        : `; the largest difference is ${most.label}, ${signed(most.deltaNs)}`;
    return `${capital(b.name)} took about as long as ${a.name}${largest}.`;
  }
  const cause = counted.find((step) => Math.sign(step.deltaNs) === Math.sign(deltaNs));
  const because =
    cause === undefined
      ? ''
      : `; ${formatShare(Math.min(Math.abs(cause.deltaNs), Math.abs(deltaNs)), Math.abs(deltaNs))} of that is ${cause.label}${onlyIn(cause)}`;
  const factor = fast <= 0 ? '' : ` (${formatFactor(slow / fast)} times)`;
  return `${capital(b.name)} took ${formatDuration(Math.abs(deltaNs))} ${deltaNs > 0 ? 'longer' : 'less'} than ${a.name}${factor}${because}.`;
}

function onlyIn({ a, b }: ComparedStep): string {
  if (a === null) return ', which the other has not';
  return b === null ? ', which it has not' : '';
}

/** A difference with its sign: `+4.12 ms`, `−80 µs`, `0 ns`. */
export function signed(ns: number): string {
  return ns === 0 ? '0 ns' : `${ns > 0 ? '+' : '−'}${formatDuration(Math.abs(ns))}`;
}

/** What is usual among traces: of each step the median over all of them, a step that one has not counting as no time. */
export function medianSide(
  traces: readonly { readonly totalNs: number; readonly steps: ReadonlyMap<string, StepTime> }[],
): ComparedSide {
  const byKey = new Map<string, StepTime[]>();
  for (const { steps } of traces)
    for (const step of steps.values()) {
      const list = byKey.get(step.key);
      if (list === undefined) byKey.set(step.key, [step]);
      else list.push(step);
    }
  const steps = new Map<string, StepTime & { row: null }>();
  for (const [key, list] of byKey) {
    const ownNs = medianOf(list, traces.length, (step) => step.ownNs);
    // What fewer than half have is not usual.
    if (list.length * 2 < traces.length) continue;
    steps.set(key, { ...list[0]!, row: null, ownNs } as StepTime & { row: null });
  }
  const totals = traces.map(({ totalNs }) => totalNs).sort((a, b) => a - b);
  return {
    name: `the median of ${traces.length} ${traces.length === 1 ? 'trace' : 'traces'}`,
    totalNs: traces.length === 0 ? 0 : quantile(totals, 0.5),
    steps,
  };
}

function medianOf(list: readonly StepTime[], count: number, of: (step: StepTime) => number): number {
  const values = [...list.map(of), ...new Array<number>(count - list.length).fill(0)].sort((a, b) => a - b);
  return quantile(values, 0.5);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
