import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

const stars = (count: number) => '*'.repeat(count);

/** Bodies with what may be seen of them. */
export const MASKING_TABLE: readonly (readonly [body: string, shown: string])[] = [
  ['4242-4242-4242-4242', stars(19)],
  ['4111111111111111 5555555555554444', `${stars(16)} ${stars(16)}`],
  ['order 7 4242424242424242', `order 7 ${stars(16)}`],
  ['12 4242424242424242', `12 ${stars(16)}`],
  ['%34242424242424242', stars(18)],
  ['4242%204242%204242%204242', stars(25)],
  ['4242+4242+4242+4242', stars(19)],
  ['{"pan":4242424242424242}', `{"pan":${stars(16)}}`],
  ['{"pan":"4242\\n4242\\u00342424242"}', `{"pan":"${stars(23)}"}`],
  ['4242424242424241', '4242424242424241'],
];

/** Content codings with what encodes in them. */
export const CODINGS: readonly (readonly [coding: string, encode: (body: Buffer) => Buffer])[] = [
  ['identity', (body) => body],
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', storedInZstd],
];

/** Up to 255 bytes in a Zstandard frame of one block that is not compressed (RFC 8878, 3.1.1): Node's own encoder is too new. */
function storedInZstd(body: Buffer): Buffer {
  const block = (body.length << 3) | 1;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, body.length, block & 0xff, (block >> 8) & 0xff, block >> 16];
  return Buffer.concat([Buffer.from(head), body]);
}
