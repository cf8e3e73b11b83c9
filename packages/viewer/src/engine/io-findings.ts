import { peerOf, pluginAbove } from './bottleneck-finding.ts';
import { formatDuration } from './duration-format.ts';
import type { TraceReading } from './ending.ts';
import { type Finding, ofTotal } from './finding.ts';
import { durationOf, endOf, nameOf, startOf } from './trace-model.ts';

/** So many calls of one kind to one peer by one plugin are worth a sentence. */
const REPEATED = 3;
/** Sentences of this kind, at most. */
const MOST = 3;

interface Calls {
  readonly first: number;
  readonly text: string;
  count: number;
  /** Of all calls, one added to the other. */
  ns: number;
  /** In which at least one was under way. */
  wallNs: number;
  endNs: number;
}

/** Plugins that call the same peer over and over in one request. */
export function ioFindings({ model, summary, factsOf }: TraceReading): Finding[] {
  const groups = new Map<string, Calls>();
  for (let row = 0; row < model.count; row++) {
    const name = nameOf(model, row);
    if (!name.startsWith('kong.io.')) continue;
    const plugin = pluginAbove(model, row);
    const text = `${name.slice('kong.io.'.length)}${peerOf(factsOf(row))}`;
    const key = `${plugin?.plugin ?? ''}\n${plugin?.phase ?? ''}\n${text}`;
    const calls = groups.get(key) ?? {
      ...{ first: row, count: 0, ns: 0, wallNs: 0, endNs: 0 },
      text: plugin === null ? text : `${plugin.plugin} in ${plugin.phase}: ${text}`,
    };
    calls.count++;
    calls.ns += durationOf(model, row);
    // Rows come in the order of their start.
    calls.wallNs += Math.max(0, endOf(model, row) - Math.max(calls.endNs, startOf(model, row)));
    calls.endNs = Math.max(calls.endNs, endOf(model, row));
    groups.set(key, calls);
  }
  return [...groups.values()]
    .filter(({ count }) => count >= REPEATED)
    .sort((a, b) => b.ns - a.ns || a.first - b.first)
    .slice(0, MOST)
    .map(({ first, text, count, ns, wallNs }) => ({
      ...{ kind: 'repeated-io', tone: 'warn', row: first },
      text: `The same I/O was made ${count} times in one request (${text}).`,
      ...ofTotal(wallNs, summary),
      evidence: `${count} calls, ${formatDuration(wallNs)} together${wallNs < ns * 0.99 ? ', some at once' : ''}, ${formatDuration(ns / count)} each`,
    }));
}
