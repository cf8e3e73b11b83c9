import { type Headers, isHopByHop } from '@gatescope/http1';
import type { OwnHeaders } from './gateway-runtime.ts';
import { httpDate } from './http-date.ts';
import type { RequestView } from './request-view.ts';

/**
 * The field lines of a response that are passed on: without those of the connection (RFC 9110 §7.6.1; `connection` is what the Connection
 * field named) and without the X-Kong-* fields that the gateway sets itself.
 */
export function passedFields(
  headers: Headers,
  connection: string | undefined,
  replaced: ReadonlySet<string>,
): string {
  const { names, lowerNames, values } = headers;
  let text = '';
  for (let index = 0; index < names.length; index++) {
    const lower = lowerNames[index]!;
    if (lower === 'content-length' || isHopByHop(lower, connection)) continue;
    if (lower.startsWith('x-kong-') && replaced.has(lower)) continue;
    text += `${names[index]}: ${values[index]}\r\n`;
  }
  return text;
}

/** The field lines that the gateway adds to an answer of its own. */
export function ownAnswerFields(own: OwnHeaders, request: RequestView, product: string): string {
  let text = '';
  if (own.responseLatency)
    text += `X-Kong-Response-Latency: ${Math.round(performance.now() - request.firstByteMs)}\r\n`;
  if (own.upstreamStatus && request.upstreamStatus !== null)
    text += `X-Kong-Upstream-Status: ${request.upstreamStatus}\r\n`;
  if (own.server) text += `Server: ${product}\r\n`;
  text += `Date: ${httpDate()}\r\n`;
  // The field of a 426 concerns the connection, so that it is not among those passed on (RFC 9110 §15.5.22).
  if (request.status === 426)
    text += `Upgrade: ${request.upgradeTo ?? 'TLS/1.2, HTTP/1.1'}\r\nConnection: Upgrade\r\n`;
  if (own.requestId) text += `X-Kong-Request-Id: ${request.requestId}\r\n`;
  return text;
}

/** The field lines that the gateway adds to an upstream's answer; `sentMs` and `headersMs` are when it was asked and when it answered. */
export function ownProxyFields(
  own: OwnHeaders,
  request: RequestView,
  product: string,
  sentMs: number,
  headersMs: number,
): string {
  let text = '';
  if (own.upstreamLatency) text += `X-Kong-Upstream-Latency: ${Math.round(headersMs - sentMs)}\r\n`;
  if (own.proxyLatency) text += `X-Kong-Proxy-Latency: ${Math.round(sentMs - request.firstByteMs)}\r\n`;
  if (own.upstreamStatus && request.upstreamStatus !== null)
    text += `X-Kong-Upstream-Status: ${request.upstreamStatus}\r\n`;
  if (own.via) text += `Via: 1.1 ${product}\r\n`;
  if (own.requestId) text += `X-Kong-Request-Id: ${request.requestId}\r\n`;
  return text;
}
