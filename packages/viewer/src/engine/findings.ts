import type { TraceSummary } from '@gatescope/protocol';
import { CLIENT_SPANS, type LatencyPart, UPSTREAM_SPANS } from '@gatescope/trace';
import { formatDuration, formatShare } from './duration-format.ts';
import { ERROR_MAX, endingOf, firstFailure, rowOf, type TraceReading } from './ending.ts';
import { sentence } from './sentence.ts';
import { pluginOfSpan } from './span-category.ts';
import { type SpanFacts, textAttribute } from './span-facts.ts';
import { childrenOf, durationOf, nameOf, type TraceModel } from './trace-model.ts';
import type { PluginStep, Transaction } from './transaction.ts';
import { cutText } from './visible-text.ts';

/** Something worth knowing about a trace, in a sentence, with the span that shows it. */
export interface Finding {
  readonly kind: 'bottleneck' | 'gateway' | 'retries' | 'error' | 'after';
  readonly text: string;
  readonly row: number | null;
}

/** Less than this share of the total is not worth a sentence. */
const WORTH_TELLING = 0.01;

/** What took the time, what was retried, what failed; the first is the bottleneck. */
export function findingsOf(reading: TraceReading): Finding[] {
  const { model, summary, transaction } = reading;
  const found: Finding[] = [];
  const bottleneck = bottleneckOf(reading);
  if (bottleneck !== null) found.push(bottleneck);
  const heaviest = heaviestPlugin(transaction);
  if (
    bottleneck?.kind !== 'gateway' &&
    heaviest !== null &&
    heaviest.parts.gateway >= WORTH_TELLING * summary.duration_ms * 1e6
  )
    found.push({ ...gatewaySentence(heaviest, summary), kind: 'gateway' });
  const failedAttempts = transaction.attempts.filter((attempt) => attempt.failed).length;
  if (transaction.attempts.length > 1) {
    const failed = failedAttempts === 0 ? '' : `, ${failedAttempts} failed`;
    found.push({
      kind: 'retries',
      text: `The upstream took ${transaction.attempts.length} attempts${failed}.`,
      row: transaction.attempts[0]!.row,
    });
  }
  if (summary.error !== null && !endingOf(reading).tellsError)
    found.push({
      kind: 'error',
      text: sentence(cutText(summary.error, ERROR_MAX)),
      row: firstFailure(model),
    });
  const after = transaction.after.reduce((sum, phase) => sum + phase.durationNs, 0);
  if (after > summary.duration_ms * 1e5)
    found.push({
      kind: 'after',
      text: `The log phase worked another ${formatDuration(after)} after the response; the client did not wait for it.`,
      row: transaction.after[0]!.row,
    });
  return found;
}

function bottleneckOf(reading: TraceReading): Finding | null {
  const { model, summary, transaction } = reading;
  if (summary.duration_ms <= 0) return null;
  const parts: [LatencyPart, number][] = [
    ['gateway', summary.gateway_ms],
    ['io', summary.io_ms],
    ['upstream', summary.upstream_ms],
    ['client', summary.client_ms],
  ];
  const [part] = parts.reduce((most, one) => (one[1] > most[1] ? one : most));
  if (part === 'gateway') {
    const heaviest = heaviestPlugin(transaction);
    if (heaviest !== null && heaviest.parts.gateway >= summary.gateway_ms * 1e6 * 0.2)
      return gatewaySentence(heaviest, summary);
    return {
      kind: 'bottleneck',
      text: `The gateway itself took ${formatDuration(summary.gateway_ms * 1e6)}, ${formatShare(summary.gateway_ms, summary.duration_ms)} of the total; no plugin stands out.`,
      row: model.root,
    };
  }
  if (part === 'io') return ioSentence(reading);
  const longest = longestOf(model, transaction, part);
  if (longest === null) return null;
  const took = durationOf(model, longest);
  return {
    kind: 'bottleneck',
    text: `${WAITS.get(nameOf(model, longest)) ?? nameOf(model, longest)} took ${formatDuration(took)}, ${formatShare(took, summary.duration_ms * 1e6)} of the total.`,
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

function ioSentence({ model, summary, factsOf }: TraceReading): Finding | null {
  let longest = -1;
  for (let row = 0; row < model.count; row++) {
    if (!nameOf(model, row).startsWith('kong.io.')) continue;
    if (longest < 0 || durationOf(model, row) > durationOf(model, longest)) longest = row;
  }
  if (longest < 0) return null;
  const io = formatDuration(summary.io_ms * 1e6);
  const share = formatShare(summary.io_ms, summary.duration_ms);
  const plugin = pluginAbove(model, longest);
  const who = plugin === null ? 'Plugins' : `${plugin.plugin} in ${plugin.phase}`;
  const what = nameOf(model, longest).slice('kong.io.'.length);
  return {
    kind: 'bottleneck',
    text: `${who} waited ${io} for I/O (${what}${peerOf(factsOf(longest))}), ${share} of the total.`,
    row: longest,
  };
}

function pluginAbove(model: TraceModel, row: number): ReturnType<typeof pluginOfSpan> {
  for (let at = model.parent[row]!; at >= 0; at = model.parent[at]!) {
    const plugin = pluginOfSpan(nameOf(model, at));
    if (plugin !== null) return plugin;
  }
  return null;
}

function peerOf(facts: SpanFacts | null): string {
  const peer = textAttribute(facts, 'network.peer.address');
  return peer === null ? '' : ` at ${peer}`;
}

function gatewaySentence(plugin: PluginStep, summary: TraceSummary): Finding {
  const gatewayNs = summary.gateway_ms * 1e6;
  return {
    kind: 'gateway',
    text: `${plugin.name} in ${plugin.phase} took ${formatDuration(plugin.parts.gateway)}, ${formatShare(plugin.parts.gateway, gatewayNs)} of gateway time.`,
    row: plugin.row,
  };
}

function heaviestPlugin(transaction: Transaction): PluginStep | null {
  return [...transaction.request, ...transaction.response]
    .flatMap((phase) => phase.plugins)
    .reduce<PluginStep | null>(
      (most, step) => (most === null || step.parts.gateway > most.parts.gateway ? step : most),
      null,
    );
}
