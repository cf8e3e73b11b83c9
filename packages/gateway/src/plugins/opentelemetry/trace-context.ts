import type { Headers } from '@gatescope/http1';

/** What a caller says of the trace it is part of; ids are hexadecimal, the trace's of 32 digits and the span's of 16. */
export interface TraceContext {
  readonly traceId: string;
  /** The caller's span. */
  readonly spanId: string;
  /** Whether the caller keeps its spans; null: it left that open. */
  readonly sampled: boolean | null;
}

/** A way to hand a trace on in header fields. */
export interface TraceFormat {
  /** What the fields say; null: nothing, or nothing that is valid. */
  extract(headers: Headers): TraceContext | null;
  inject(headers: Headers, context: TraceContext): void;
}

const HEX = /^[0-9a-f]+$/i;

/** A context of ids that came from somewhere; null unless they are ids. Shorter ones are filled up with zeros at the front. */
export function contextOf(
  traceId: string | undefined,
  spanId: string | undefined,
  sampled: boolean | null,
): TraceContext | null {
  if (traceId === undefined || spanId === undefined || !HEX.test(traceId) || !HEX.test(spanId)) return null;
  if (traceId.length > 32 || spanId.length > 16 || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    spanId: spanId.toLowerCase().padStart(16, '0'),
    sampled,
  };
}

/** `1` and `0`, or true and false, where a field has them. */
export function flagOf(text: string | undefined): boolean | null {
  if (text === undefined || text === '') return null;
  if (/^(1|d|true)$/i.test(text)) return true;
  return /^(0|false)$/i.test(text) ? false : null;
}

/** A decimal number of 64 bits as 16 hexadecimal digits. */
export function hexOf(decimal: string | undefined): string | undefined {
  if (decimal === undefined || !/^\d{1,20}$/.test(decimal)) return undefined;
  const number = BigInt(decimal);
  return number < 1n << 64n ? number.toString(16).padStart(16, '0') : undefined;
}

/** The last 64 bits of an id as a decimal number. */
export function decimalOf(hex: string): string {
  return BigInt(`0x${hex.slice(-16)}`).toString();
}
