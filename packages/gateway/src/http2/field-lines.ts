import type { OutgoingHttpHeaders } from 'node:http2';

/** Fields of a connection, which HTTP/2 has none of (RFC 9113 §8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Fields whose lines can't be joined by commas (RFC 6265 §3). */
const NEVER_JOINED: ReadonlySet<string> = new Set(['set-cookie']);

/** Complete field lines (`Name: value\r\n`) as `node:http2` takes them; lines of one name are joined by commas (RFC 9110 §5.3). */
export function readFieldLines(lines: string): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = Object.create(null);
  let from = 0;
  while (from < lines.length) {
    const end = lines.indexOf('\r\n', from);
    const colon = lines.indexOf(':', from);
    const name = lines.slice(from, colon).toLowerCase();
    const value = withoutSpace(lines, colon + 1, end);
    from = end + 2;
    if (OF_CONNECTION.has(name)) continue;
    const known = fields[name];
    if (known === undefined) fields[name] = NEVER_JOINED.has(name) ? [value] : value;
    else if (Array.isArray(known)) known.push(value);
    else fields[name] = `${known}, ${value}`;
  }
  return fields;
}

/** A part of the text without blanks at its ends, which HTTP/1.1 lets pass around a value and HTTP/2 forbids (RFC 9113 §8.2.1). */
function withoutSpace(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
