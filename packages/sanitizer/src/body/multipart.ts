/** Parts of a body, at most; what follows them counts as one. */
export const PARTS_MAX = 1_000;

const NEWLINE = 0x0a;
const HYPHEN = 0x2d;

/** One part of a multipart body: where its contents are, and what its head says. */
export interface Part {
  readonly start: number;
  /** Excluded. */
  readonly end: number;
  /** Of `Content-Disposition: form-data`. */
  readonly name: string | null;
  readonly contentType: string | null;
}

const NAME = /^content-disposition:[^\r\n]*?[;\s]name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/im;

const TYPE = /^content-type:\s*([^\r\n]+)/im;

/** The boundary that a content type names; null where it is no multipart type. */
export function boundaryOf(contentType: string | null): string | null {
  if (contentType === null || !/^\s*multipart\//i.test(contentType)) return null;
  const found = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2] ?? null;
}

/** The parts of a multipart body (RFC 2046, 5.1), the last one perhaps cut short. Linear. */
export function partsOf(bytes: Uint8Array, boundary: string): Part[] {
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  const parts: Part[] = [];
  let from = -1;
  for (let line = 0; line < bytes.length; line = nextLine(bytes, line)) {
    if (!isDelimiter(bytes, line, delimiter)) continue;
    if (from >= 0) parts.push(partOf(bytes, from, line));
    if (parts.length >= PARTS_MAX)
      return [...parts, { start: line, end: bytes.length, name: null, contentType: null }];
    from = nextLine(bytes, line);
  }
  if (from >= 0 && from < bytes.length) parts.push(partOf(bytes, from, bytes.length));
  return parts;
}

function partOf(bytes: Uint8Array, start: number, end: number): Part {
  let body = start;
  while (body < end && bytes[body] !== NEWLINE && !(bytes[body] === 0x0d && bytes[body + 1] === NEWLINE))
    body = nextLine(bytes, body);
  const head = new TextDecoder().decode(bytes.subarray(start, Math.min(body, start + 16_384)));
  const name = NAME.exec(head);
  return {
    start: Math.min(nextLine(bytes, body), end),
    end,
    name: name?.[1] ?? name?.[2] ?? null,
    contentType: TYPE.exec(head)?.[1] ?? null,
  };
}

function nextLine(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(NEWLINE, at);
  return end < 0 ? bytes.length : end + 1;
}

function isDelimiter(bytes: Uint8Array, at: number, delimiter: Uint8Array): boolean {
  if (bytes[at] !== HYPHEN) return false;
  for (let index = 0; index < delimiter.length; index++)
    if (bytes[at + index] !== delimiter[index]) return false;
  return true;
}
