import { textOf } from './bytes-text.ts';
import { HEADER, Headers, knownNameAt, namesOption, valueEndOf } from './headers.ts';
import { ProtocolError } from './http-error.ts';
import type { ServerLimits } from './limits.ts';
import { type HeadSpans, HttpParser, lastHeadSpans, REQUEST } from './llhttp.ts';

/** The head of a request, checked to the letter of RFC 9112. */
export interface RequestHead {
  readonly method: string;
  /** The request target in origin-form (or `*`); of an absolute-form target, what follows the authority. */
  readonly target: string;
  /** Of an absolute-form target its authority, which overrides Host (RFC 9112 §3.2.2); the Host field otherwise. */
  readonly host: string | undefined;
  readonly minorVersion: 0 | 1;
  readonly headers: Headers;
  /** Bytes of the whole head with its empty line. */
  readonly headBytes: number;
  /** Length of the body, -1 for a chunked one. */
  readonly contentLength: number;
  /** Value of the Connection field, several lines joined. */
  readonly connection: string | undefined;
  /** Protocol asked for with Connection: upgrade, or undefined. */
  readonly upgrade: string | undefined;
  readonly expectContinue: boolean;
  readonly keepAlive: boolean;
}

const CR = 13;
const MARK_1_1 = 49;
/** What stands behind the target in a request line: ` HTTP/1.1`. */
const VERSION_BYTES = 9;
const REFUSED_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/**
 * Parses the head in `bytes` from `from` to `to` (just behind its empty line). Answers the head and, for a chunked body, the
 * parser that goes on with it. Throws a {@link ProtocolError} for anything RFC 9112 does not allow.
 */
export function parseRequestHead(
  bytes: Buffer,
  from: number,
  to: number,
  limits: ServerLimits,
): { head: RequestHead; parser: HttpParser | null } {
  const parser = HttpParser.take(REQUEST);
  let lend = false;
  try {
    const error = parser.executeHead(bytes, from, to);
    const spans = lastHeadSpans();
    if (error !== null) throw new ProtocolError('bad_request', error.reason);
    const head = readHead(bytes, from, textOf(bytes, from, to), spans, limits);
    lend = head.contentLength < 0;
    return { head, parser: lend ? parser : null };
  } finally {
    if (!lend) parser.release();
  }
}

