import type { Logger } from '@gatescope/base';
import type { UpstreamPool } from '@gatescope/http1';
import type { Tracer } from '../tracing/tracer.ts';
import type { DnsClient } from '../upstream/dns-client.ts';
import type { UpstreamTlsFactory } from '../upstream/upstream-tls.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import type { RequestView } from './request-view.ts';
import type { Tunnels } from './tunnel.ts';

/** What all requests of a worker share. */
export interface RequestContext {
  /** Changes with every reload; a request keeps the one it began with. */
  readonly runtime: GatewayRuntime;
  readonly tracer: Tracer;
  readonly pool: UpstreamPool;
  readonly dns: DnsClient;
  readonly tunnels: Tunnels;
  readonly upstreamTls: UpstreamTlsFactory;
  readonly logger: Logger;
  /** `gatescope/<version>`. */
  readonly product: string;
  onRequestEnd(request: RequestView): void;
}
