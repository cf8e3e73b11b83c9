import type { ServerExchange } from '@gatescope/http1';
import type { CertificateRun } from '../pipeline/certificate-phase.ts';
import { addKeptSpans } from '../tracing/kept-spans.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { attribute, SPAN } from '../tracing/span-kinds.ts';
import { ClientWaits } from './client-waits.ts';
import type { RequestView } from './request-view.ts';

const HEADERS_COUNT = attribute('proxy.kong.http_headers_count');
const HEADERS_SIZE = attribute('proxy.kong.http_headers_size');

/** Notes what happened before there was a record: the handshake, where it is this request's, and the reading of its head. */
export function recordArrival(record: RequestRecord, server: ServerExchange, startMs: number): void {
  const { tls } = server.connection;
  if (tls !== null && server.ordinal === 1 && startMs === tls.startedMs) {
    const handshake = record.add(SPAN.tlsHandshake, 0, tls.startedMs, tls.endedMs);
    const certificate = record.openPhase(
      'certificate',
      Number.isNaN(tls.certificateStartMs) ? tls.startedMs : tls.certificateStartMs,
    );
    record.move(certificate, handshake);
    record.close(
      certificate,
      Number.isNaN(tls.certificateEndMs) ? record.startOf(certificate) : tls.certificateEndMs,
    );
    for (const { name, id, startMs, endMs, inside } of (tls.certificateNote ?? []) as CertificateRun[]) {
      const plugin = record.openPlugin('certificate', certificate, name, id, startMs);
      record.close(plugin, endMs);
      if (inside.length > 0) addKeptSpans(record, plugin, inside);
    }
  }
  const span = record.add(SPAN.readHeaders, 0, server.firstByteMs, server.headersCompleteMs);
  record.set(span, HEADERS_COUNT, server.headers.length);
  record.set(span, HEADERS_SIZE, server.head.headBytes);
}

/** Notes the reading of the request's body, where some of it came: from when it was asked for, since the client is waited for then alone. */
export function recordRequestBody(record: RequestRecord, server: ServerExchange, endMs: number): void {
  if (Number.isNaN(server.bodyStartMs)) return;
  if (server.requestBodyBytes === 0 && Number.isNaN(server.bodyCompleteMs)) return;
  const bodyEndMs = Number.isNaN(server.bodyCompleteMs) ? endMs : server.bodyCompleteMs;
  record.add(SPAN.readBody, 0, server.bodyStartMs, bodyEndMs);
}

/**
 * Ends the record: the client was waited for from the moment there was nothing more to wait for from the upstream (`upstreamEndMs`, NaN
 * where its answer was not read to the end, or there was none).
 */
export function recordDeparture(
  record: RequestRecord,
  request: RequestView,
  waits: ClientWaits | null,
  upstreamEndMs: number,
): void {
  const { server, status, endMs } = request;
  if (server.isResponseStarted) {
    const startedMs = server.responseStartedMs;
    const waitMs = Number.isNaN(upstreamEndMs) ? startedMs : Math.max(upstreamEndMs, startedMs);
    (waits ?? new ClientWaits()).add(record, Math.min(waitMs, endMs), endMs);
  }
  const isCut = server.isResponseStarted && Number.isNaN(server.flushedMs);
  if (request.failure !== null && status !== null && (isCut || status >= 500 || status === 499))
    record.fail(0, request.failure);
  record.close(0, endMs);
  record.closeOpen(endMs);
}
