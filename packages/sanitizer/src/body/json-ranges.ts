import type { Part } from './multipart.ts';

const NEWLINE = 0x0a;

/** A part of a body that is JSON. */
export interface JsonRange {
  readonly start: number;
  /** Excluded. */
  readonly end: number;
  /** A content type says so; otherwise it only looks like JSON. */
  readonly isDeclared: boolean;
}

const JSON_TYPE =
  /^\s*(?:application|text)\/(?:[^;\s]*\+)?(?:x-)?(?:nd|geo|hal)?json(?:-seq|l|lines)?\s*(?:;|$)/i;
const EVENT_STREAM = /^\s*text\/event-stream\s*(?:;|$)/i;
const DATA = [0x64, 0x61, 0x74, 0x61, 0x3a];

/** Where there is JSON in a body: all of it, parts of a multipart body, the data lines of an event stream. */
export function jsonRanges(
  bytes: Uint8Array,
  contentType: string | null,
  parts: readonly Part[] | null,
): JsonRange[] {
  if (parts !== null)
    return parts.flatMap((part) => rangeOf(bytes, part.start, endOfPart(bytes, part), part.contentType));
  if (EVENT_STREAM.test(contentType ?? '')) return dataLines(bytes);
  return rangeOf(bytes, 0, bytes.length, contentType);
}

function rangeOf(bytes: Uint8Array, start: number, end: number, contentType: string | null): JsonRange[] {
  const isDeclared = contentType !== null && JSON_TYPE.test(contentType);
  return isDeclared || looksLikeJson(bytes, start, end) ? [{ start, end, isDeclared }] : [];
}

/** Each line that begins with `data:` (WHATWG HTML, 9.2). */
function dataLines(bytes: Uint8Array): JsonRange[] {
  const ranges: JsonRange[] = [];
  for (let line = 0; line < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, line);
    const end = newline < 0 ? bytes.length : newline;
    const start = line + DATA.length;
    if (DATA.every((byte, at) => bytes[line + at] === byte) && looksLikeJson(bytes, start, end))
      ranges.push({ start, end, isDeclared: false });
    line = end + 1;
  }
  return ranges;
}

function looksLikeJson(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (at < end && bytes[at]! <= 0x20) at++;
  return at < end && (bytes[at] === 0x7b || bytes[at] === 0x5b);
}

/** Without the line break that belongs to the delimiter. */
function endOfPart(bytes: Uint8Array, { start, end }: Part): number {
  while (end > start && (bytes[end - 1] === NEWLINE || bytes[end - 1] === 0x0d)) end--;
  return end;
}
