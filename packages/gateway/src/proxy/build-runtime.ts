import type { Logger } from '@gatescope/base';
import type { GatewayConfig } from '../config/entities.ts';
import type { PluginDefinition } from '../pipeline/plugin.ts';
import { PluginChains } from '../pipeline/plugin-chain.ts';
import { compileRouter } from '../router/router.ts';
import type { GatewaySettings } from '../settings/gateway-settings.ts';
import { RoundRobin } from '../upstream/balancer.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';

/** Makes a checked configuration ready to serve. */
export function buildRuntime(
  config: GatewayConfig,
  settings: GatewaySettings,
  plugins: readonly PluginDefinition[],
  logger: Logger,
): GatewayRuntime {
  return {
    config,
    router: compileRouter(config.routes),
    chains: new PluginChains(
      config,
      plugins,
      {
        consumers: config.consumers,
        caCertificates: config.ca_certificates,
        allowsConfiguredCode: settings.allowsConfiguredCode,
        now: () => Date.now(),
      },
      logger,
    ),
    upstreams: new Map(
      config.upstreams.map((entity) => [entity.name, { entity, balancer: new RoundRobin(entity) }]),
    ),
    ownHeaders: settings.ownHeaders,
    nextUpstream: settings.nextUpstream,
    clientIp: settings.clientIp,
    bodyBuffering: settings.bodyBuffering,
  };
}

/** What a gateway serves before it was given a configuration: nothing. */
export const EMPTY_CONFIG: GatewayConfig = {
  hash: '',
  services: [],
  routes: [],
  plugins: [],
  upstreams: [],
  consumers: [],
  certificates: [],
  ca_certificates: [],
};
