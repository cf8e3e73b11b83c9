import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** Bytes that a body may decode to, at most: the rest is cut off, so that a small body can not become a huge one. */
export const DECODED_BYTES_MAX = 8 * 1_048_576;
/** Content codings over each other, at most. */
const CODINGS_MAX = 3;

type Decoder = (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;
const { zstdDecompress } = zlib as { zstdDecompress?: Parameters<typeof promisify>[0] };

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: promisify(zlib.gunzip) as Decoder,
  'x-gzip': promisify(zlib.gunzip) as Decoder,
  br: promisify(zlib.brotliDecompress) as Decoder,
  // Some send it without its header, whose first four bits are 8.
  deflate: async (bytes, options) =>
    await promisify((bytes[0]! & 0x0f) === 8 ? zlib.inflate : zlib.inflateRaw)(bytes, options),
  ...(zstdDecompress === undefined ? {} : { zstd: promisify(zstdDecompress) as Decoder }),
};

/** The body without the codings that Content-Encoding names, or why that is not possible. */
export async function decode(bytes: Buffer, contentEncoding: string | null): Promise<Buffer | string> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > CODINGS_MAX) return `${codings.length} content codings`;
  let decoded = bytes;
  for (const coding of codings.reverse()) {
    if (!Object.hasOwn(DECODERS, coding)) return `content coding ${coding.slice(0, 20)}`;
    try {
      decoded = await DECODERS[coding]!(decoded, { maxOutputLength: DECODED_BYTES_MAX });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ERR_BUFFER_TOO_LARGE'
        ? `more than ${DECODED_BYTES_MAX} bytes once decoded`
        : `damaged ${coding} data`;
    }
  }
  return decoded;
}
