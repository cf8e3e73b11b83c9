import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

const INFLATED_BYTES_MAX = 64 * 1_048_576;
const DEPTH_MAX = 3;
const BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
/** What a body that is longer begins with is found by the bytes that say so alone: trying costs most of the time. */
const WHOLE_BYTES_MAX = 4_096;

/** Which texts are found in the files below a directory, by file: as they stand, in Base64, in compressed data, and in any of these within another. */
export function foundInFiles(directory: string, texts: readonly string[]): Map<string, string[]> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
  const found = files.map((name) => [name, foundIn(readFileSync(join(directory, name)), texts)] as const);
  return new Map(found.filter(([, list]) => list.length > 0));
}

/** Which texts bytes hold in any of these ways. */
export function foundIn(bytes: Buffer, texts: readonly string[]): string[] {
  const found = new Set<string>();
  search(bytes, texts, found, 0);
  return texts.filter((text) => found.has(text));
}

function search(bytes: Buffer, texts: readonly string[], found: Set<string>, depth: number): void {
  for (const text of texts) if (!found.has(text) && bytes.includes(text)) found.add(text);
  if (depth === DEPTH_MAX) return;
  for (const inner of unfolded(bytes)) search(inner, texts, found, depth + 1);
}

/** What lies in bytes: data compressed as a whole, gzip streams and members of zip archives from any place on, runs of Base64. */
function* unfolded(bytes: Buffer): Generator<Buffer> {
  const isZlib = bytes.length > 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
  if (isZlib) yield* attempt(() => inflateSync(bytes, { maxOutputLength: INFLATED_BYTES_MAX }));
  if (bytes.length <= WHOLE_BYTES_MAX && !isText(bytes)) {
    for (const decompress of [inflateRawSync, brotliDecompressSync])
      yield* attempt(() => decompress(bytes, { maxOutputLength: INFLATED_BYTES_MAX }));
  }
  for (let at = bytes.indexOf('1f8b08', 0, 'hex'); at >= 0; at = bytes.indexOf('1f8b08', at + 1, 'hex'))
    yield* attempt(() => gunzipSync(bytes.subarray(at), { maxOutputLength: INFLATED_BYTES_MAX }));
  for (let at = bytes.indexOf('PK\x03\x04'); at >= 0; at = bytes.indexOf('PK\x03\x04', at + 1)) {
    // The member of an archive: its names and further fields, then deflated data.
    yield* attempt(() => {
      const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
      return inflateRawSync(bytes.subarray(from), { maxOutputLength: INFLATED_BYTES_MAX });
    });
  }
  for (const [run] of bytes.latin1Slice().matchAll(BASE64)) {
    // A run may begin in the middle of what belongs to it.
    for (let from = 0; from < 4; from++) yield Buffer.from(run.slice(from), 'base64');
  }
}

/** Whether there are no other bytes than a text has. */
function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function* attempt(decompress: () => Buffer): Generator<Buffer> {
  try {
    yield decompress();
  } catch {
    // Not compressed in this way.
  }
}
