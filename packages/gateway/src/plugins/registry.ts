import type { PluginSchemas } from '../config/load-config.ts';
import type { PluginDefinition } from '../pipeline/plugin.ts';
import { correlationId } from './correlation-id/correlation-id.ts';
import { httpLog } from './http-log/http-log.ts';
import { keyAuth } from './key-auth/key-auth.ts';
import { mtlsAuth } from './mtls-auth/mtls-auth.ts';
import { openidConnect } from './openid-connect/openid-connect.ts';
import { opentelemetry } from './opentelemetry/opentelemetry.ts';
import { postFunction } from './post-function/post-function.ts';
import { preFunction } from './pre-function/pre-function.ts';
import { rateLimiting } from './rate-limiting/rate-limiting.ts';
import { requestTermination } from './request-termination/request-termination.ts';
import { requestTransformer } from './request-transformer/request-transformer.ts';
import { responseTransformer } from './response-transformer/response-transformer.ts';

/** The plugins that come with the gateway, in the order they run in each phase, with Kong's priorities: the higher runs first. */
const BUNDLED: readonly (readonly [PluginDefinition, number])[] = [
  [preFunction, 1_000_000],
  [correlationId, 100_001],
  [mtlsAuth, 1_600],
  [keyAuth, 1_250],
  [openidConnect, 1_050],
  [rateLimiting, 910],
  [requestTransformer, 801],
  [responseTransformer, 800],
  [opentelemetry, 14],
  [httpLog, 12],
  [requestTermination, 2],
  [postFunction, -1_000],
];

/** Names of the plugins that come with the gateway. */
export const BUNDLED_NAMES: readonly string[] = BUNDLED.map(([{ name }]) => name);

/** The plugins a node may run, in the order they run: those that come with it, and those an operator put beside. */
export class PluginRegistry implements PluginSchemas {
  readonly order: readonly PluginDefinition[];
  readonly #byName: ReadonlyMap<string, PluginDefinition>;

  /** `names` null: all that come with the gateway. A custom plugin runs by its priority, after one of the gateway's with the same. */
  constructor(names: readonly string[] | null = null, custom: readonly PluginDefinition[] = []) {
    const bundled = BUNDLED.filter(([{ name }]) => names?.includes(name) ?? true);
    const placed = [...bundled, ...custom.map((plugin) => [plugin, plugin.priority ?? 1_000] as const)];
    // Sorting keeps the order of equals.
    this.order = placed.sort(([, a], [, b]) => b - a).map(([plugin]) => plugin);
    this.#byName = new Map(this.order.map((plugin) => [plugin.name, plugin]));
  }

  names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  schemaOf(name: string): PluginDefinition['schema'] | undefined {
    return this.#byName.get(name)?.schema;
  }

  check(
    name: string,
    config: Readonly<Record<string, unknown>>,
  ): ReturnType<NonNullable<PluginDefinition['check']>> {
    return this.#byName.get(name)?.check?.(config) ?? [];
  }
}

/** What comes with the gateway, and nothing else. */
export const bundledPlugins = new PluginRegistry();
