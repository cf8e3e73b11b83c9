import { childrenOf, endOf, startOf, type TraceModel } from './trace-model.ts';

/** Nanoseconds of a span in which none of its children ran. */
export function selfTime(model: TraceModel, row: number): number {
  const from = startOf(model, row);
  const to = endOf(model, row);
  let covered = 0;
  let reached = from;
  for (const child of childrenOf(model, row)) {
    const start = Math.max(reached, startOf(model, child));
    const end = Math.min(to, endOf(model, child));
    if (end <= start) continue;
    covered += end - start;
    reached = end;
  }
  return to - from - covered;
}
