import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { openAt, sealAt } from '@gatescope/envelope';
import type { SentPayload } from '@gatescope/protocol';
import { placeOf } from './trace-row.ts';

/** A payload, inflated, at most: four bodies of the largest size, as JSON. */
const PAYLOAD_BYTES_MAX = 64 * 1_048_576;

/** Compresses before sealing: what is sealed does not compress. */
export function sealPayload(dataKey: Buffer, session: string, trace: string, payload: SentPayload): Buffer {
  const text = Buffer.from(JSON.stringify(payload));
  return sealAt(placeOf(session, trace, 'payload'), dataKey, deflateRawSync(text, { level: 1 }));
}

export function openPayload(
  dataKey: Buffer,
  session: string,
  trace: string,
  sealed: Uint8Array,
): SentPayload {
  const deflated = openAt(placeOf(session, trace, 'payload'), dataKey, sealed);
  return JSON.parse(
    inflateRawSync(deflated, { maxOutputLength: PAYLOAD_BYTES_MAX }).toString(),
  ) as SentPayload;
}
