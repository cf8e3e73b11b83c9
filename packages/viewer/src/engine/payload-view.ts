import type { CapturedBody, CapturedMessage } from '@gatescope/protocol';
import type { BodyView } from './trace-url.ts';

/** What became of a header between two messages. */
export interface HeaderChange {
  readonly name: string;
  readonly value: string;
  /** `changed`: had another value before, `was`. */
  readonly kind: 'same' | 'added' | 'removed' | 'changed';
  readonly was: string | null;
  /** Why its value, or some of it, is not shown; empty where it is. */
  readonly redactedBy: readonly string[];
}

/** Larger bodies are shown as they came: laying them out would stop the page. */
const PRETTY_MAX = 1_048_576;
/** Bytes of a body that are shown one by one. */
const HEX_BYTES_MAX = 16_384;
const HEX_ROW = 16;

const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    card: 'card number',
    authorization: 'authorization',
    credentials: 'credentials',
    url_credentials: 'credentials in an address',
    not_scanned: 'could not be looked through',
    cut: 'cut off in the middle',
  }),
);

/** What a redaction rule masks, in words. */
export function redactionWord(rule: string): string {
  const known = WORDS.get(rule);
  if (known !== undefined) return known;
  const [, kind, name] = /^(name|key_name):(.*)$/s.exec(rule) ?? [];
  if (kind !== undefined) return kind === 'name' ? name! : `key ${name}`;
  // A session's own rules come first, then those the organisation had when it began.
  const [, place, index] = /^(capture\.redact|settings\.redaction)\[(\d+)\]$/.exec(rule) ?? [];
  if (place === undefined) return rule.replaceAll('_', ' ');
  return `rule ${Number(index) + 1}${place === 'capture.redact' ? '' : ' of the organisation'}`;
}

/**
 * The headers of a message beside those of the one it was made from: in its own order, then what is gone. Names are compared whatever their
 * case; of a name that occurs several times the n-th with the n-th. Without a message before, all are the same.
 */
export function headerChanges(message: CapturedMessage, before: CapturedMessage | null): HeaderChange[] {
  const redactedBy = redactionsByHeader(message);
  const waiting = new Map<string, string[]>();
  for (const [name, value] of before?.headers ?? []) {
    const key = name.toLowerCase();
    const values = waiting.get(key);
    if (values === undefined) waiting.set(key, [value]);
    else values.push(value);
  }
  const changes = message.headers.map(([name, value]): HeaderChange => {
    const common = { name, value, redactedBy: redactedBy.get(name.toLowerCase()) ?? [] };
    if (before === null) return { ...common, kind: 'same', was: null };
    const was = waiting.get(name.toLowerCase())?.shift();
    if (was === undefined) return { ...common, kind: 'added', was: null };
    return was === value ? { ...common, kind: 'same', was: null } : { ...common, kind: 'changed', was };
  });
  for (const [name, value] of before?.headers ?? []) {
    const left = waiting.get(name.toLowerCase());
    if (left?.[0] !== value) continue;
    left.shift();
    changes.push({ name, value, kind: 'removed', was: null, redactedBy: [] });
  }
  return changes;
}

/** What of a body was masked, by rule in words and how often. */
export function bodyRedactions({ redactions }: CapturedMessage): [word: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { where, rule, count } of redactions)
    if (!where.startsWith('headers.'))
      counts.set(redactionWord(rule), (counts.get(redactionWord(rule)) ?? 0) + count);
  return [...counts];
}

/** A body as text in a view. What is no text is shown byte by byte where it is asked to be laid out. */
export function bodyText(body: CapturedBody, view: BodyView): string {
  if (view === 'hex' || (view === 'pretty' && 'base64' in body))
    return hexDump(bytesOf(body), body.captured_bytes);
  const text = 'text' in body ? body.text : new TextDecoder().decode(bytesOf(body));
  return view === 'pretty' ? laidOut(text, body.content_type ?? '') : text;
}

/** Whether the bodies of two messages are the same, as far as they were captured. */
export function isSameBody(a: CapturedBody | null, b: CapturedBody | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.size_bytes !== b.size_bytes || a.content_encoding !== b.content_encoding) return false;
  if ('text' in a && 'text' in b) return a.text === b.text;
  return 'base64' in a && 'base64' in b && a.base64 === b.base64;
}

function laidOut(text: string, contentType: string): string {
  if (text.length > PRETTY_MAX) return text;
  if (/[/+]json\b/i.test(contentType) || /^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  if (!/x-www-form-urlencoded/i.test(contentType)) return text;
  return [...new URLSearchParams(text)].map(([name, value]) => `${name} = ${value}`).join('\n');
}

function bytesOf(body: CapturedBody): Uint8Array {
  if ('text' in body) return new TextEncoder().encode(body.text);
  try {
    return Uint8Array.from(atob(body.base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** Offset, bytes and what of them can be seen, sixteen a line. */
function hexDump(bytes: Uint8Array, captured: number): string {
  const lines: string[] = [];
  const end = Math.min(bytes.length, HEX_BYTES_MAX);
  for (let at = 0; at < end; at += HEX_ROW) {
    const row = bytes.subarray(at, Math.min(end, at + HEX_ROW));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const seen = Array.from(row, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·',
    ).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(HEX_ROW * 3 - 1)}  ${seen}`);
  }
  if (bytes.length > end) lines.push(`… the first ${end} of ${Math.max(captured, bytes.length)} bytes`);
  return lines.join('\n');
}

function redactionsByHeader({ redactions }: CapturedMessage): ReadonlyMap<string, string[]> {
  const rules = new Map<string, string[]>();
  for (const { where, rule } of redactions) {
    if (!where.startsWith('headers.')) continue;
    const name = where.slice('headers.'.length).toLowerCase();
    rules.set(name, [...(rules.get(name) ?? []), redactionWord(rule)]);
  }
  return rules;
}
