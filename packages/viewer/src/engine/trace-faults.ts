import { formatDuration, grouped } from './duration-format.ts';
import { NO_PARENT, nameOf, ROOT_NAME, startOf, type TraceModel } from './trace-model.ts';

/** What is wrong with a trace itself, in sentences that also say how it is shown nevertheless; none for a sound one. */
export function traceFaults(model: TraceModel): string[] {
  const { skeleton, count, parent, root } = model;
  let roots = 0;
  let orphans = 0;
  let circles = 0;
  let early = 0;
  let earliestNs = 0;
  const rootIndex = skeleton.names.indexOf(ROOT_NAME);
  for (let row = 0; row < count; row++) {
    if (skeleton.name[row] === rootIndex) roots++;
    const above = parent[row]!;
    if (above === NO_PARENT) {
      if (skeleton.parent[row]! >= 0) circles++;
      // The root's parent is the caller's span, which is never here.
      else if (skeleton.parent[row] === -2 && row !== root) orphans++;
    } else if (startOf(model, row) < startOf(model, above)) {
      early++;
      earliestNs = Math.max(earliestNs, startOf(model, above) - startOf(model, row));
    }
  }
  const faults: string[] = [];
  if (count === 0) return faults;
  if (roots === 0)
    faults.push(
      `No span is the whole request: there is none called ${ROOT_NAME}. What is told of the request is of ${nameOf(model, root)}, the longest that has no parent.`,
    );
  if (roots > 1)
    faults.push(`${grouped(roots)} spans are called ${ROOT_NAME}; the request is taken to be the first.`);
  if (orphans > 0)
    faults.push(
      `${spans(orphans)} a parent that is not in this trace; ${orphans === 1 ? 'it stands' : 'they stand'} at the top level.`,
    );
  if (circles > 0) faults.push('Spans name each other as parents; the circle is cut at its earliest span.');
  if (early > 0)
    faults.push(
      `${early === 1 ? '1 span begins' : `${grouped(early)} spans begin`} before the span above, by up to ${formatDuration(earliestNs)}: the clocks differ, or times are wrong.`,
    );
  const { span_count: told } = skeleton.summary;
  if (told > count) faults.push(`Of ${grouped(told)} spans ${grouped(count)} are here.`);
  return faults;
}

function spans(count: number): string {
  return count === 1 ? '1 span names' : `${grouped(count)} spans name`;
}
