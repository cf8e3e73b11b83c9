import type { UpstreamConnection } from '@gatescope/http1';
import type { DebugLog, RequestLog } from '../logging/request-log.ts';
import type { RouteMatch } from '../router/router.ts';
import type { DnsAnswer } from '../upstream/dns/dns-answer.ts';
import type { RequestView } from './request-view.ts';

/** A request came: who asks what, over which connection. */
export function tellArrival(log: DebugLog, request: RequestView): void {
  const { connection, ordinal } = request;
  log.debug('request', 'gateway', `${request.method} ${request.rawPath} from ${request.clientAddress}`, {
    peer: connection.remoteAddress,
    request_of_connection: ordinal,
    body: request.server.hasBody,
    request_id: request.requestId,
  });
  const { tls } = connection;
  if (tls === null) return;
  log.debug('tls', 'gateway', `over ${tls.protocol}, ${tls.resumed ? 'resumed' : 'a full handshake'}`, {
    cipher: tls.cipher,
    server_name: tls.serverName ?? undefined,
    client_certificate: tls.clientSubject ?? undefined,
    handshake_ms: Math.round(tls.endedMs - tls.startedMs),
  });
}

/** Which route was chosen, and by what. */
export function tellRoute(
  log: DebugLog,
  request: RequestView,
  match: RouteMatch | null,
  cacheHit: boolean,
  span: number,
): void {
  const asked = { method: request.method, host: request.host, path: request.rawPath, cache_hit: cacheHit };
  if (match === null) {
    log.debug('router', 'gateway', 'no route matched', asked, span);
    return;
  }
  const { route, service, prefix, upstreamPath } = match;
  const by = [
    route.paths.length > 0 ? `path ${prefix ?? route.paths.join(' or ')}` : '',
    route.hosts.length > 0 ? `host ${route.hosts.join(' or ')}` : '',
    route.methods.length > 0 ? `method ${route.methods.join(' or ')}` : '',
  ].filter((part) => part !== '');
  log.debug(
    'router',
    'gateway',
    `matched route ${route.name ?? route.id} by ${by.length === 0 ? 'its protocol alone' : by.join(', ')}`,
    {
      ...asked,
      route_id: route.id,
      service: service?.name ?? service?.id,
      upstream_path: upstreamPath,
    },
    span,
  );
}

/** What a look-up found, and where. */
export function tellDns(log: DebugLog, name: string, answer: DnsAnswer, span: number): void {
  if (answer.attempts.length === 0) return;
  const from = answer.cacheHit ? 'from the cache' : 'looked up';
  const found = answer.addresses.length === 0 ? `nothing: ${answer.error}` : answer.addresses.join(' ');
  log.debug('dns', 'gateway', `${name} is ${found} (${from})`, { name, cache_hit: answer.cacheHit }, span);
}

/** A connection to the upstream was had. */
export function tellConnected(
  log: DebugLog,
  connection: UpstreamConnection,
  name: string,
  span: number,
): void {
  const how = connection.isReused ? 'reuses a connection' : 'has a new connection';
  log.debug('upstream', 'upstream', `${how} to ${name}`, { reused: connection.isReused }, span);
}

/** Whether a failed try is followed by another. */
export function tellRetry(
  log: DebugLog,
  tries: {
    readonly attempts: number;
    readonly retriesMax: number;
    readonly hasStreamedBody: boolean;
    readonly method: string;
  },
  retries: boolean,
  span: number,
): void {
  log.debug(
    'upstream',
    'upstream',
    retries ? 'the next try follows' : 'no further try is made',
    {
      tries: tries.attempts,
      retries_max: tries.retriesMax,
      method: tries.method,
      streamed_body: tries.hasStreamedBody,
    },
    span,
  );
}

/** The line of type access that every request has: what was asked, what was answered, how long it took. */
export function tellAccess(log: RequestLog, request: RequestView): void {
  const { status, upstreamStatus, route, service, consumer } = request;
  const ms = Math.round((request.endMs - request.startMs) * 1_000) / 1_000;
  log.add(
    'info',
    'access',
    'gateway',
    `${request.method} ${request.rawPath} ${status ?? 'no answer'} in ${ms} ms`,
    {
      status,
      upstream_status: upstreamStatus,
      route: route?.name ?? route?.id,
      service: service?.name ?? service?.id,
      consumer: consumer?.id,
      client: request.clientAddress,
      request_bytes: request.requestHeadBytes + request.requestBodyBytes,
      response_bytes: request.responseHeadBytes + request.responseBodyBytes,
      failure: request.failure,
    },
    0,
  );
}
