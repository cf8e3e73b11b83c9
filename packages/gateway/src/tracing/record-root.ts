import { divide, type Interval } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { attribute, SPAN } from './span-kinds.ts';
import type { TracedRequest } from './traced-request.ts';

const A = {
  url: attribute('url.full'),
  clientAddress: attribute('client.address'),
  clientPort: attribute('client.port'),
  peerAddress: attribute('network.peer.address'),
  peerPort: attribute('network.peer.port'),
  serverAddress: attribute('server.address'),
  serverPort: attribute('server.port'),
  protocolName: attribute('network.protocol.name'),
  method: attribute('http.request.method'),
  requestBodySize: attribute('http.request.body.size'),
  requestSize: attribute('http.request.size'),
  responseBodySize: attribute('http.response.body.size'),
  responseSize: attribute('http.response.size'),
  requestId: attribute('proxy.kong.request.id'),
  requestTime: attribute('proxy.kong.request.time'),
  scheme: attribute('url.scheme'),
  protocolVersion: attribute('network.protocol.version'),
  sni: attribute('tls.client.server_name'),
  host: attribute('http.request.header.host'),
  consumerId: attribute('proxy.kong.consumer_id'),
  upstreamId: attribute('proxy.kong.upstream_id'),
  upstreamStatus: attribute('proxy.kong.upstream_status_code'),
  status: attribute('http.response.status_code'),
  latencyUpstream: attribute('proxy.kong.latency.upstream'),
  latencyTotal: attribute('proxy.kong.latency.total'),
  latencyInternal: attribute('proxy.kong.latency.internal'),
  ioTimings: attribute('proxy.kong.latency.net_io_timings'),
  keepAlive: attribute('proxy.kong.client_KA'),
  resumed: attribute('tls.resumed'),
  clientSubject: attribute('tls.client.subject'),
  serverSubject: attribute('tls.server.subject'),
  cipher: attribute('tls.cipher'),
  truncated: attribute('gatescope.truncated_spans'),
};

/** Fills in the root span of a finished request: who, what, how much, how long. */
export function recordRoot(record: RequestRecord, request: TracedRequest): void {
  const { connection } = request;
  const { tls } = connection;
  const host = request.host === '' ? connection.localAddress : request.host;
  const set = (key: number, value: string | number | boolean | null | undefined) => {
    if (value !== null && value !== undefined) record.set(0, key, value);
  };
  set(A.url, `${request.scheme}://${host}${request.rawPath}`);
  set(A.clientAddress, request.clientAddress);
  set(A.clientPort, request.clientPort);
  set(A.peerAddress, connection.remoteAddress);
  set(A.peerPort, connection.remotePort);
  set(A.serverAddress, host.replace(/:\d+$/, ''));
  set(A.serverPort, connection.localPort);
  set(A.protocolName, request.protocolName);
  set(A.method, request.method);
  set(A.requestBodySize, request.requestBodyBytes);
  set(A.requestSize, request.requestHeadBytes + request.requestBodyBytes);
  set(A.responseBodySize, request.responseBodyBytes);
  set(A.responseSize, request.responseHeadBytes + request.responseBodyBytes);
  set(A.requestId, request.requestId);
  set(A.requestTime, request.endMs - request.firstByteMs);
  set(A.scheme, request.scheme);
  set(A.protocolVersion, request.minorVersion === 1 ? '1.1' : '1.0');
  set(A.host, request.requestHeaders.get('host'));
  set(A.consumerId, request.consumer?.id);
  set(A.upstreamId, request.upstreamId);
  set(A.upstreamStatus, request.upstreamStatus);
  set(A.status, request.status);
  set(A.keepAlive, request.ordinal > 1);
  if (tls !== null) {
    set(A.sni, tls.serverName);
    set(A.resumed, tls.resumed);
    set(A.clientSubject, tls.clientSubject);
    set(A.serverSubject, tls.serverSubject);
    set(A.cipher, tls.cipher);
  }
  recordLatencies(record, set);
  record.set(0, A.ioTimings, []);
  if (record.truncated > 0) record.set(0, A.truncated, record.truncated);
}

/** The same division of the root's time that is made from finished spans, here from the record. */
function recordLatencies(record: RequestRecord, set: (key: number, value: number) => void): void {
  const origin = record.starts[0]!;
  const total = record.ends[0]! - origin;
  const intervals: Interval[] = [];
  let upstreamStart = Number.POSITIVE_INFINITY;
  let upstreamEnd = Number.NEGATIVE_INFINITY;
  for (let index = 1; index < record.spanCount; index++) {
    const kind = record.kinds[index]!;
    const start = record.starts[index]! - origin;
    const end = record.ends[index]! - origin;
    if (
      kind === SPAN.tlsHandshake ||
      kind === SPAN.readHeaders ||
      kind === SPAN.readBody ||
      kind === SPAN.waitForClient
    ) {
      intervals.push({ start, end, rank: 1 });
    } else if (
      kind === SPAN.selection ||
      kind === SPAN.sendRequest ||
      kind === SPAN.readUpstreamHeaders ||
      kind === SPAN.readUpstreamBody
    ) {
      upstreamStart = Math.min(upstreamStart, start);
      upstreamEnd = Math.max(upstreamEnd, end);
    }
  }
  if (upstreamEnd > upstreamStart) intervals.push({ start: upstreamStart, end: upstreamEnd, rank: 2 });
  const [io, client, upstream] = divide(intervals, total);
  set(A.latencyTotal, total);
  set(A.latencyUpstream, upstream);
  set(A.latencyInternal, Math.max(0, total - io - client - upstream));
}
