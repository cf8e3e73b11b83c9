import { isHopByHop, type RequestHead } from '@gatescope/http1';
import type { GatewayExchange } from './gateway-exchange.ts';

/** What the request to the upstream is made of beside the exchange. */
export interface ForwardFacts {
  /** Host field for the upstream. */
  readonly host: string;
  readonly peerAddress: string;
  readonly peerTrusted: boolean;
  readonly serverPort: number;
  readonly prefix: string | null;
  readonly sendsRequestId: boolean;
  readonly upgrade: string | undefined;
  /** Of the body, bytes; negative: it goes in chunks. */
  readonly contentLength: number;
  readonly via: string;
}

/** Fields that are set anew for the upstream, whatever the client sent. */
const OWN: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-real-ip',
  'x-kong-request-id',
  'expect',
  'via',
]);

/**
 * The head of the request to the upstream: the client's fields without those of the connection (RFC 9110 §7.6.1), and those that a
 * proxy adds. A trusted peer's X-Forwarded-* are kept, others' are replaced.
 */
export function forwardHead(exchange: GatewayExchange, head: RequestHead, facts: ForwardFacts): string {
  const { upstreamRequest, headers } = exchange;
  const target =
    upstreamRequest.query === '' && !head.target.endsWith('?')
      ? upstreamRequest.path
      : `${upstreamRequest.path}?${upstreamRequest.query}`;
  let text = `${upstreamRequest.method} ${target} HTTP/1.1\r\nHost: ${facts.host}\r\n`;
  const { names, lowerNames, values } = headers;
  for (let index = 0; index < names.length; index++) {
    const lower = lowerNames[index]!;
    if (OWN.has(lower) || isHopByHop(lower, undefined)) continue;
    text += `${names[index]}: ${values[index]}\r\n`;
  }
  text +=
    facts.upgrade === undefined
      ? 'Connection: keep-alive\r\n'
      : `Connection: upgrade\r\nUpgrade: ${facts.upgrade}\r\n`;
  const { contentLength } = facts;
  // A chunked body that was buffered, and is empty, has a length too.
  if (contentLength > 0 || (contentLength === 0 && (head.contentLength < 0 || headers.has('content-length'))))
    text += `Content-Length: ${contentLength}\r\n`;
  else if (contentLength < 0) text += 'Transfer-Encoding: chunked\r\n';
  if (headers.has('te') && /(^|,)\s*trailers\s*(,|;|$)/i.test(headers.get('te')!)) text += 'TE: trailers\r\n';
  const told = headers.has('x-forwarded-for') ? headers.getAll('x-forwarded-for').join(', ') : null;
  text += `X-Forwarded-For: ${told === null ? facts.peerAddress : `${told}, ${facts.peerAddress}`}\r\n`;
  const trusted = facts.peerTrusted ? headers : null;
  text += `X-Forwarded-Proto: ${trusted?.get('x-forwarded-proto') ?? exchange.scheme}\r\n`;
  text += `X-Forwarded-Host: ${trusted?.get('x-forwarded-host') ?? hostName(exchange.host)}\r\n`;
  text += `X-Forwarded-Port: ${trusted?.get('x-forwarded-port') ?? facts.serverPort}\r\n`;
  text += `X-Forwarded-Path: ${trusted?.get('x-forwarded-path') ?? exchange.path}\r\n`;
  const prefix = trusted?.get('x-forwarded-prefix') ?? facts.prefix;
  if (prefix !== null && prefix !== undefined) text += `X-Forwarded-Prefix: ${prefix}\r\n`;
  text += `X-Real-IP: ${exchange.clientAddress}\r\n`;
  const via = headers.get('via');
  text += `Via: ${via === undefined ? facts.via : `${via}, ${facts.via}`}\r\n`;
  if (facts.sendsRequestId) text += `X-Kong-Request-Id: ${exchange.requestId}\r\n`;
  return `${text}\r\n`;
}

let lastHost = '';
let lastName = '';

/** Without the port; mostly of the host that was asked for before. */
function hostName(host: string): string {
  if (host === lastHost) return lastName;
  const colon = host.lastIndexOf(':');
  lastHost = host;
  lastName = colon > 0 && /^\d+$/.test(host.slice(colon + 1)) ? host.slice(0, colon) : host;
  return lastName;
}
