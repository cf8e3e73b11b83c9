/** The largest window a frame may ask for, bytes: what RFC 8878, 3.1.1.1.2 asks decoders to support. */
export const ZSTD_WINDOW_BYTES_MAX = 8 * 1_048_576;
/** Bytes that the windows of all blocks may be moved by: decoding moves the window once a block, however little the block holds. */
const ZSTD_MOVED_BYTES_MAX = 256 * 1_048_576;

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

/**
 * Cuts Zstandard data into its frames (RFC 8878, 3.1) without decoding them; the last may be incomplete. Throws a RangeError where decoding would
 * take more memory or work than a small body is worth, and where the data is no Zstandard.
 */
export function zstdFrames(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array[] = [];
  let moved = 0;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      if (at + 8 > bytes.length) break;
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) throw new RangeError('not Zstandard data');
    const header = frameHeader(view, at);
    if (header === null) break;
    if (header.window > ZSTD_WINDOW_BYTES_MAX)
      throw new RangeError(`asks for a window of ${header.window} bytes`);
    const { end, blocks } = frameEnd(view, header.blocksAt, header.hasChecksum);
    moved += (blocks + 1) * header.window;
    if (moved > ZSTD_MOVED_BYTES_MAX) throw new RangeError('takes more work to decode than it is worth');
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Null where the data ends within the header. */
function frameHeader(
  view: DataView,
  at: number,
): { window: number; blocksAt: number; hasChecksum: boolean } | null {
  if (at + 5 > view.byteLength) return null;
  const flags = view.getUint8(at + 4);
  const isSingle = (flags & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const sizeAt = at + 5 + (isSingle ? 0 : 1) + idBytes;
  const blocksAt = sizeAt + sizeBytes;
  if (blocksAt > view.byteLength) return null;
  const hasChecksum = (flags & 4) !== 0;
  if (!isSingle) {
    const descriptor = view.getUint8(at + 5);
    const base = 2 ** (10 + (descriptor >> 3));
    return { window: base + (base / 8) * (descriptor & 7), blocksAt, hasChecksum };
  }
  let size = 0;
  for (let index = sizeBytes - 1; index >= 0; index--) size = size * 256 + view.getUint8(sizeAt + index);
  return { window: sizeBytes === 2 ? size + 256 : size, blocksAt, hasChecksum };
}

/** Where a frame ends: behind its last block and checksum, or with the data. */
function frameEnd(view: DataView, from: number, hasChecksum: boolean): { end: number; blocks: number } {
  let blocks = 0;
  for (let at = from; at + 3 <= view.byteLength; ) {
    const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    blocks++;
    // A run-length block holds one byte, whatever its size says.
    at += 3 + ((block & 6) === 2 ? 1 : block >>> 3);
    if (at > view.byteLength) break;
    if ((block & 1) === 1) return { end: Math.min(at + (hasChecksum ? 4 : 0), view.byteLength), blocks };
  }
  return { end: view.byteLength, blocks };
}
