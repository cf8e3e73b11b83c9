import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codingsOf, decodeBody } from './decode-body.ts';

const TEXT = Buffer.from('{"order":7,"lines":["tea","milk"]}'.repeat(20));
/** `TEXT`, as the zstd program writes it; the same with a window of 128 MB; 3,000,000 times `a`. */
const ZSTD = Buffer.from(
  'KLUv/WSoAV0BACQCeyJvcmRlciI6NywibGluZXMiOlsidGVhIiwibWlsayJdfQEAGlQq9QTDqHP1',
  'base64',
);
const ZSTD_WIDE = Buffer.from(
  'KLUv/QSIXQEAJAJ7Im9yZGVyIjo3LCJsaW5lcyI6WyJ0ZWEiLCJtaWxrIl19AQAaVCr1BMOoc/U=',
  'base64',
);
const ZSTD_BOMB = Buffer.from(
  'KLUv/aTAxi0ATAAACGEBAPz/ORACAgAQYQIAEGECABBhAgAQYQIAEGECABBhAgAQYQIAEGECABBhAgAQYQIAEGECABBhAgAQYQIAEGECABBhAgAQYQIAEGECABBhAgAQYQIAEGECABBhAzYOYdK8QyI=',
  'base64',
);

describe('decodeBody()', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('takes %s off', async (coding, compress) => {
    expect(await decodeBody(compress(TEXT), [coding], 100_000, false)).toEqual({
      ok: true,
      bytes: TEXT,
      isCut: false,
    });
  });

  it('takes zstd off, of one frame and of several with something to skip between', async () => {
    expect(await decodeBody(ZSTD, ['zstd'], 100_000, false)).toEqual({ ok: true, bytes: TEXT, isCut: false });
    const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const body = Buffer.concat([ZSTD, skipped, ZSTD]);
    expect(await decodeBody(body, ['zstd'], 100_000, false)).toMatchObject({
      bytes: Buffer.concat([TEXT, TEXT]),
    });
  });

  it('decodes no zstd that would take more memory or work than the body is worth', async () => {
    expect(await decodeBody(ZSTD_WIDE, ['zstd'], 100_000, false)).toEqual({
      ok: false,
      reason: 'not valid zstd data: asks for a window of 134217728 bytes',
    });
    expect(await decodeBody(ZSTD_BOMB, ['zstd'], 1_000, false)).toEqual({
      ok: true,
      bytes: Buffer.alloc(1_000, 'a'),
      isCut: true,
    });
    // A frame with a window of 8 MB, and blocks that hold nothing.
    const empty = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x68]), Buffer.alloc(3 * 300_000)]);
    expect(await decodeBody(empty, ['zstd'], 1_000, false)).toEqual({
      ok: false,
      reason: 'not valid zstd data: takes more work to decode than it is worth',
    });
  });

  it('takes several off, the last applied first', async () => {
    const body = brotliCompressSync(gzipSync(TEXT));
    expect(await decodeBody(body, ['gzip', 'br'], 100_000, false)).toMatchObject({ bytes: TEXT });
  });

  it('gives what there is of a body that is cut anywhere, a beginning of the whole', async () => {
    const whole = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 97));
    for (const [coding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const) {
      const body = compress(whole);
      for (let end = 1; end < body.length; end += 37) {
        const decoded = await decodeBody(body.subarray(0, end), [coding], 100_000, true);
        if (!decoded.ok) continue;
        expect(decoded.isCut).toBe(true);
        expect(whole.subarray(0, decoded.bytes.length)).toEqual(decoded.bytes);
      }
    }
  });

  it('stops at the bound, however much a body would expand to', async () => {
    const bomb = Buffer.alloc(50_000_000);
    for (const [coding, body] of [
      ['gzip', gzipSync(bomb)],
      ['br', brotliCompressSync(bomb, { params: { 0: 0, 1: 1 } })],
    ] as const) {
      const before = process.memoryUsage().arrayBuffers;
      const decoded = await decodeBody(body, [coding], 1_000, false);
      expect(decoded).toEqual({ ok: true, bytes: Buffer.alloc(1_000), isCut: true });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    }
  });

  it('says why it could not', async () => {
    const reasonOf = async (coding: string, body: Buffer) => {
      const decoded = await decodeBody(body, [coding], 1_000, false);
      return decoded.ok ? null : decoded.reason;
    };
    expect(await reasonOf('gzip', Buffer.from('plain text'))).toBe(
      'not valid gzip data: incorrect header check',
    );
    expect(await reasonOf('zstd', Buffer.from('plain text'))).toBe('not valid zstd data: not Zstandard data');
    expect(await reasonOf('aes128gcm', TEXT)).toBe('content coding aes128gcm is not known');
    expect(await decodeBody(TEXT, ['gzip', 'gzip', 'gzip', 'gzip'], 1_000, false)).toEqual({
      ok: false,
      reason: '4 content codings',
    });
  });

  it('never throws and keeps the bound, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('gzip', 'deflate', 'br', 'zstd'),
        fc.uint8Array({ maxLength: 100 }),
        fc.boolean(),
        async (coding, bytes, isZstd) => {
          const body = Buffer.concat([
            isZstd ? Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) : Buffer.alloc(0),
            bytes,
          ]);
          const decoded = await decodeBody(body, [coding], 50, false);
          if (decoded.ok) expect(decoded.bytes.length).toBeLessThanOrEqual(50);
        },
      ),
    );
  });
});

describe('codingsOf()', () => {
  it('reads the list of a Content-Encoding field', () => {
    expect(codingsOf(null)).toEqual([]);
    expect(codingsOf('identity')).toEqual([]);
    expect(codingsOf(' GZip , br')).toEqual(['gzip', 'br']);
  });
});
