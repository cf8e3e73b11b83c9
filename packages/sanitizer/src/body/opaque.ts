/** Encodings whose text can't be looked through byte by byte. */
const OPAQUE_CHARSETS =
  /^(?:utf-?(?:7|16|32)|ucs|unicode|iso-?2022|iso-10646|hz|cp?0?37|ebcdic|ibm0?37|ibm-?1047)/i;

const BYTE_ORDER_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** What compressed or encrypted contents begin with. */
const SIGNATURES: readonly (readonly [kind: string, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68, 0x31]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['PDF', [0x25, 0x50, 0x44, 0x46, 0x2d]],
];
for (let level = 0x32; level <= 0x39; level++)
  (SIGNATURES as [string, number[]][]).push(['bzip2', [0x42, 0x5a, 0x68, level]]);

/** Why a body can't be looked through, or null. Its transfer and content codings have been taken off. */
export function opaqueReason(bytes: Uint8Array, contentType: string | null): string | null {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? '';
  if (OPAQUE_CHARSETS.test(charset)) return `charset ${charset.slice(0, 20)}`;
  for (const mark of BYTE_ORDER_MARKS) if (startsWith(bytes, mark)) return 'UTF-16 text';
  for (const [kind, signature] of SIGNATURES) if (startsWith(bytes, signature)) return `${kind} data`;
  return null;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
