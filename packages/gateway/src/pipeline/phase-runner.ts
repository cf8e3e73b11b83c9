import { messageOf } from '@gatescope/base';
import type { GatewayExchange } from '../proxy/gateway-exchange.ts';
import { runInPlace } from '../tracing/plugin-context.ts';
import { PluginScope } from '../tracing/plugin-scope.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { attribute } from '../tracing/span-kinds.ts';
import { type BoundPlugin, type ChainSlot, pluginOf } from './plugin-chain.ts';

/** Phases whose plugins may wait, with the method that is called. */
const METHODS = { rewrite: 'rewrite', access: 'access', response: 'response', log: 'log' } as const;
export type AsyncPhase = keyof typeof METHODS;

const EXIT_STATUS = attribute('proxy.kong.plugin.exit_status');
const STATUS_CODE = attribute('http.response.status_code');

/** Told when a phase is over; `error` is what a plugin threw, with its name. */
export interface PhaseListener {
  onPhaseDone(phase: AsyncPhase, error: { readonly plugin: string; readonly message: string } | null): void;
  /**
   * Whether the request was over before a plugin that took its time was done: nobody wants the rest of the phase then, and its record may be
   * another request's.
   */
  isPast(phase: AsyncPhase): boolean;
}

/** Told what a plugin threw in a filter phase; the others run on. */
export interface FilterErrors {
  onFilterError(phase: 'header_filter' | 'body_filter', plugin: string, message: string): void;
}

/**
 * Runs the plugins of a phase in order and times each: the only place where a plugin's span is made. The listener is called before
 * this returns, unless a plugin takes its time. A plugin that exits, or throws, is the last of its phase.
 */
export function runPhase(
  phase: AsyncPhase,
  slots: readonly ChainSlot[],
  exchange: GatewayExchange,
  record: RequestRecord | null,
  phaseSpan: number,
  listener: PhaseListener,
): void {
  runFrom(0, phase, slots, exchange, record, phaseSpan, listener);
}

function runFrom(
  from: number,
  phase: AsyncPhase,
  slots: readonly ChainSlot[],
  exchange: GatewayExchange,
  record: RequestRecord | null,
  phaseSpan: number,
  listener: PhaseListener,
): void {
  const answerBefore = exchange.answer;
  for (let index = from; index < slots.length; index++) {
    const plugin = pluginOf(slots[index]!, exchange.consumer);
    if (plugin === null || plugin.instance[METHODS[phase]] === undefined) continue;
    const span =
      record === null ? -1 : record.openPlugin(phase, phaseSpan, plugin.name, plugin.id, performance.now());
    exchange.runningPlugin = plugin.name;
    exchange.runningSpan = span;
    const scope = record === null || span < 0 ? null : new PluginScope(record, span);
    let waiting: unknown;
    try {
      waiting =
        scope === null
          ? plugin.instance[METHODS[phase]]!(exchange)
          : runScoped(scope, plugin, phase, exchange);
    } catch (error) {
      fail(plugin, error, record, span, scope, phase, listener);
      return;
    }
    if (waiting instanceof Promise) {
      waiting.then(
        () => {
          if (listener.isPast(phase)) {
            scope?.end(performance.now());
            return;
          }
          finish(plugin, phase, record, span, scope, exchange, answerBefore);
          if (exchange.answer !== answerBefore && phase !== 'log') listener.onPhaseDone(phase, null);
          else runFrom(index + 1, phase, slots, exchange, record, phaseSpan, listener);
        },
        (error: unknown) =>
          fail(plugin, error, listener.isPast(phase) ? null : record, span, scope, phase, listener),
      );
      return;
    }
    if (record !== null) finish(plugin, phase, record, span, scope, exchange, answerBefore);
    if (exchange.answer !== answerBefore && phase !== 'log') break;
  }
  listener.onPhaseDone(phase, null);
}

/** What the plugin's code begins while it runs, and whatever it starts, is told of below its span. */
function runScoped(
  scope: PluginScope,
  plugin: BoundPlugin,
  phase: AsyncPhase,
  exchange: GatewayExchange,
): unknown {
  return runInPlace({ scope, parent: scope.span, context: null }, () =>
    plugin.instance[METHODS[phase]]!(exchange),
  );
}

function finish(
  plugin: BoundPlugin,
  phase: AsyncPhase,
  record: RequestRecord | null,
  span: number,
  scope: PluginScope | null,
  exchange: GatewayExchange,
  before: unknown,
): void {
  if (record === null) return;
  const nowMs = performance.now();
  scope?.end(nowMs);
  record.close(span, nowMs);
  const { answer } = exchange;
  if (answer === null || answer === before) {
    record.debug?.debug('plugin', `plugin:${plugin.name}`, `${plugin.name} ran in ${phase}`, undefined, span);
    return;
  }
  record.debug?.debug(
    'plugin',
    `plugin:${plugin.name}`,
    `${plugin.name} ended the request in ${phase} with ${answer.status}`,
    { status: answer.status },
    span,
  );
  record.set(span, EXIT_STATUS, answer.status);
  record.set(span, STATUS_CODE, answer.status);
  if (answer.status >= 400) record.fail(span, `exited with ${answer.status}`);
}

function fail(
  plugin: BoundPlugin,
  error: unknown,
  record: RequestRecord | null,
  span: number,
  scope: PluginScope | null,
  phase: AsyncPhase,
  listener: PhaseListener,
): void {
  const message = messageOf(error);
  const nowMs = performance.now();
  scope?.end(nowMs);
  if (record !== null) {
    record.close(span, nowMs);
    record.fail(span, message);
  }
  listener.onPhaseDone(phase, { plugin: plugin.name, message });
}

/** Runs the header_filter phase. What a plugin throws is answered, the others run on. */
export function runHeaderFilters(
  slots: readonly ChainSlot[],
  exchange: GatewayExchange,
  record: RequestRecord | null,
  errors: FilterErrors,
): void {
  if (slots.length === 0 && record === null) return;
  const phase = 'header_filter';
  const phaseSpan = record === null ? -1 : record.openPhase(phase, performance.now());
  for (const slot of slots) {
    const plugin = pluginOf(slot, exchange.consumer);
    if (plugin?.instance.headerFilter === undefined) continue;
    const { instance } = plugin;
    const span =
      record === null ? -1 : record.openPlugin(phase, phaseSpan, plugin.name, plugin.id, performance.now());
    exchange.runningPlugin = plugin.name;
    exchange.runningSpan = span;
    const scope = record === null || span < 0 ? null : new PluginScope(record, span);
    try {
      if (scope === null) instance.headerFilter!(exchange);
      else runInPlace({ scope, parent: span, context: null }, () => instance.headerFilter!(exchange));
    } catch (error) {
      record?.fail(span, messageOf(error));
      errors.onFilterError(phase, plugin.name, messageOf(error));
    }
    if (record === null) continue;
    const nowMs = performance.now();
    scope?.end(nowMs);
    record.close(span, nowMs);
  }
  record?.close(phaseSpan, performance.now());
}
