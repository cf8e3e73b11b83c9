const encoder = new TextEncoder();
/** Room for the length of a nested message, and the largest that fits. */
const LENGTH_BYTES = 3;
/** Up to this many bytes a loop copies faster than a call. */
const LOOP_COPY_MAX = 48;
const LENGTH_MAX = 2 ** (7 * LENGTH_BYTES) - 1;

/**
 * Writes Protocol Buffers into one growing buffer, front to back. A nested message is begun with room for a length of three
 * bytes (2 MiB), which is filled in at its end: a varint may be longer than it needs to be. A longer one is moved to make room.
 */
export class ProtoWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(initialBytes = 16_384) {
    this.#bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Starts anew; the memory is kept. */
  reset(): void {
    this.#length = 0;
  }

  /** What was written: a view that is valid until more is written. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Begins a nested message or length-delimited field with this key; give the answer to {@link end}. */
  begin(key: number): number {
    this.#reserve(8);
    this.#varint(key);
    const mark = this.#length;
    this.#length += LENGTH_BYTES;
    return mark;
  }

  end(mark: number): void {
    const size = this.#length - mark - LENGTH_BYTES;
    if (size > LENGTH_MAX) {
      this.#endLong(mark, size);
      return;
    }
    this.#bytes[mark] = (size & 0x7f) | 0x80;
    this.#bytes[mark + 1] = ((size >>> 7) & 0x7f) | 0x80;
    this.#bytes[mark + 2] = size >>> 14;
  }

  /** Bytes encoded before, key and length included. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#copy(bytes);
  }

  varint(key: number, value: number): void {
    this.#reserve(16);
    this.#varint(key);
    this.#varint(value);
  }

  /** A varint without a key, for what is no message of Protocol Buffers. */
  bare(value: number): void {
    this.#reserve(16);
    this.#varint(value);
  }

  bool(key: number, value: boolean): void {
    this.varint(key, value ? 1 : 0);
  }

  /** A 64-bit integer of any safe number, negative ones in two's complement. */
  int64(key: number, value: number): void {
    if (value >= 0) {
      this.varint(key, value);
      return;
    }
    this.#reserve(16);
    this.#varint(key);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  double(key: number, value: number): void {
    this.#reserve(16);
    this.#varint(key);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** An unsigned 64-bit number as two halves. */
  fixed64(key: number, high: number, low: number): void {
    this.#reserve(16);
    this.#varint(key);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  bytes(key: number, value: Uint8Array): void {
    this.#reserve(value.length + 16);
    this.#varint(key);
    this.#varint(value.length);
    this.#copy(value);
  }

  string(key: number, value: string): void {
    const { length } = value;
    this.#reserve(length * 3 + 16);
    this.#varint(key);
    if (length < 128) {
      // Short and nearly always ASCII: a loop beats the encoder's set-up.
      const mark = this.#length++;
      let index = 0;
      for (; index < length; index++) {
        const code = value.charCodeAt(index);
        if (code > 127) break;
        this.#bytes[this.#length++] = code;
      }
      if (index === length) {
        this.#bytes[mark] = length;
        return;
      }
      this.#length = mark;
    }
    const encoded = encoder.encode(value);
    this.#varint(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  #copy(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > LOOP_COPY_MAX) this.#bytes.set(bytes, this.#length);
    else {
      const target = this.#bytes;
      for (let from = 0, to = this.#length; from < length; from++, to++) target[to] = bytes[from]!;
    }
    this.#length += length;
  }

  #endLong(mark: number, size: number): void {
    let room = LENGTH_BYTES;
    for (let max = LENGTH_MAX; size > max; max = max * 128 + 127) room++;
    this.#reserve(room);
    const start = mark + LENGTH_BYTES;
    this.#bytes.copyWithin(mark + room, start, start + size);
    this.#length = mark;
    this.#varint(size);
    this.#length += size;
  }

  #varint(value: number): void {
    while (value > 0x7f) {
      this.#bytes[this.#length++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The key of a field: its number and wire type (0 varint, 1 fixed64, 2 length-delimited). */
export function fieldKey(field: number, wireType: 0 | 1 | 2): number {
  return (field << 3) | wireType;
}
