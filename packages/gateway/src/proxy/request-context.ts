import type { Logger } from '@gatescope/base';
import type { UpstreamPool } from '@gatescope/http1';
import type { DebugLog } from '../logging/request-log.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { DnsClient } from '../upstream/dns/dns-client.ts';
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
  /** The node's own log, for lines of requests. */
  readonly logger: Logger;
  /** The same for lines of level debug; null: it takes none. */
  readonly debugLog: DebugLog | null;
  /** For lines of no request. */
  readonly nodeLog: Logger;
  /** `gatescope/<version>`. */
  readonly product: string;
  onRequestEnd(request: RequestView): void;
}
