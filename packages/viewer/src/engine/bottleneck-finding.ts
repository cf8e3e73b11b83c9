import type { TraceSummary } from '@gatescope/protocol';
import { CLIENT_SPANS, type LatencyPart, UPSTREAM_SPANS } from '@gatescope/trace';
import { formatShare } from './duration-format.ts';
import { rowOf, type TraceReading } from './ending.ts';
import { type Finding, ofTotal } from './finding.ts';
import { pluginOfSpan } from './span-category.ts';
import { type SpanFacts, textAttribute } from './span-facts.ts';
import { childrenOf, durationOf, nameOf, type TraceModel } from './trace-model.ts';
import type { PluginStep, Transaction } from './transaction.ts';

/** Less than this share of the total is not worth a sentence. */
const WORTH_TELLING = 0.01;

/** What took most of the time, and the plugin that worked longest where that is something else. */
export function bottleneckFindings(reading: TraceReading): Finding[] {
  const { summary, transaction } = reading;
  if (summary.duration_ms <= 0) return [];
  const bottleneck = bottleneckOf(reading);
  const found = bottleneck === null ? [] : [bottleneck];
  const heaviest = heaviestPlugin(transaction);
  if (
    bottleneck?.row !== heaviest?.row &&
    heaviest !== null &&
    heaviest.parts.gateway >= WORTH_TELLING * summary.duration_ms * 1e6
  )
    found.push({ ...pluginSentence(heaviest, summary), kind: 'gateway', tone: 'info' });
  return found;
}

function bottleneckOf(reading: TraceReading): Finding | null {
  const { model, summary, transaction } = reading;
  const parts: [LatencyPart, number][] = [
    ['gateway', summary.gateway_ms],
    ['io', summary.io_ms],
    ['upstream', summary.upstream_ms],
    ['client', summary.client_ms],
  ];
  const [part] = parts.reduce((most, one) => (one[1] > most[1] ? one : most));
  if (part === 'io') return ioSentence(reading);
  if (part === 'gateway') {
    const heaviest = heaviestPlugin(transaction);
    if (heaviest !== null && heaviest.parts.gateway >= summary.gateway_ms * 1e6 * 0.2)
      return pluginSentence(heaviest, summary);
    const took = summary.gateway_ms * 1e6;
    return {
      ...{ kind: 'bottleneck', tone: 'info' },
      text: `The gateway itself took ${formatShare(summary.gateway_ms, summary.duration_ms)} of the time; no plugin stands out.`,
      ...ofTotal(took, summary),
      row: model.root,
    };
  }
  const longest = longestOf(model, transaction, part);
  if (longest === null) return null;
  const took = durationOf(model, longest);
  return {
    ...{ kind: 'bottleneck', tone: 'info' },
    text: `${WAITS.get(nameOf(model, longest)) ?? nameOf(model, longest)} took ${formatShare(took, summary.duration_ms * 1e6)} of the time.`,
    ...ofTotal(took, summary),
    row: longest,
  };
}

const WAITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'kong.tls_handshake': 'The TLS handshake with the client',
    'kong.read_client_http_headers': 'Reading the request headers from the client',
    'kong.read_client_http_body': 'Reading the request body from the client',
    'kong.wait_for_client_read': 'Waiting for the client to read the response',
    'kong.dns': 'Looking up the upstream’s name',
    'kong.upstream.selection': 'Finding and connecting to an upstream',
    'kong.upstream.find_upstream': 'Connecting to the upstream',
    'kong.send_request_to_upstream': 'Sending the request to the upstream',
    'kong.read_headers_from_upstream': 'Waiting for the upstream’s answer',
    'kong.read_body_from_upstream': 'Reading the upstream’s response body',
  }),
);

const STEPS_OF = { client: CLIENT_SPANS, upstream: UPSTREAM_SPANS } as const;

