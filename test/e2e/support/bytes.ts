import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

const BLOCK = randomBytes(1_048_576);
const PIECE_BYTES = 65_536;

/** Bytes that look random, told by a seed and a length: the same for the same. */
export function* piecesOf(seed: number, bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const from = (seed * 7_919 + at * 31) % (BLOCK.length - PIECE_BYTES);
    const piece = Buffer.from(BLOCK.subarray(from, from + Math.min(PIECE_BYTES, bytes - at)));
    if (piece.length >= 8) {
      piece.writeUInt32BE(seed, 0);
      piece.writeUInt32BE(at / PIECE_BYTES, 4);
    }
    yield piece;
  }
}

/** Length and SHA-256 of bytes, as one text. */
export function sumOf(pieces: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
  }
  return `${bytes} ${hash.digest('hex')}`;
}

/** As {@link sumOf}, of what a stream brings, each piece told to `seen`. Rejects if it breaks off. */
export async function sumOfStream(
  stream: Readable,
  seen: (piece: Buffer) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    seen(piece);
    hash.update(piece);
    bytes += piece.length;
  }
  return `${bytes} ${hash.digest('hex')}`;
}

/** Writes pieces as fast as they are taken, and ends. `written` is told after each. */
export async function writeAll(
  stream: Writable,
  pieces: Iterable<Buffer>,
  written: (bytes: number) => void = () => {},
): Promise<void> {
  let bytes = 0;
  for (const piece of pieces) {
    const goesOn = stream.write(piece);
    bytes += piece.length;
    written(bytes);
    if (!goesOn) await once(stream, 'drain');
  }
  stream.end();
}
