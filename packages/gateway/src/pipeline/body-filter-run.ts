import { messageOf } from '@gatescope/base';
import type { GatewayExchange } from '../proxy/gateway-exchange.ts';
import { runInPlace } from '../tracing/plugin-context.ts';
import { PluginScope } from '../tracing/plugin-scope.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { attribute } from '../tracing/span-kinds.ts';
import type { FilterErrors } from './phase-runner.ts';
import { type BoundPlugin, type ChainSlot, pluginOf } from './plugin-chain.ts';

const RUN_COUNT = attribute('proxy.kong.plugin.run_count');
const RUN_TIME = attribute('proxy.kong.plugin.run_time');

/** One plugin's runs over the pieces of one body. */
interface FilterRun {
  readonly plugin: BoundPlugin;
  span: number;
  scope: PluginScope | null;
  runs: number;
  spentMs: number;
}

/**
 * The body_filter phase of one response: each piece passes every plugin in order. A plugin's span lasts from its first run to its
 * last and says how often it ran and how long it was at work.
 */
export class BodyFilterRun {
  readonly #exchange: GatewayExchange;
  readonly #record: RequestRecord | null;
  readonly #runs: FilterRun[] = [];
  readonly #errors: FilterErrors;
  #phaseSpan = -1;

  constructor(
    slots: readonly ChainSlot[],
    exchange: GatewayExchange,
    record: RequestRecord | null,
    errors: FilterErrors,
  ) {
    this.#exchange = exchange;
    this.#record = record;
    this.#errors = errors;
    for (const slot of slots) {
      const plugin = pluginOf(slot, exchange.consumer);
      if (plugin?.instance.bodyFilter !== undefined)
        this.#runs.push({ plugin, span: -1, scope: null, runs: 0, spentMs: 0 });
    }
  }

  /** Passes a piece through the plugins; `last` ends the phase. */
  filter(chunk: Buffer, last: boolean): Buffer {
    const record = this.#record;
    let nowMs = record === null ? 0 : performance.now();
    if (record !== null && this.#phaseSpan < 0) this.#phaseSpan = record.openPhase('body_filter', nowMs);
    let piece = chunk;
    for (const run of this.#runs) {
      if (record !== null && run.runs === 0) {
        run.span = record.openPlugin('body_filter', this.#phaseSpan, run.plugin.name, run.plugin.id, nowMs);
        if (run.span >= 0) run.scope = new PluginScope(record, run.span);
      } else record?.close(run.span, Number.NaN);
      run.runs++;
      this.#exchange.runningPlugin = run.plugin.name;
      this.#exchange.runningSpan = run.span;
      try {
        piece = this.#run(run, piece, last) ?? piece;
      } catch (error) {
        record?.fail(run.span, messageOf(error));
        this.#errors.onFilterError('body_filter', run.plugin.name, messageOf(error));
      }
      if (record === null) continue;
      const endMs = performance.now();
      run.spentMs += endMs - nowMs;
      run.scope?.pause(endMs);
      record.close(run.span, endMs);
      nowMs = endMs;
    }
    if (record !== null) record.close(this.#phaseSpan, nowMs);
    if (last) this.end();
    return piece;
  }

  #run({ plugin, span, scope }: FilterRun, piece: Buffer, last: boolean): Buffer | null {
    const filter = () => plugin.instance.bodyFilter!(this.#exchange, piece, last);
    return scope === null ? filter() : runInPlace({ scope, parent: span, context: null }, filter);
  }

  /** Notes how often and how long the plugins ran. */
  end(): void {
    if (this.#record === null) return;
    for (const run of this.#runs) {
      if (run.span < 0) continue;
      this.#record.set(run.span, RUN_COUNT, run.runs);
      this.#record.set(run.span, RUN_TIME, run.spentMs);
    }
  }
}
