import { isAt } from './bytes-at.ts';
import { KnownTexts, textOf } from './known-texts.ts';

const terms = new KnownTexts();

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
  /** Made when a number of fixed width is read: most messages have none. */
  #view: DataView | null = null;
  #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
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

  /** An unsigned number of four bytes. */
  fixed32(): number {
    const at = this.#advance(4);
    const bytes = this.#bytes;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  fixed64(): bigint {
    const at = this.#advance(8);
    return this.#numbers().getBigUint64(at, true);
  }

  double(): number {
    const at = this.#advance(8);
    return this.#numbers().getFloat64(at, true);
  }

  /** A view of a length-delimited field's bytes. */
  bytes(): Uint8Array {
    const at = this.passBytes();
    return this.#bytes.subarray(at, this.#at);
  }

  /** Passes over a length-delimited field; answers where its bytes begin. They end where the reader is then. */
  passBytes(): number {
    return this.#advance(this.varint());
  }

  /** Passes over a length-delimited field; answers whether it holds these bytes. */
  passIs(bytes: Uint8Array): boolean {
    const at = this.passBytes();
    return this.#at - at === bytes.length && isAt(bytes, this.#bytes, at);
  }

  string(): string {
    const at = this.passBytes();
    return textOf(this.#bytes, at, this.#at);
  }

  /** A string of which there are few, and each often: a name, a key. */
  term(): string {
    const at = this.passBytes();
    return terms.text(this.#bytes, at, this.#at);
  }

  /** A reader of a nested message. */
  message(): ProtoReader {
    return new ProtoReader(this.bytes());
  }

  /** Goes into a nested message, which then ends where this reader does. Answers what {@link leave} is to be given when it is read. */
  enter(): number {
    const length = this.varint();
    const outer = this.#end;
    this.#need(length);
    this.#end = this.#at + length;
    return outer;
  }

  /** Goes on behind a nested message. */
  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
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

  /** Answers where the bytes passed over begin. */
  #advance(bytes: number): number {
    this.#need(bytes);
    const at = this.#at;
    this.#at = at + bytes;
    return at;
  }

  #numbers(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new ProtoError('message ends early');
    return this.#bytes[this.#at++]!;
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw new ProtoError('message ends early');
  }
}
