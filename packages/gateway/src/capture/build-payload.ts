import { codingsOf, decodeBody } from '@gatescope/content-codings';
import type { Capture, CapturedBody, CapturedMessage as SentMessage, SentPayload } from '@gatescope/protocol';
import type { Redaction, Sanitizer } from '@gatescope/sanitizer';
import type { CapturedMessage, PayloadCapture } from './payload-capture.ts';

/**
 * What a session may be told of a captured request: decoded, cut to what it asked for, and redacted. What could not be looked through is left
 * out, and says so.
 */
export async function buildPayload(
  capture: PayloadCapture,
  query: string,
  wanted: Capture,
  sanitizer: Sanitizer,
): Promise<SentPayload> {
  const build = async (message: CapturedMessage | null) =>
    message === null ? null : await buildMessage(message, wanted, sanitizer);
  return {
    client_request: await build(capture.clientRequest),
    upstream_request: await build(capture.upstreamRequest),
    upstream_response: await build(capture.upstreamResponse),
    client_response: await build(capture.clientResponse),
    query: wanted.headers && query !== '' ? sanitizer.text(query, 'query').text : null,
  };
}

async function buildMessage(
  { fields, body, isUnread }: CapturedMessage,
  wanted: Capture,
  sanitizer: Sanitizer,
): Promise<SentMessage> {
  const shown = wanted.headers ? sanitizer.headers(fields) : { headers: [], redactions: [] };
  const redactions: Redaction[] = [...shown.redactions];
  let told: CapturedBody | null = null;
  if (wanted.bodies && body !== null) {
    const max = wanted.body_bytes_max;
    const bytes = body.bytes(max);
    const contentType = fieldOf(fields, 'content-type');
    const encoding = fieldOf(fields, 'content-encoding');
    const isCut = isUnread || body.size > bytes.length;
    const result = await showBody(bytes, isCut, contentType, encoding, max, sanitizer);
    redactions.push(...result.redactions);
    told = {
      ...result.content,
      content_type: textOf(contentType, sanitizer),
      content_encoding: textOf(encoding, sanitizer),
      size_bytes: body.size,
      captured_bytes: bytes.length,
      truncated: isCut || result.isCut,
    };
  }
  return { headers: shown.headers, body: told, redactions };
}

async function showBody(
  bytes: Buffer,
  isCut: boolean,
  contentType: string | null,
  encoding: string | null,
  max: number,
  sanitizer: Sanitizer,
): Promise<{
  content: { text: string } | { base64: string };
  isCut: boolean;
  redactions: readonly Redaction[];
}> {
  const decoded = await decodeBody(bytes, codingsOf(encoding), max, isCut);
  if (!decoded.ok) {
    return {
      content: { text: `[not shown, since it could not be scanned: ${decoded.reason}]` },
      isCut,
      redactions: [{ where: 'body', rule: 'not_scanned', count: 1 }],
    };
  }
  const clean = sanitizer.body(decoded.bytes, { contentType, isCut: decoded.isCut });
  const text = decodeText(clean.bytes, decoded.isCut);
  return {
    content: text === null ? { base64: Buffer.from(clean.bytes).toString('base64') } : { text },
    isCut: decoded.isCut,
    redactions: clean.redactions,
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Bytes of a character that a cut may have left behind. */
const CUT_CHARACTER_BYTES = 3;

/** The bytes as text, or null where they are none. Of a body that is cut, a character that is cut is left out. */
function decodeText(bytes: Uint8Array, isCut: boolean): string | null {
  // No text has a zero byte.
  if (bytes.includes(0)) return null;
  for (let less = 0; less <= (isCut ? CUT_CHARACTER_BYTES : 0) && less <= bytes.length; less++) {
    try {
      return UTF8.decode(bytes.subarray(0, bytes.length - less));
    } catch {
      // Not text, or one character less of it.
    }
  }
  return null;
}

function fieldOf(fields: CapturedMessage['fields'], lowerName: string): string | null {
  return fields.find(([name]) => name.toLowerCase() === lowerName)?.[1] ?? null;
}

function textOf(value: string | null, sanitizer: Sanitizer): string | null {
  return value === null ? null : sanitizer.text(value).text;
}
