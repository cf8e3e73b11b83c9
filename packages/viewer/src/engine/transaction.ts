import type { LatencyPart } from '@gatescope/trace';
import { type LatencySegment, latencySegments, timeByPart } from './latency-segments.ts';
import { phaseOfSpan, pluginOfSpan } from './span-category.ts';
import { numberAttribute, type SpanFacts, textAttribute } from './span-facts.ts';
import { childrenOf, durationOf, endOf, hasFailed, nameOf, startOf, type TraceModel } from './trace-model.ts';

/** Looks a row's attributes up; null where they are not loaded. */
export type FactsOf = (row: number) => SpanFacts | null;

/** One plugin at work in one phase; several spans of it there count as one step. */
export interface PluginStep {
  readonly name: string;
  readonly phase: string;
  /** Its first span. */
  readonly row: number;
  readonly spanCount: number;
  readonly durationNs: number;
  /** Whose time its duration was. */
  readonly parts: Readonly<Record<LatencyPart, number>>;
  /** The status with which it ended the request, or null. */
  readonly exitStatus: number | null;
  readonly failed: boolean;
  readonly message: string;
}

/** A phase with its plugins in the order in which they ran. */
export interface PhaseStep {
  readonly phase: string;
  readonly row: number;
  readonly startNs: number;
  readonly durationNs: number;
  readonly plugins: readonly PluginStep[];
}

/** One try to get an upstream connection. */
export interface UpstreamAttempt {
  readonly row: number;
  readonly number: number;
  readonly target: string | null;
  readonly durationNs: number;
  readonly keepalive: boolean;
  readonly failed: boolean;
  readonly message: string;
}

/** What happened to a request on its way from the client through the gateway to the upstream and back. */
export interface Transaction {
  readonly segments: readonly LatencySegment[];
  /** certificate, rewrite, access. */
  readonly request: readonly PhaseStep[];
  /** response, header_filter, body_filter. */
  readonly response: readonly PhaseStep[];
  /** log: after the response, no part of the total. */
  readonly after: readonly PhaseStep[];
  readonly attempts: readonly UpstreamAttempt[];
  /** First span of each name, by name; for what happens once a request. */
  readonly rowByName: ReadonlyMap<string, number>;
}

const RESPONSE_PHASES: ReadonlySet<string> = new Set(['response', 'header_filter', 'body_filter']);

/** Reads the transaction out of a trace. Without attributes it lacks exit statuses and targets, nothing else. */
export function transactionOf(model: TraceModel, factsOf: FactsOf): Transaction {
  const segments = latencySegments(model);
  const phases: PhaseStep[] = [];
  const attempts: UpstreamAttempt[] = [];
  const rowByName = new Map<string, number>();
  for (let row = 0; row < model.count; row++) {
    const name = nameOf(model, row);
    if (!rowByName.has(name)) rowByName.set(name, row);
    const phase = phaseOfSpan(name);
    if (phase !== null) phases.push(phaseStep(model, row, phase, segments, factsOf));
    else if (name === 'kong.upstream.find_upstream')
      attempts.push(attempt(model, row, attempts.length + 1, factsOf(row)));
  }
  return {
    segments,
    request: phases.filter(({ phase }) => phase !== 'log' && !RESPONSE_PHASES.has(phase)),
    response: phases.filter(({ phase }) => RESPONSE_PHASES.has(phase)),
    after: phases.filter(({ phase }) => phase === 'log'),
    attempts,
    rowByName,
  };
}

/** Every plugin step of the transaction in the order in which they ran. */
export function pluginSteps({ request, response, after }: Transaction): PluginStep[] {
  return [...request, ...response, ...after].flatMap((phase) => phase.plugins);
}

function phaseStep(
  model: TraceModel,
  row: number,
  phase: string,
  segments: readonly LatencySegment[],
  factsOf: FactsOf,
): PhaseStep {
  const plugins = new Map<string, PluginStep>();
  for (const child of childrenOf(model, row)) {
    const plugin = pluginOfSpan(nameOf(model, child));
    if (plugin === null) continue;
    const step = pluginStep(model, child, plugin.plugin, phase, segments, factsOf(child));
    const before = plugins.get(plugin.plugin);
    plugins.set(plugin.plugin, before === undefined ? step : together(before, step));
  }
  return {
    phase,
    row,
    startNs: startOf(model, row),
    durationNs: durationOf(model, row),
    plugins: [...plugins.values()],
  };
}

function pluginStep(
  model: TraceModel,
  row: number,
  name: string,
  phase: string,
  segments: readonly LatencySegment[],
  facts: SpanFacts | null,
): PluginStep {
  // A filter that runs piece by piece has one span over all pieces, and says how much of it the plugin ran.
  const runMs = numberAttribute(facts, 'proxy.kong.plugin.run_time');
  return {
    name,
    phase,
    row,
    spanCount: 1,
    durationNs: runMs === null ? durationOf(model, row) : runMs * 1e6,
    parts: timeByPart(segments, startOf(model, row), endOf(model, row)),
    exitStatus: numberAttribute(facts, 'proxy.kong.plugin.exit_status'),
    failed: hasFailed(model, row),
    message: facts?.status_message ?? '',
  };
}

function together(a: PluginStep, b: PluginStep): PluginStep {
  return {
    ...a,
    spanCount: a.spanCount + b.spanCount,
    durationNs: a.durationNs + b.durationNs,
    parts: {
      io: a.parts.io + b.parts.io,
      client: a.parts.client + b.parts.client,
      upstream: a.parts.upstream + b.parts.upstream,
      gateway: a.parts.gateway + b.parts.gateway,
    },
    exitStatus: a.exitStatus ?? b.exitStatus,
    failed: a.failed || b.failed,
    message: a.message === '' ? b.message : a.message,
  };
}

function attempt(model: TraceModel, row: number, ordinal: number, facts: SpanFacts | null): UpstreamAttempt {
  const address = textAttribute(facts, 'network.peer.address');
  const host = textAttribute(facts, 'network.peer.name') ?? address;
  const port = numberAttribute(facts, 'network.peer.port');
  return {
    row,
    number: numberAttribute(facts, 'try_count') ?? ordinal,
    target: host === null ? null : port === null ? host : `${host}:${port}`,
    durationNs: durationOf(model, row),
    keepalive: facts?.attributes['keepalive'] === true,
    failed: hasFailed(model, row),
    message: facts?.status_message ?? '',
  };
}
