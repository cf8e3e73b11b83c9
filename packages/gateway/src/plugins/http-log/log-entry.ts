import type { Headers } from '@gatescope/http1';
import type { Consumer, Exchange } from '../../pipeline/exchange.ts';

/** Request fields that hold nothing but credentials. */
const REDACTED: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization']);

/** A request that is over as Kong's log serializer tells it; times are milliseconds. */
export function logEntryOf(exchange: Exchange): Record<string, unknown> {
  const { request, route, service, consumer, credential } = exchange;
  const outcome = exchange.outcome();
  const { totalMs, upstreamMs, receiveMs, target, tls, startedAtMs } = outcome;
  const uri = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const host = request.host.replace(/:\d+$/, '');
  const startedMs = Math.floor(startedAtMs);
  return {
    request: {
      id: exchange.requestId,
      method: request.method,
      uri,
      url: `${request.scheme}://${host}:${outcome.serverPort}${uri}`,
      querystring: querystringOf(request.query),
      headers: headersOf(request.headers, REDACTED),
      size: outcome.requestBytes,
      ...(tls === null ? {} : { tls: { version: tls.protocol, cipher: tls.cipher, client_verify: 'NONE' } }),
    },
    response: {
      status: outcome.status,
      headers: outcome.responseHeaders === null ? {} : headersOf(outcome.responseHeaders),
      size: outcome.responseBytes,
    },
    latencies: {
      request: Math.round(totalMs),
      proxy: upstreamMs === null ? -1 : Math.round(upstreamMs),
      receive: Math.round(receiveMs ?? 0),
      kong: Math.max(0, Math.round(totalMs - (upstreamMs ?? 0) - (receiveMs ?? 0))),
    },
    tries: target === null ? [] : [{ ip: target.address, port: target.port }],
    client_ip: request.clientAddress,
    started_at: startedMs,
    source: outcome.source,
    ...(target === null ? {} : { upstream_uri: upstreamUri(exchange) }),
    ...(outcome.upstreamStatus === null ? {} : { upstream_status: String(outcome.upstreamStatus) }),
    ...(route === null ? {} : { route: { ...route, service: route.service && { id: route.service.id } } }),
    ...(service === null
      ? {}
      : {
          service: { ...service, ca_certificates: idsOf(service.ca_certificates), client_certificate: null },
        }),
    ...(consumer === null ? {} : { consumer: shown(consumer) }),
    ...(credential === null ? {} : { authenticated_entity: { id: credential.id } }),
    workspace_name: 'default',
  };
}

/** Without its keys. */
function shown({ id, username, custom_id }: Consumer): Record<string, unknown> {
  return { id, username, custom_id };
}

function idsOf(list: readonly { readonly id: string }[]): string[] {
  return list.map(({ id }) => id);
}

function upstreamUri({ upstreamRequest: { path, query } }: Exchange): string {
  return query === '' ? path : `${path}?${query}`;
}

/** By lower-case name; a list where several lines have one. */
function headersOf(headers: Headers, redacted?: ReadonlySet<string>): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const name of new Set(headers.lowerNames)) {
    const values = redacted?.has(name) === true ? ['REDACTED'] : headers.getAll(name);
    result[name] = values.length === 1 ? values[0]! : values;
  }
  return result;
}

/** Parameters without a value are true, as Kong has them. */
function querystringOf(query: string): Record<string, string | true | (string | true)[]> {
  const result: Record<string, string | true | (string | true)[]> = Object.create(null);
  if (query === '') return result;
  for (const pair of query.split('&')) {
    const [[name, text] = ['', '']] = new URLSearchParams(pair);
    const value = pair.includes('=') ? text : (true as const);
    const before = result[name];
    result[name] = before === undefined ? value : [before, value].flat();
  }
  return result;
}
