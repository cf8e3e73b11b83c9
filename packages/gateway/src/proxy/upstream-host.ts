import type { Service } from '../config/entities.ts';
import type { GatewayExchange } from './gateway-exchange.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';

/** The Host field for the upstream: a plugin's, the client's where the route preserves it, the upstream entity's, or the service's. */
export function upstreamHost(runtime: GatewayRuntime, exchange: GatewayExchange, service: Service): string {
  const { route, upstreamRequest } = exchange;
  if (upstreamRequest.host !== null) return upstreamRequest.host;
  if (route?.preserve_host === true && exchange.host !== '') return exchange.host;
  const upstream = runtime.upstreams.get(service.host);
  if (upstream !== undefined) return upstream.entity.host_header ?? service.host;
  const standard = service.protocol === 'https' ? 443 : 80;
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  return service.port === standard ? host : `${host}:${service.port}`;
}
