import { type LogLevel, levelRank } from '@gatescope/base';
import type { Sanitizer } from '@gatescope/sanitizer';
import type { AttributeValue, LogLine } from '@gatescope/trace';
import type { RawLine } from './request-log.ts';

/** A line as it may leave the node. Where it could not be looked through, it says no more than that. */
export function cleanLine(
  raw: RawLine,
  sanitizer: Sanitizer,
  wallOffsetMs: number,
  ids: { readonly traceId: string | null; readonly spanId: string | null },
): LogLine {
  return {
    time_unix_nano: (BigInt(Math.round((wallOffsetMs + raw.atMs) * 1_000)) * 1_000n).toString(),
    level: raw.level,
    type: raw.type,
    source: raw.source,
    message: sanitizer.text(raw.message, 'message').text,
    attributes: cleanAttributes(raw.attributes, sanitizer),
    trace_id: ids.traceId,
    span_id: ids.spanId,
  };
}

/** Whether a session that keeps lines from `least` up keeps one of this level. */
export function isKept(level: LogLevel, least: LogLevel): boolean {
  return levelRank(level) >= levelRank(least);
}

function cleanAttributes(
  attributes: Readonly<Record<string, AttributeValue>>,
  sanitizer: Sanitizer,
): Record<string, AttributeValue> {
  const clean: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    // A name such as `authorization` is seen with its value alone.
    const shown =
      typeof value === 'string' ? cleanPair(name, value, sanitizer) : cleanValue(value, sanitizer);
    Object.defineProperty(clean, sanitizer.text(name, 'attributes').text, {
      value: shown,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return clean;
}

function cleanPair(name: string, value: string, sanitizer: Sanitizer): string {
  return sanitizer.headers([[name, value]]).headers[0]![1];
}

function cleanValue(value: AttributeValue, sanitizer: Sanitizer): AttributeValue {
  if (typeof value === 'string') return sanitizer.text(value, 'attributes').text;
  if (Array.isArray(value)) return value.map((one: AttributeValue) => cleanValue(one, sanitizer));
  if (typeof value === 'object')
    return cleanAttributes(value as Readonly<Record<string, AttributeValue>>, sanitizer);
  // A number can be a card's.
  const text = String(value);
  const shown = sanitizer.text(text, 'attributes').text;
  return shown === text ? value : shown;
}
