import { ProtoWriter } from '@gatescope/trace';
import type { Piece, PieceBook } from './piece-book.ts';
import { inLastBytes } from './span-id.ts';

/** Room for the length of a message that is filled in at its end: four bytes of a varint, which may be longer than it needs to be. */
const LENGTH_BYTES = 4;
/** What a span has at most besides its name, attributes and status, bytes. */
const SPAN_BYTES_MAX = 96;
/** What an attribute has at most besides its key and value, bytes. */
const PAIR_BYTES_MAX = 32;
/** A message up to this size has a length of one byte. */
const SHORT_MAX = 127;
/** Where in the fields of a span stand its ids, and, behind the beginning of its times, the words of these. */
export const SPAN_AT = { traceId: 2, spanId: 20, parentId: 30 } as const;
export const TIMES_AT = { startLow: 1, startHigh: 5, endLow: 10, endHigh: 14 } as const;
/** Bytes of integers, and the largest of so many. */
export const SHORT_INT_BYTES = 3;
export const SHORT_INT_MAX = 0x1f_ffff;
export const LONG_INT_BYTES = 5;
export const LONG_INT_MAX = 0x7fff_ffff;
const encoder = new TextEncoder();
/** Not looked up at every call; see `bytes-text.ts` of the engine. */
const { utf8Write } = Buffer.prototype;
/** For values that are not a single number, text or boolean. */
const nested = new ProtoWriter(4_096);

/** Fields of a span (opentelemetry/proto/trace/v1/trace.proto) and of its attributes (…/common/v1/common.proto), with their wire types. */
const TAG = {
  span: 0x12,
  traceId: 0x0a,
  spanId: 0x12,
  parentSpanId: 0x22,
  startTime: 0x39,
  endTime: 0x41,
  attribute: 0x4a,
  pairValue: 0x12,
  stringValue: 0x0a,
  boolValue: 0x10,
  intValue: 0x18,
  doubleValue: 0x21,
} as const;

/**
 * Writes OTLP spans front to back into memory that is used again. It knows the fields of a span, so that each is written by a handful of stores:
 * a generic writer takes three times as long. Strings that are pure ASCII, as nearly all are, are written with their final length at once.
 */
export class SpanWriter {
  readonly #words: Int32Array;
  #bytes = Buffer.alloc(65_536);
  #view = viewOf(this.#bytes);
  #at = 0;

  /** Of this book are the pieces that it writes. */
  constructor({ words }: PieceBook) {
    this.#words = words;
  }

  /** Starts anew; the memory is kept. */
  reset(): void {
    this.#at = 0;
  }

  /** What was written: a view that is valid until more is written. */
  view(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset, this.#at);
  }

  /** Bytes written. */
  get length(): number {
    return this.#at;
  }

  /** Begins a message with this tag of one byte; give the answer to {@link end}. */
  begin(tag: number): number {
    this.#reserve(LENGTH_BYTES + 1);
    this.#bytes[this.#at] = tag;
    this.#at += LENGTH_BYTES + 1;
    return this.#at;
  }

  end(start: number): void {
    const bytes = this.#bytes;
    const size = this.#at - start;
    bytes[start - 4] = (size & 0x7f) | 0x80;
    bytes[start - 3] = ((size >>> 7) & 0x7f) | 0x80;
    bytes[start - 2] = ((size >>> 14) & 0x7f) | 0x80;
    bytes[start - 1] = size >>> 21;
  }

  /** Bytes encoded before. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  piece(piece: Piece): void {
    this.#reserve(piece.length + 4);
    this.#copy(piece, this.#at);
    this.#at += piece.length;
  }

  /**
   * Begins a span. `ids` are little-endian words: four of the trace, two of the root, two of the remote parent, where there is one. Span ids differ
   * from the root's in their last two bytes, by the index. `parent` is an index; below 0: the remote parent, or none.
   */
  beginSpan(ids: Uint32Array, index: number, parent: number, hasRemoteParent: boolean): number {
    this.#reserve(SPAN_BYTES_MAX);
    const bytes = this.#bytes;
    const view = this.#view;
    const start = this.#at + LENGTH_BYTES + 1;
    bytes[start - LENGTH_BYTES - 1] = TAG.span;
    bytes[start] = TAG.traceId;
    bytes[start + 1] = 16;
    view.setUint32(start + SPAN_AT.traceId, ids[0]!, true);
    view.setUint32(start + SPAN_AT.traceId + 4, ids[1]!, true);
    view.setUint32(start + SPAN_AT.traceId + 8, ids[2]!, true);
    view.setUint32(start + SPAN_AT.traceId + 12, ids[3]!, true);
    bytes[start + 18] = TAG.spanId;
    bytes[start + 19] = 8;
    view.setUint32(start + SPAN_AT.spanId, ids[4]!, true);
    view.setUint32(start + SPAN_AT.spanId + 4, ids[5]! ^ inLastBytes(index), true);
    let at = start + 28;
    if (parent >= 0 || hasRemoteParent) {
      bytes[at] = TAG.parentSpanId;
      bytes[at + 1] = 8;
      view.setUint32(start + SPAN_AT.parentId, parent >= 0 ? ids[4]! : ids[6]!, true);
      view.setUint32(
        start + SPAN_AT.parentId + 4,
        parent >= 0 ? ids[5]! ^ inLastBytes(parent) : ids[7]!,
        true,
      );
      at += 10;
    }
    this.#at = at;
    return start;
  }

