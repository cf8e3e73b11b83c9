import { isUtf8 } from 'node:buffer';
import { AppError } from '@gatescope/base';
import { codingsOf, type DecodedBody, decodeBody } from '@gatescope/content-codings';
import type { SanitizerPreview, SanitizerPreviewRequest } from '@gatescope/protocol';
import type { HeaderPair, Redaction, SanitizedBody, Sanitizer } from '@gatescope/sanitizer';

/** Bytes that a body may decode to, at most, so that a small one can't become a huge one. */
const DECODED_BYTES_MAX = 8 * 1_048_576;

/** Headers and body as they would be captured. Throws `invalid_request` for what is no Base64. */
export async function previewOf(
  sanitizer: Sanitizer,
  request: SanitizerPreviewRequest,
): Promise<SanitizerPreview> {
  const { headers, redactions } = maskedHeaders(sanitizer, request.headers ?? {});
  const contentType = request.content_type ?? headerOf(request, 'content-type');
  const contentEncoding = request.content_encoding ?? headerOf(request, 'content-encoding');
  const bytes = bytesOf(request);
  const shown = { headers, content_type: contentType, content_encoding: contentEncoding };
  if (bytes === null) return { ...shown, body: null, body_base64: null, redactions: [...redactions] };
  const decoded = await decodeBody(bytes, codingsOf(contentEncoding), DECODED_BYTES_MAX, false);
  const body = maskedBody(sanitizer, decoded, contentType);
  const out = Buffer.from(body.bytes);
  return {
    ...shown,
    body: isUtf8(out) ? out.toString('utf8') : null,
    body_base64: request.body_base64 == null ? null : out.toString('base64'),
    redactions: [...redactions, ...body.redactions],
  };
}

function maskedBody(sanitizer: Sanitizer, decoded: DecodedBody, contentType: string | null): SanitizedBody {
  if (!decoded.ok) return sanitizer.refused(decoded.reason);
  const { bytes, isCut } = decoded;
  if (isCut && bytes.length >= DECODED_BYTES_MAX)
    return sanitizer.refused(`more than ${DECODED_BYTES_MAX} bytes once decoded`);
  return sanitizer.body(bytes, { contentType, isCut });
}

function maskedHeaders(
  sanitizer: Sanitizer,
  headers: NonNullable<SanitizerPreviewRequest['headers']>,
): { headers: Record<string, string | string[]>; redactions: Redaction[] } {
  const pairs = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): HeaderPair => [name, value]),
  );
  const masked = sanitizer.headers(pairs);
  const values = masked.headers.map(([, value]) => value);
  let at = 0;
  const shown = Object.entries(headers).map(([name, given]) => {
    if (typeof given === 'string') return [masked.headers[at]![0], values[at++]!] as const;
    const own = values.slice(at, at + given.length);
    const shownName = masked.headers[at]?.[0] ?? name;
    at += given.length;
    return [shownName, own] as const;
  });
  return { headers: Object.fromEntries(shown), redactions: masked.redactions };
}

function headerOf({ headers = {} }: SanitizerPreviewRequest, name: string): string | null {
  for (const [key, values] of Object.entries(headers))
    if (key.toLowerCase() === name) return [values].flat()[0] ?? null;
  return null;
}

function bytesOf({ body, body_base64 }: SanitizerPreviewRequest): Buffer | null {
  if (body_base64 == null) return body == null ? null : Buffer.from(body);
  const details = (message: string) => ({ details: [{ message, path: 'body_base64' }] });
  if (body != null)
    throw new AppError('invalid_request', 'send body or body_base64', details('stands beside body'));
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(body_base64))
    throw new AppError(
      'invalid_request',
      'body_base64 is not Base64',
      details('is not Base64 (RFC 4648, section 4)'),
    );
  return Buffer.from(body_base64, 'base64');
}
