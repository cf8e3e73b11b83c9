import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

const INFLATED_BYTES_MAX = 64 * 1_048_576;
const DEPTH_MAX = 3;
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

/** The files below a directory in which a text is found: as it stands, in Base64, in compressed data, and in any of these within another. */
export function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .filter((name) => holds(readFileSync(join(directory, name)), Buffer.from(text)));
}

/** Whether bytes hold a text in any of these ways. */
export function holds(bytes: Buffer, text: Buffer, depth = 0): boolean {
  if (bytes.includes(text)) return true;
  if (depth === DEPTH_MAX) return false;
  return [...unfolded(bytes)].some((inner) => holds(inner, text, depth + 1));
}

/** What lies in bytes: data compressed as a whole, gzip streams from any place on, runs of Base64. */
function* unfolded(bytes: Buffer): Generator<Buffer> {
  for (const decompress of [inflateSync, inflateRawSync, brotliDecompressSync])
    yield* attempt(() => decompress(bytes, { maxOutputLength: INFLATED_BYTES_MAX }));
  for (let at = bytes.indexOf('1f8b08', 0, 'hex'); at >= 0; at = bytes.indexOf('1f8b08', at + 1, 'hex'))
    yield* attempt(() => gunzipSync(bytes.subarray(at), { maxOutputLength: INFLATED_BYTES_MAX }));
  for (const [run] of bytes.latin1Slice().matchAll(BASE64)) {
    // A run may begin in the middle of what belongs to it.
    for (let from = 0; from < 4; from++) yield Buffer.from(run.slice(from), 'base64');
  }
}

function* attempt(decompress: () => Buffer): Generator<Buffer> {
  try {
    yield decompress();
  } catch {
    // Not compressed in this way.
  }
}
