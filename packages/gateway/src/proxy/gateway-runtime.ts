import type { GatewayConfig, Upstream } from '../config/entities.ts';
import type { PluginChains } from '../pipeline/plugin-chain.ts';
import type { Router } from '../router/router.ts';
import type { RoundRobin } from '../upstream/balancer.ts';
import type { BodyBuffering } from './buffered-body.ts';
import type { ClientIpPolicy } from './client-ip.ts';

/** Which of the gateway's own fields responses carry; Kong's `headers` setting. */
export interface OwnHeaders {
  /** Server, on answers of the gateway itself. */
  readonly server: boolean;
  /** Via, on answers of upstreams. */
  readonly via: boolean;
  /** X-Kong-Proxy-Latency and X-Kong-Upstream-Latency on answers of upstreams, X-Kong-Response-Latency on others. */
  readonly proxyLatency: boolean;
  readonly upstreamLatency: boolean;
  readonly responseLatency: boolean;
  readonly upstreamStatus: boolean;
  /** X-Kong-Request-Id, to the client. */
  readonly requestId: boolean;
  /** X-Kong-Request-Id, to the upstream. */
  readonly requestIdUpstream: boolean;
  /** Lower-case names of the X-Kong-* fields above, which an upstream that is a gateway too may have sent. */
  readonly replaced: ReadonlySet<string>;
}

/** When a try that got as far as sending is given to the next target; nginx's proxy_next_upstream. */
export interface NextUpstreamPolicy {
  readonly onError: boolean;
  readonly onTimeout: boolean;
  readonly onInvalidHeader: boolean;
  readonly statuses: ReadonlySet<number>;
  readonly nonIdempotent: boolean;
}

/** A configuration made ready: everything a request needs, resolved once. A request finishes on the one it began with. */
export interface GatewayRuntime {
  readonly config: GatewayConfig;
  readonly router: Router;
  readonly chains: PluginChains;
  /** Upstreams by name. */
  readonly upstreams: ReadonlyMap<string, { readonly entity: Upstream; readonly balancer: RoundRobin }>;
  readonly ownHeaders: OwnHeaders;
  readonly nextUpstream: NextUpstreamPolicy;
  readonly clientIp: ClientIpPolicy;
  readonly bodyBuffering: BodyBuffering;
}