function longestOf(model: TraceModel, transaction: Transaction, part: 'client' | 'upstream'): number | null {
  let longest: number | null = null;
  for (const name of STEPS_OF[part]) {
    const row = rowOf(transaction, name);
    if (row !== null && (longest === null || durationOf(model, row) > durationOf(model, longest)))
      longest = row;
  }
  if (longest === null || nameOf(model, longest) !== 'kong.upstream.selection') return longest;
  // Of the selection, the lookup or the one attempt that was most of it is what there is to tell.
  const most = childrenOf(model, longest).find(
    (child) => durationOf(model, child) > durationOf(model, longest!) * 0.8,
  );
  return most ?? longest;
}

/** Tells of the plugin that waited longest, by all of its I/O together, and of the longest piece of that. */
function ioSentence({ model, summary, transaction, factsOf }: TraceReading): Finding | null {
  const plugin = pluginsOf(transaction).reduce<PluginStep | null>(
    (most, step) => (step.parts.io > (most?.parts.io ?? 0) ? step : most),
    null,
  );
  let longest = -1;
  for (let row = 0; row < model.count; row++) {
    if (!nameOf(model, row).startsWith('kong.io.')) continue;
    if (plugin !== null && !isBelow(model, row, plugin.row)) continue;
    if (longest < 0 || durationOf(model, row) > durationOf(model, longest)) longest = row;
  }
  if (longest < 0) return null;
  const all = summary.io_ms * 1e6;
  const io = plugin === null ? all : plugin.parts.io;
  const who = plugin === null ? 'Plugins' : `${plugin.name} in ${plugin.phase}`;
  const what = nameOf(model, longest).slice('kong.io.'.length);
  const { evidence, share } = ofTotal(io, summary);
  return {
    ...{ kind: 'bottleneck', tone: 'warn' },
    text: `${who} waited ${formatShare(io, summary.duration_ms * 1e6)} of the time for I/O (${what}${peerOf(factsOf(longest))}).`,
    // Others waited too where it is not all.
    evidence: io < all * 0.99 ? `${evidence}; ${formatShare(io, all)} of plugin I/O` : evidence,
    share,
    row: longest,
  };
}

function isBelow(model: TraceModel, row: number, above: number): boolean {
  for (let at = model.parent[row]!; at >= 0; at = model.parent[at]!) if (at === above) return true;
  return false;
}

/** The plugin in whose span a row lies; null where it lies in none. */
export function pluginAbove(model: TraceModel, row: number): ReturnType<typeof pluginOfSpan> {
  for (let at = model.parent[row]!; at >= 0; at = model.parent[at]!) {
    const plugin = pluginOfSpan(nameOf(model, at));
    if (plugin !== null) return plugin;
  }
  return null;
}

/** ` at id.example.com` where that is known: the name that was asked for, else the address. */
export function peerOf(facts: SpanFacts | null): string {
  const peer = textAttribute(facts, 'server.address') ?? textAttribute(facts, 'network.peer.address');
  return peer === null ? '' : ` at ${peer}`;
}

function pluginSentence(plugin: PluginStep, summary: TraceSummary): Finding {
  const took = plugin.parts.gateway;
  const { evidence, share } = ofTotal(took, summary);
  return {
    ...{ kind: 'bottleneck', tone: 'warn' },
    text: `${plugin.name} in ${plugin.phase} took ${formatShare(took, summary.duration_ms * 1e6)} of the time.`,
    evidence: `${evidence}; ${formatShare(took, summary.gateway_ms * 1e6)} of gateway time`,
    share,
    row: plugin.row,
  };
}

function heaviestPlugin(transaction: Transaction): PluginStep | null {
  return pluginsOf(transaction).reduce<PluginStep | null>(
    (most, step) => (most === null || step.parts.gateway > most.parts.gateway ? step : most),
    null,
  );
}

function pluginsOf({ request, response }: Transaction): PluginStep[] {
  return [...request, ...response].flatMap((phase) => phase.plugins);
}
