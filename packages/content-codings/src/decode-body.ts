import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { messageOf } from '@gatescope/base';
import { Decompress } from 'fzstd';
import { zstdFrames } from './zstd-frames.ts';

/** Content codings that may lie over each other. */
const CODINGS_MAX = 3;

/** A body without its content codings, or why it could not be decoded. */
export type DecodedBody =
  | { readonly ok: true; readonly bytes: Buffer /** More would have come. */; readonly isCut: boolean }
  | { readonly ok: false; readonly reason: string };

/** The content codings that a Content-Encoding field names (RFC 9110 §8.4), in the order they were applied. */
export function codingsOf(field: string | null): string[] {
  if (field === null) return [];
  return field
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/**
 * Takes the content codings off the beginning of a body; never gives, nor holds, more than `max` bytes and a little, whatever the bytes would
 * expand to. With `isCut` they are not the whole body.
 */
export async function decodeBody(
  bytes: Buffer,
  codings: readonly string[],
  max: number,
  isCut: boolean,
): Promise<DecodedBody> {
  if (codings.length > CODINGS_MAX) return { ok: false, reason: `${codings.length} content codings` };
  let decoded = bytes;
  let cut = isCut;
  for (const coding of codings.toReversed()) {
    const result = await takeOff(coding, decoded, max);
    if (typeof result === 'string') return { ok: false, reason: result };
    decoded = result.bytes;
    cut ||= result.isCut;
  }
  return { ok: true, bytes: decoded, isCut: cut };
}

async function takeOff(
  coding: string,
  bytes: Buffer,
  max: number,
): Promise<{ bytes: Buffer; isCut: boolean } | string> {
  if (bytes.length === 0) return { bytes, isCut: false };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return await inflate(coding, createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }), bytes, max);
    case 'deflate':
      // Meant is the zlib format; some senders leave its wrapping away.
      return await inflate(
        coding,
        isZlib(bytes)
          ? createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
          : createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH }),
        bytes,
        max,
      );
    case 'br':
      return await inflate(
        coding,
        createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
        bytes,
        max,
      );
    case 'zstd':
      return unzstd(bytes, max);
    default:
      return `content coding ${coding.slice(0, 20)} is not known`;
  }
}

function inflate(
  coding: string,
  stream: Transform,
  bytes: Buffer,
  max: number,
): Promise<{ bytes: Buffer; isCut: boolean } | string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (isCut: boolean) => {
      stream.destroy();
      resolve({ bytes: Buffer.concat(chunks).subarray(0, max), isCut });
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > max) settle(true);
    });
    stream.on('end', () => settle(false));
    // What came out before the data went wrong is as good as any.
    stream.on('error', (error) => {
      if (length > 0) settle(true);
      else resolve(`not valid ${coding} data: ${messageOf(error)}`);
    });
    stream.end(bytes);
  });
}

function unzstd(bytes: Buffer, max: number): { bytes: Buffer; isCut: boolean } | string {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (const frame of zstdFrames(bytes)) {
      const decompress = new Decompress((chunk) => {
        chunks.push(chunk.slice());
        length += chunk.length;
        if (length > max) throw new Enough();
      });
      decompress.push(frame, false);
    }
  } catch (error) {
    if (!(error instanceof Enough) && length === 0) return `not valid zstd data: ${messageOf(error)}`;
    return { bytes: Buffer.concat(chunks).subarray(0, max), isCut: true };
  }
  return { bytes: Buffer.concat(chunks), isCut: false };
}

/** Thrown to stop decoding where there is enough. */
class Enough extends Error {}

/** Whether the data begins as RFC 1950 says. */
function isZlib(bytes: Buffer): boolean {
  return bytes.length < 2 || ((bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0);
}
