import type { RequestFacts } from './request-facts.ts';

/** What an attribute of the root span is for a request; undefined: the request has none. */
export type RootValue = (facts: RequestFacts) => string | number | boolean | undefined;

/** Values of the root span's attributes by their names, asked for when the request is over; rules ask for them earlier. */
export const ROOT_VALUES: Readonly<Record<string, RootValue>> = {
  'url.full': ({ request }) => `${request.scheme}://${authorityOf(request)}${request.rawPath}`,
  'client.address': ({ request }) => request.clientAddress,
  'client.port': ({ request }) => request.clientPort,
  'network.peer.address': ({ request }) => request.connection.remoteAddress,
  'network.peer.port': ({ request }) => request.connection.remotePort,
  'server.address': ({ request }) => withoutPort(authorityOf(request)),
  'server.port': ({ request }) => request.connection.localPort,
  'network.protocol.name': ({ request }) => request.protocolName,
  'http.request.method': ({ request }) => request.method,
  'http.request.body.size': ({ request }) => request.requestBodyBytes,
  'http.request.size': ({ request }) => request.requestHeadBytes + request.requestBodyBytes,
  'http.response.body.size': ({ request }) => request.responseBodyBytes,
  'http.response.size': ({ request }) => request.responseHeadBytes + request.responseBodyBytes,
  'proxy.kong.request.id': ({ request }) => request.requestId,
  'proxy.kong.request.time': ({ request }) => request.endMs - request.firstByteMs,
  'url.scheme': ({ request }) => request.scheme,
  'network.protocol.version': ({ request }) => request.version,
  'tls.client.server_name': ({ request }) => request.connection.tls?.serverName ?? undefined,
  'http.request.header.host': ({ requestHeaders }) => requestHeaders.get('host'),
  'proxy.kong.consumer_id': ({ request }) => request.consumer?.id,
  'proxy.kong.upstream_id': ({ request }) => request.upstreamId ?? undefined,
  'proxy.kong.upstream_status_code': ({ request }) => request.upstreamStatus ?? undefined,
  'http.response.status_code': ({ request }) => request.status ?? undefined,
  'proxy.kong.latency.upstream': ({ latencies }) => latencies.upstream,
  'proxy.kong.latency.total': ({ latencies }) => latencies.total,
  'proxy.kong.latency.internal': ({ latencies }) => latencies.internal,
  'proxy.kong.client_KA': ({ request }) => request.ordinal > 1,
  'tls.resumed': ({ request }) => request.connection.tls?.resumed,
  'tls.client.subject': ({ request }) => request.connection.tls?.clientSubject ?? undefined,
  'tls.server.subject': ({ request }) => request.connection.tls?.serverSubject ?? undefined,
  'tls.cipher': ({ request }) => request.connection.tls?.cipher,
};

let lastHost = '';
let lastName = '';

/** A host as it is without its port; mostly it is the one asked for before. */
export function withoutPort(host: string): string {
  if (host !== lastHost) {
    lastName = host.replace(/:\d+$/, '');
    lastHost = host;
  }
  return lastName;
}

/** What the client called the gateway: by HTTP/1.0 it may have called it nothing. */
function authorityOf({ host, connection }: RequestFacts['request']): string {
  return host === '' ? connection.localAddress : host;
}