  /** Start and end, nanoseconds after `high` · 2^32 + `low`. */
  times(high: number, low: number, start: number, end: number): void {
    this.#reserve(18);
    const at = this.#at;
    const view = this.#view;
    this.#bytes[at] = TAG.startTime;
    const startLow = low + start;
    const startCarry = Math.floor(startLow / 0x1_0000_0000);
    view.setUint32(at + TIMES_AT.startLow, startLow - startCarry * 0x1_0000_0000, true);
    view.setUint32(at + TIMES_AT.startHigh, high + startCarry, true);
    this.#bytes[at + 9] = TAG.endTime;
    const endLow = low + end;
    const endCarry = Math.floor(endLow / 0x1_0000_0000);
    view.setUint32(at + TIMES_AT.endLow, endLow - endCarry * 0x1_0000_0000, true);
    view.setUint32(at + TIMES_AT.endHigh, high + endCarry, true);
    this.#at = at + 18;
  }

  /** An attribute; `key` is its key as a field of KeyValue. */
  string(key: Piece, value: string): void {
    const { length } = value;
    const before = this.#at;
    // Key, tags and lengths take four bytes more.
    if (key.length + length + 4 > SHORT_MAX) {
      this.#longString(key, value);
      return;
    }
    // Room for what it takes where it is not pure ASCII, which is seen by its length only then.
    const at = this.#pair(key, length + 2, length * 3);
    const bytes = this.#bytes;
    bytes[at] = TAG.stringValue;
    bytes[at + 1] = length;
    if (utf8Write.call(bytes, value, at + 2) !== length) {
      this.#at = before;
      this.#longString(key, value);
      return;
    }
    this.#at = at + 2 + length;
  }

  bool(key: Piece, value: boolean): void {
    const at = this.#pair(key, 2, 0);
    this.#bytes[at] = TAG.boolValue;
    this.#bytes[at + 1] = value ? 1 : 0;
    this.#at = at + 2;
  }

  double(key: Piece, value: number): void {
    const at = this.#pair(key, 9, 0);
    this.#bytes[at] = TAG.doubleValue;
    this.#view.setFloat64(at + 1, value, true);
    this.#at = at + 9;
  }

  /**
   * A safe integer. Small ones take {@link SHORT_INT_BYTES} whatever they are, as a varint may be longer than it needs to be: another can be put
   * in their place.
   */
  int(key: Piece, value: number): void {
    if (value < 0 || value > LONG_INT_MAX) {
      nested.reset();
      nested.int64(TAG.intValue, value);
      this.any(key, nested.view());
      return;
    }
    const size = value <= SHORT_INT_MAX ? SHORT_INT_BYTES : LONG_INT_BYTES;
    const at = this.#pair(key, size + 1, 0);
    this.#bytes[at] = TAG.intValue;
    putInt(this.#bytes, at + 1, value, size);
    this.#at = at + 1 + size;
  }

  /** An attribute whose value is an AnyValue encoded before. */
  any(key: Piece, value: Uint8Array): void {
    const pair = this.begin(TAG.attribute);
    this.piece(key);
    const start = this.begin(TAG.pairValue);
    this.raw(value);
    this.end(start);
    this.end(pair);
  }

  #longString(key: Piece, value: string): void {
    const encoded = encoder.encode(value);
    const pair = this.begin(TAG.attribute);
    this.piece(key);
    const start = this.begin(TAG.pairValue);
    const text = this.begin(TAG.stringValue);
    this.raw(encoded);
    this.end(text);
    this.end(start);
    this.end(pair);
  }

  /**
   * Begins an attribute whose value has `valueBytes`, short enough for lengths of one byte, with room for `extra` more. Answers where the value
   * begins; whoever has written it says where it ended.
   */
  #pair(key: Piece, valueBytes: number, extra: number): number {
    this.#reserve(key.length + PAIR_BYTES_MAX + extra);
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = TAG.attribute;
    bytes[at + 1] = key.length + 2 + valueBytes;
    this.#copy(key, at + 2);
    const valueAt = at + 2 + key.length;
    bytes[valueAt] = TAG.pairValue;
    bytes[valueAt + 1] = valueBytes;
    return valueAt + 2;
  }

  /** Up to three bytes behind it are overwritten: nothing is there yet. */
  #copy(piece: Piece, at: number): void {
    const view = this.#view;
    const words = this.#words;
    const end = at + piece.length;
    for (let from = piece.at, to = at; to < end; from++, to += 4) view.setInt32(to, words[from]!, true);
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

/** Puts an integer of at most 31 bits as a varint of so many bytes. */
export function putInt(bytes: Uint8Array, at: number, value: number, size: number): void {
  const last = at + size - 1;
  let rest = value;
  for (let to = at; to < last; to++) {
    bytes[to] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[last] = rest;
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