/** `text` is the head, which begins at `from` in `bytes`; the spans are relative to that. */
function readHead(
  bytes: Buffer,
  from: number,
  text: string,
  spans: HeadSpans,
  limits: ServerLimits,
): RequestHead {
  const { urlStart, urlEnd, offsets } = spans;
  if (urlStart < 0 || !spans.complete) throw new ProtocolError('bad_request', 'incomplete request line');
  if (urlEnd + VERSION_BYTES > limits.requestLineBytesMax)
    throw new ProtocolError('target_too_long', 'request line too long');
  if (spans.overflow || spans.count > limits.headerCountMax) {
    throw new ProtocolError('headers_too_large', 'too many header fields');
  }
  const minorVersion = readVersion(text, urlEnd);
  const method = text.slice(0, urlStart - 1);
  // The parser skips bare line ends before the method, which would then be part of it.
  if (method.charCodeAt(0) <= 32)
    throw new ProtocolError('bad_request', 'a bare line end before the request line');
  if (method.charCodeAt(method.length - 1) === 32)
    throw new ProtocolError('bad_request', 'more than one space in the request line');
  if (REFUSED_METHODS.has(method))
    throw new ProtocolError('method_not_allowed', `method ${method} is not served`);

  const headers = new Headers();
  let host: string | undefined;
  let connection: string | undefined;
  let upgrade: string | undefined;
  let expect: string | undefined;
  let contentLength = 0;
  let chunked = false;
  let hosts = 0;
  for (let slot = 0; slot < spans.count * 4; slot += 4) {
    const valueStart = offsets[slot + 2]!;
    const valueEnd = valueStart < 0 ? 0 : valueEndOf(text, valueStart, offsets[slot + 3]!);
    if (offsets[slot + 3]! - offsets[slot]! > limits.headerBytesMax) {
      throw new ProtocolError('headers_too_large', 'header field too long');
    }
    const known = knownNameAt(bytes, from + offsets[slot]!, from + offsets[slot + 1]!);
    const value = valueStart < 0 ? '' : text.slice(valueStart, valueEnd);
    headers.names.push(known.name);
    headers.lowerNames.push(known.lower);
    headers.values.push(value);
    switch (known.id) {
      case HEADER.other:
        break;
      case HEADER.host:
        hosts++;
        host = value;
        break;
      case HEADER.connection:
        connection = connection === undefined ? value : `${connection}, ${value}`;
        break;
      case HEADER.contentLength:
        contentLength = readContentLength(value);
        break;
      case HEADER.transferEncoding:
        if (chunked || value.toLowerCase() !== 'chunked')
          throw new ProtocolError('bad_request', 'transfer coding is not supported');
        chunked = true;
        break;
      case HEADER.upgrade:
        upgrade = value;
        break;
      case HEADER.expect:
        expect = value;
        break;
    }
  }
  if (hosts > 1) throw new ProtocolError('bad_request', 'more than one Host field');
  if (hosts === 0 && minorVersion === 1) throw new ProtocolError('bad_request', 'no Host field');
  if (host !== undefined && /[\s/?#@\\]/.test(host))
    throw new ProtocolError('bad_request', 'invalid Host field');
  if (chunked && minorVersion === 0) throw new ProtocolError('bad_request', 'Transfer-Encoding in HTTP/1.0');
  if (limits.bodyBytesMax > 0 && contentLength > limits.bodyBytesMax)
    throw new ProtocolError('body_too_large', 'body too large');
  const target = readTarget(text.slice(urlStart, urlEnd), method);
  return {
    method,
    target: target.path,
    host: target.authority ?? host,
    minorVersion,
    headers,
    headBytes: text.length,
    contentLength: chunked ? -1 : contentLength,
    connection,
    upgrade:
      upgrade !== undefined &&
      connection !== undefined &&
      minorVersion === 1 &&
      namesOption(connection, 'upgrade')
        ? upgrade
        : undefined,
    expectContinue: readExpect(expect, minorVersion),
    keepAlive: keepsAlive(connection, minorVersion),
  };
}

function readVersion(text: string, urlEnd: number): 0 | 1 {
  // " HTTP/1.x\r\n": one space, the version, the line's end.
  if (!text.startsWith(' HTTP/', urlEnd)) throw new ProtocolError('bad_request', 'HTTP/0.9 is not served');
  if (!text.startsWith('1.', urlEnd + 6) || text.charCodeAt(urlEnd + 9) !== CR) {
    throw new ProtocolError('unsupported_version', 'only HTTP/1.0 and HTTP/1.1 are served here');
  }
  const minor = text.charCodeAt(urlEnd + 8);
  if (minor !== MARK_1_1 && minor !== 48)
    throw new ProtocolError('unsupported_version', 'unknown HTTP version');
  return minor === MARK_1_1 ? 1 : 0;
}

function readContentLength(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new ProtocolError('bad_request', 'invalid Content-Length');
  return Number(value);
}

function readExpect(expect: string | undefined, minorVersion: number): boolean {
  if (expect === undefined || minorVersion === 0) return false;
  if (expect.toLowerCase() === '100-continue') return true;
  throw new ProtocolError('expectation_failed', 'only 100-continue can be expected');
}

function keepsAlive(connection: string | undefined, minorVersion: number): boolean {
  if (connection === undefined) return minorVersion === 1;
  if (namesOption(connection, 'close')) return false;
  return minorVersion === 1 || namesOption(connection, 'keep-alive');
}

function readTarget(target: string, method: string): { path: string; authority: string | undefined } {
  if (target.includes('#')) throw new ProtocolError('bad_request', 'fragment in the request target');
  const first = target.charCodeAt(0);
  if (first === 47) return { path: target, authority: undefined };
  if (target === '*' && method === 'OPTIONS') return { path: target, authority: undefined };
  const absolute = /^https?:\/\/([^/?#@\\]+)((?:[/?].*)?)$/i.exec(target);
  if (absolute === null) throw new ProtocolError('bad_request', 'invalid request target');
  const rest = absolute[2]!;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority: absolute[1]! };
}
