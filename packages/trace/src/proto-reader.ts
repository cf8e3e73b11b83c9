// Attributes are data: a byte order mark at their beginning belongs to them.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes are no valid message of the kind expected. */
export class ProtoError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtoError';
  }
}

/**
 * Reads Protocol Buffers from bytes a peer sent: every length is checked against what is there, and what is not known is skipped. Throws
 * {@link ProtoError}.
 */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  /** The key of the next field. */
  key(): number {
    return this.varint();
  }

  /** An unsigned varint; exact up to 2^53. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new ProtoError('varint too long');
  }

  /** A signed 64-bit varint (two's complement). */
  int64(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtoError('varint too long');
  }

  fixed64(): bigint {
    this.#need(8);
    const value = this.#view.getBigUint64(this.#at, true);
    this.#at += 8;
    return value;
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** A view of a length-delimited field's bytes. */
  bytes(): Uint8Array {
    const length = this.varint();
    this.#need(length);
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  string(): string {
    return decoder.decode(this.bytes());
  }

  /** A reader of a nested message. */
  message(): ProtoReader {
    return new ProtoReader(this.bytes());
  }

  /** Passes over the value of a field with this key. */
  skip(key: number): void {
    const wireType = key & 7;
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.#advance(this.varint());
    else if (wireType === 5) this.#advance(4);
    else throw new ProtoError(`wire type ${wireType}`);
  }

  #advance(bytes: number): void {
    this.#need(bytes);
    this.#at += bytes;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new ProtoError('message ends early');
    return this.#bytes[this.#at++]!;
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw new ProtoError('message ends early');
  }
}
