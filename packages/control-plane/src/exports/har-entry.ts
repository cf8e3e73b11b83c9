import { STATUS_CODES } from 'node:http';
import type { CapturedMessage, SentPayload } from '@gatescope/protocol';
import type { StoredTrace } from '../traces/trace-reader.ts';

type Pair = { readonly name: string; readonly value: string };

/** Spans whose time is spent on looking a name up, and on sending the request on. */
const DNS = new Set(['kong.dns']);
const SEND = new Set(['kong.send_request_to_upstream']);
const RECEIVE = new Set(['kong.read_body_from_upstream', 'kong.wait_for_client_read']);

/**
 * A request as an entry of HAR 1.2: seen from the client, with headers and bodies where they were captured and may be read. Times are milliseconds;
 * `wait` is what no span says something else of, so that they add up to the whole.
 */
export function harEntry({ summary, spans }: StoredTrace, payload: SentPayload | null): object {
  const root = spans.find(({ name }) => name === 'kong');
  const scheme = root?.attributes['url.scheme'] === 'https' ? 'https' : 'http';
  const query = payload?.query ?? null;
  const search = query === null ? '' : `?${query}`;
  const dns = duration(spans, DNS);
  const send = duration(spans, SEND);
  const receive = duration(spans, RECEIVE);
  const request = payload?.client_request ?? null;
  const response = payload?.client_response ?? null;
  const status = summary.status_code ?? 0;
  return {
    startedDateTime: summary.started_at,
    time: summary.duration_ms,
    request: {
      method: summary.method,
      url: `${scheme}://${summary.host ?? 'unknown'}${summary.path}${search}`,
      httpVersion: `HTTP/${String(root?.attributes['network.protocol.version'] ?? '1.1')}`,
      cookies: [],
      headers: pairs(request),
      queryString: [...new URLSearchParams(query ?? '')].map(([name, value]) => ({ name, value })),
      headersSize: -1,
      bodySize: request?.body?.size_bytes ?? -1,
      ...postData(request),
    },
    response: {
      status,
      statusText: STATUS_CODES[status] ?? '',
      httpVersion: `HTTP/${String(root?.attributes['network.protocol.version'] ?? '1.1')}`,
      cookies: [],
      headers: pairs(response),
      content: content(response),
      redirectURL: pairs(response).find(({ name }) => name.toLowerCase() === 'location')?.value ?? '',
      headersSize: -1,
      bodySize: response?.body?.size_bytes ?? -1,
    },
    cache: {},
    timings: {
      blocked: -1,
      dns: dns === 0 ? -1 : dns,
      connect: -1,
      ssl: -1,
      send,
      wait: Math.max(0, summary.duration_ms - dns - send - receive),
      receive,
    },
    _traceId: summary.trace_id,
    _sessionId: summary.session_id,
  };
}

function duration(spans: StoredTrace['spans'], names: ReadonlySet<string>): number {
  let nanoseconds = 0n;
  for (const { name, start_unix_nano, end_unix_nano } of spans)
    if (names.has(name)) nanoseconds += BigInt(end_unix_nano) - BigInt(start_unix_nano);
  return Number(nanoseconds) / 1e6;
}

function pairs(message: CapturedMessage | null): Pair[] {
  return (message?.headers ?? []).map(([name, value]) => ({ name, value }));
}

function postData(message: CapturedMessage | null): object {
  const body = message?.body;
  if (body == null) return {};
  const mimeType = body.content_type ?? 'application/octet-stream';
  return 'text' in body
    ? { postData: { mimeType, params: [], text: body.text } }
    : { postData: { mimeType, params: [], text: body.base64, _encoding: 'base64' } };
}

function content(message: CapturedMessage | null): object {
  const body = message?.body;
  if (body == null) return { size: 0, mimeType: 'x-unknown' };
  const mimeType = body.content_type ?? 'application/octet-stream';
  return 'text' in body
    ? { size: body.size_bytes, mimeType, text: body.text }
    : { size: body.size_bytes, mimeType, text: body.base64, encoding: 'base64' };
}
