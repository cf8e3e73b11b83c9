import type { PluginSchemas } from '../config/load-config.ts';
import type { PluginDefinition } from '../pipeline/plugin.ts';
import { correlationId } from './correlation-id/correlation-id.ts';
import { keyAuth } from './key-auth/key-auth.ts';
import { mtlsAuth } from './mtls-auth/mtls-auth.ts';
import { postFunction } from './post-function/post-function.ts';
import { preFunction } from './pre-function/pre-function.ts';
import { rateLimiting } from './rate-limiting/rate-limiting.ts';
import { requestTermination } from './request-termination/request-termination.ts';
import { requestTransformer } from './request-transformer/request-transformer.ts';
import { responseTransformer } from './response-transformer/response-transformer.ts';

/** Every plugin, in the order they run in each phase (Kong's, by its priorities). */
export const PLUGINS: readonly PluginDefinition[] = [
  preFunction,
  correlationId,
  mtlsAuth,
  keyAuth,
  rateLimiting,
  requestTransformer,
  responseTransformer,
  requestTermination,
  postFunction,
];

const BY_NAME = new Map(PLUGINS.map((plugin) => [plugin.name, plugin]));

/** The plugins as the configuration loader wants to know them. */
export const pluginSchemas: PluginSchemas = {
  names: () => [...BY_NAME.keys()],
  schemaOf: (name) => BY_NAME.get(name)?.schema,
  check: (name, config) => BY_NAME.get(name)?.check?.(config) ?? [],
};
