import { textOf } from './bytes-text.ts';
import { HEADER, Headers, isFieldValue, knownNameAt, namesOption, valueEndOf } from './headers.ts';
import { UpstreamError } from './http-error.ts';
import type { ClientLimits } from './limits.ts';
import { type HeadSpans, HttpParser, lastHeadSpans, RESPONSE } from './llhttp.ts';

/** How the end of a response's body is found (RFC 9112 §6.3). */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close';

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  readonly headers: Headers;
  readonly headBytes: number;
  readonly framing: BodyFraming;
  /** Bytes of the body that follows; -1 where the framing does not tell. */
  readonly contentLength: number;
  readonly connection: string | undefined;
  /** Whether the connection can be used again once the body was read. */
  readonly keepAlive: boolean;
}

/**
 * Parses the head in `bytes` from `from` to `to` (just behind its empty line), of the answer to a request with `method`. For a
 * chunked body the parser that goes on with it is given too. Throws an {@link UpstreamError} `invalid_response`.
 */
export function parseResponseHead(
  bytes: Buffer,
  from: number,
  to: number,
  method: string,
  limits: ClientLimits,
): { head: ResponseHead; parser: HttpParser | null } {
  const parser = HttpParser.take(RESPONSE);
  let lend = false;
  try {
    const error = parser.executeHead(bytes, from, to);
    if (error !== null) throw invalid(error.reason);
    const head = readHead(bytes, from, textOf(bytes, from, to), lastHeadSpans(), method, limits);
    lend = head.framing === 'chunked';
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
  method: string,
  limits: ClientLimits,
): ResponseHead {
  if (!spans.complete) throw invalid('incomplete status line');
  if (spans.overflow || spans.count > limits.headerCountMax) throw invalid('too many header fields');
  const minor = text.charCodeAt(7);
  if (!text.startsWith('HTTP/1.') || (minor !== 48 && minor !== 49)) throw invalid('unknown HTTP version');
  const status = Number(text.slice(9, 12));
  const reason = text.charCodeAt(12) === 32 ? text.slice(13, text.indexOf('\r', 13)) : '';
  if (status < 100) throw invalid('status below 100');
  if (reason !== 'OK' && !isFieldValue(reason)) throw invalid('control character in the reason');
  const minorVersion = minor === 49 ? 1 : 0;

  const headers = new Headers();
  const { offsets } = spans;
  let connection: string | undefined;
  let contentLength = -1;
  let transferEncoding: string | undefined;
  for (let slot = 0; slot < spans.count * 4; slot += 4) {
    const known = knownNameAt(bytes, from + offsets[slot]!, from + offsets[slot + 1]!);
    const valueStart = offsets[slot + 2]!;
    const value =
      valueStart < 0 ? '' : text.slice(valueStart, valueEndOf(text, valueStart, offsets[slot + 3]!));
    headers.names.push(known.name);
    headers.lowerNames.push(known.lower);
    headers.values.push(value);
    if (known.id === HEADER.other) continue;
    if (known.id === HEADER.contentLength) {
      if (!/^\d{1,15}$/.test(value)) throw invalid('invalid Content-Length');
      contentLength = Number(value);
    } else if (known.id === HEADER.transferEncoding) {
      transferEncoding = transferEncoding === undefined ? value : `${transferEncoding}, ${value}`;
    } else if (known.id === HEADER.connection) {
      connection = connection === undefined ? value : `${connection}, ${value}`;
    }
  }
  const framing = framingOf(status, method, contentLength, transferEncoding, minorVersion);
  const persistent =
    connection === undefined
      ? minorVersion === 1
      : !namesOption(connection, 'close') && (minorVersion === 1 || namesOption(connection, 'keep-alive'));
  return {
    status,
    reason,
    minorVersion,
    headers,
    headBytes: text.length,
    framing,
    contentLength: framing === 'length' ? contentLength : framing === 'none' ? 0 : -1,
    connection,
    keepAlive: persistent && framing !== 'close',
  };
}

function framingOf(
  status: number,
  method: string,
  contentLength: number,
  transferEncoding: string | undefined,
  minorVersion: number,
): BodyFraming {
  if (transferEncoding !== undefined && contentLength >= 0)
    throw invalid('Content-Length beside Transfer-Encoding');
  if (transferEncoding !== undefined) {
    if (minorVersion === 0) throw invalid('Transfer-Encoding in HTTP/1.0');
    if (transferEncoding.toLowerCase() !== 'chunked')
      throw invalid(`unknown transfer coding ${transferEncoding}`);
  }
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return 'none';
  if (transferEncoding !== undefined) return 'chunked';
  if (contentLength > 0) return 'length';
  return contentLength === 0 ? 'none' : 'close';
}

function invalid(reason: string): UpstreamError {
  return new UpstreamError('invalid_response', `invalid response: ${reason}`);
}
