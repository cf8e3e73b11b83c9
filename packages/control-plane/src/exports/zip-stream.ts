import * as zlib from 'node:zlib';

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What the format holds without its 64-bit extension, which is not used here. */
const FILES_MAX = 65_535;
const BYTES_MAX = 0xffff_ffff;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATE = 8;
/** 1 January 1980: archives of the same contents are the same. */
const DATE = 0x0021;

/** A ZIP archive (PKWARE APPNOTE 6.3), file after file: no more than one is in memory. Throws where it grows beyond the format. */
export async function* zipStream(files: AsyncIterable<ZipFile>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name, content } of files) {
    const packed = zlib.deflateRawSync(content);
    const encoded = Buffer.from(name);
    const fields = fieldsOf(content, packed, encoded);
    const local = Buffer.concat([signature(0x04034b50), fields, encoded]);
    directory.push(
      Buffer.concat([signature(0x02014b50), u16(VERSION), fields, Buffer.alloc(10), u32(offset), encoded]),
    );
    offset += local.length + packed.length;
    if (offset > BYTES_MAX || directory.length > FILES_MAX) throw new Error('the archive is too large');
    yield local;
    yield packed;
  }
  let size = 0;
  for (const entry of directory) {
    size += entry.length;
    yield entry;
  }
  yield Buffer.concat([
    signature(0x06054b50),
    Buffer.alloc(4),
    u16(directory.length),
    u16(directory.length),
    u32(size),
    u32(offset),
    u16(0),
  ]);
}

/** What a file's own head and the directory have in common. */
function fieldsOf(content: Uint8Array, packed: Buffer, name: Buffer): Buffer {
  return Buffer.concat([
    u16(VERSION),
    u16(FLAGS),
    u16(DEFLATE),
    u16(0),
    u16(DATE),
    u32(crc32(content)),
    u32(packed.length),
    u32(content.length),
    u16(name.length),
    u16(0),
  ]);
}

/** Node 20 has none of its own before 20.15. */
function crc32(bytes: Uint8Array): number {
  const { crc32: own } = zlib as { crc32?: (bytes: Uint8Array) => number };
  if (own !== undefined) return own(bytes);
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

function signature(value: number): Buffer {
  return u32(value);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
