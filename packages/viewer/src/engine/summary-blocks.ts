import { pluginOfSpan } from './span-category.ts';
import { blockStart } from './span-facts.ts';
import { durationOf, nameOf, type TraceModel } from './trace-model.ts';

/** More blocks than this are not asked for: a summary must not load all of a long trace. */
const BLOCKS_MAX = 6;

/** The blocks of attributes that the summary of a trace is read from: the root's, then those of plugins, attempts, and the longest I/O. */
export function summaryBlocks(model: TraceModel): number[] {
  if (model.root < 0) return [];
  const wanted = new Set([blockStart(model.root)]);
  let longestIo = -1;
  for (let row = 0; row < model.count; row++) {
    const name = nameOf(model, row);
    if (name.startsWith('kong.io.')) {
      if (longestIo < 0 || durationOf(model, row) > durationOf(model, longestIo)) longestIo = row;
    } else if (
      name === 'kong.router' ||
      name === 'kong.upstream.find_upstream' ||
      pluginOfSpan(name) !== null
    ) {
      wanted.add(blockStart(row));
    }
  }
  const first = longestIo < 0 ? [] : [blockStart(longestIo)];
  return [...new Set([blockStart(model.root), ...first, ...wanted])]
    .slice(0, BLOCKS_MAX)
    .sort((a, b) => a - b);
}
