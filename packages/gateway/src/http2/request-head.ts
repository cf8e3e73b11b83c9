import {
  Headers,
  isFieldName,
  isFieldValue,
  ProtocolError,
  type RequestHead,
  type ServerLimits,
} from '@gatescope/http1';

const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const REFUSED_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/**
 * Reads the head of a request from the fields of an HTTP/2 stream: names and values by turns, pseudo-fields first. The authority becomes a
 * Host field, lines of Cookie one line (RFC 9113 §8.2.3, §8.3.1). What could be taken for something else once it is written as HTTP/1.1 is
 * refused with a {@link ProtocolError}.
 */
export function readHttp2Head(
  fields: readonly string[],
  hasEnded: boolean,
  limits: ServerLimits,
): RequestHead {
  let method = '';
  let target = '';
  let authority: string | undefined;
  let contentLength: number | undefined;
  let expect: string | undefined;
  let headBytes = 0;
  const headers = new Headers();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index]!;
    const value = fields[index + 1]!;
    headBytes += name.length + value.length;
    if (name === ':method') method = value;
    else if (name === ':path') target = value;
    else if (name === ':authority') authority = value;
    else if (!name.startsWith(':')) {
      checkField(name, value, limits);
      if (name === 'content-length') contentLength = readContentLength(value, contentLength);
      else if (name === 'expect') expect = value;
      if (name === 'cookie' && headers.has('cookie'))
        headers.set('cookie', `${headers.get('cookie')}; ${value}`);
      else headers.append(name, value);
    }
  }
  if (headers.length > limits.headerCountMax || headBytes > limits.headBytesMax)
    throw new ProtocolError('headers_too_large', 'too many header fields');
  checkMethod(method);
  checkTarget(target, method, limits);
  const host = readHost(headers, authority);
  if (limits.bodyBytesMax > 0 && (contentLength ?? 0) > limits.bodyBytesMax)
    throw new ProtocolError('body_too_large', 'body too large');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new ProtocolError('expectation_failed', 'only 100-continue can be expected');
  return {
    method,
    target,
    host,
    minorVersion: 1,
    headers,
    headBytes,
    contentLength: hasEnded ? 0 : (contentLength ?? -1),
    connection: undefined,
    upgrade: undefined,
    expectContinue: expect !== undefined,
    keepAlive: true,
  };
}

function checkField(name: string, value: string, limits: ServerLimits): void {
  if (name.length + value.length > limits.headerBytesMax)
    throw new ProtocolError('headers_too_large', 'header field too long');
  if (!isFieldName(name) || name !== name.toLowerCase() || !isFieldValue(value))
    throw new ProtocolError('bad_request', 'invalid header field');
  if (OF_CONNECTION.has(name) || (name === 'te' && value !== 'trailers'))
    throw new ProtocolError('bad_request', 'a field of the connection in HTTP/2');
}

function checkMethod(method: string): void {
  if (!isFieldName(method)) throw new ProtocolError('bad_request', 'invalid method');
  if (REFUSED_METHODS.has(method))
    throw new ProtocolError('method_not_allowed', `method ${method} is not served`);
}

function checkTarget(target: string, method: string, limits: ServerLimits): void {
  if (target.length > limits.requestLineBytesMax)
    throw new ProtocolError('target_too_long', 'request line too long');
  if (target === '*' && method === 'OPTIONS') return;
  if (!/^\/[\x21\x22\x24-\x7e\x80-\xff]*$/.test(target))
    throw new ProtocolError('bad_request', 'invalid request target');
}

/** The authority goes before the Host field, which has to be the same where both are there (RFC 9113 §8.3.1). */
function readHost(headers: Headers, authority: string | undefined): string {
  const told = headers.getAll('host');
  const host = authority ?? told[0];
  if (host === undefined) throw new ProtocolError('bad_request', 'neither authority nor Host field');
  if (told.length > 1 || (told.length === 1 && told[0] !== host))
    throw new ProtocolError('bad_request', 'Host field and authority differ');
  if (/[\s/?#@\\]/.test(host) || !isFieldValue(host))
    throw new ProtocolError('bad_request', 'invalid authority');
  if (told.length === 0) headers.append('host', host);
  return host;
}

function readContentLength(value: string, before: number | undefined): number {
  if (before !== undefined || !/^\d{1,15}$/.test(value))
    throw new ProtocolError('bad_request', 'invalid Content-Length');
  return Number(value);
}
