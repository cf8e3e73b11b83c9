import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SealedPlace } from '@gatescope/envelope';
import { openAt, sealAt } from '@gatescope/envelope';
import type { TraceSummary } from '@gatescope/protocol';
import { ORGANISATION } from '../keys/keyring.ts';
import type { TraceRow } from '../store/schema.ts';
import { timestampMicros } from '../time.ts';
import type { SealedSummary } from './sealed-summary.ts';
import { ShortDeflater } from './short-deflater.ts';
import { SPANS_DICTIONARY } from './spans-dictionary.ts';

/** Spans of one trace, inflated, at most. */
const SPANS_BYTES_MAX = 256 * 1_048_576;

/** Longer ones have more in common with themselves than with the dictionary, and gain by codes of their own. */
const short = new ShortDeflater(SPANS_DICTIONARY, 8_192);

export function placeOf(session: string, trace: string, kind: SealedPlace['kind']): SealedPlace {
  return { organisation: ORGANISATION, session, trace, kind };
}

export function sealSummary(dataKey: Buffer, session: string, trace: string, summary: SealedSummary): Buffer {
  return sealAt(placeOf(session, trace, 'summary'), dataKey, Buffer.from(JSON.stringify(summary)));
}

/** Compresses before sealing: what is sealed does not compress. */
export function sealSpans(dataKey: Buffer, session: string, trace: string, scopeSpans: Uint8Array): Buffer {
  const deflated =
    scopeSpans.length <= short.bytesMax
      ? short.deflate(scopeSpans)
      : deflateRawSync(scopeSpans, { level: 1, dictionary: SPANS_DICTIONARY });
  return sealAt(placeOf(session, trace, 'spans'), dataKey, deflated);
}

export function openSpans(
  dataKey: Buffer,
  row: Pick<TraceRow, 'session_id' | 'id' | 'sealed_spans'>,
): Buffer {
  return inflateRawSync(openAt(placeOf(row.session_id, row.id, 'spans'), dataKey, row.sealed_spans), {
    dictionary: SPANS_DICTIONARY,
    maxOutputLength: SPANS_BYTES_MAX,
  });
}

/** A row of the list, opened. */
export function openSummary(dataKey: Buffer, row: Omit<TraceRow, 'sealed_spans'>): TraceSummary {
  const sealed = JSON.parse(
    openAt(placeOf(row.session_id, row.id, 'summary'), dataKey, row.sealed_summary).toString(),
  ) as SealedSummary;
  return summaryOf(row, sealed);
}

export function summaryOf(
  row: Omit<TraceRow, 'sealed_spans' | 'sealed_summary'>,
  sealed: SealedSummary,
): TraceSummary {
  return {
    id: row.id,
    trace_id: row.trace_id,
    session_id: row.session_id,
    node_id: row.node_id,
    started_at: timestampMicros(row.started_us),
    method: row.method,
    host: sealed.host,
    path: sealed.path,
    status_code: row.status_code,
    upstream_status_code: row.upstream_status_code,
    duration_ms: row.duration_ms,
    upstream_ms: row.upstream_ms,
    gateway_ms: row.gateway_ms,
    client_ms: row.client_ms,
    io_ms: row.io_ms,
    service: sealed.service,
    route: sealed.route,
    consumer: sealed.consumer,
    span_count: row.span_count,
    log_count: row.log_count,
    error: sealed.error,
    slowest_plugin: sealed.slowest_plugin,
    exited_by: sealed.exited_by,
    has_payload: row.has_payload === 1,
  };
}
