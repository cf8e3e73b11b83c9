import { ProtoWriter } from './proto-writer.ts';

/**
 * The content coding in which nodes send traces. Requests that go the same way leave traces that are alike but for ids, times and a few
 * values: the coding says once what they share, the stencil, and of each trace what fills its gaps.
 *
 * A body is a row of elements, each led by a byte that says which it is; numbers are varints as in Protocol Buffers:
 *
 * - 0, literal: length, then so many bytes, which are part of the decoded body as they stand.
 * - 1, stencil: length, the bytes; how many bytes a fill has; how many copies; of each copy where it comes from in the fill, where it goes in
 *   the stencil, how long it is. Stencils are numbered from 0 as they come, and are no part of the decoded body.
 * - 2, fill: the number of a stencil, then the bytes of the fill. The stencil with all copies made is part of the decoded body.
 */
export const STENCIL_CODING = 'gatescope-stencil';

/** What leads an element. */
export const STENCIL_ELEMENT = { literal: 0, stencil: 1, fill: 2 } as const;

/** Bytes that come from `from` of a fill and go to `to` of the stencil. */
export interface StencilCopy {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** Stencils of one body at most: each costs whoever decodes it memory besides its bytes. */
const STENCILS_MAX = 4_096;

/** A body that is not in the stencil coding, or too large. */
export class StencilError extends Error {}

interface Stencil {
  readonly bytes: Uint8Array;
  readonly fillBytes: number;
  /** From, to and length, one copy behind the other. */
  readonly copies: Int32Array;
  /** Where in the body it ends. */
  readonly end: number;
}

/** Decodes a body; throws {@link StencilError} where it is none, or would be longer than `maxBytes`. */
export function decodeStencils(body: Uint8Array, maxBytes: number): Uint8Array {
  const decoder = new StencilDecoder(body);
  // Once to learn how much it is, so that the bytes are written where they stay.
  const length = decoder.run(null, maxBytes);
  const decoded = new Uint8Array(length);
  decoder.run(decoded, maxBytes);
  return decoded;
}

class StencilDecoder {
  readonly #body: Uint8Array;
  readonly #stencils: Stencil[] = [];
  #at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  /** Goes through the body and answers its decoded length; with `target` writes it, which is only right the second time. */
  run(target: Uint8Array | null, maxBytes: number): number {
    let length = 0;
    let stencils = 0;
    this.#at = 0;
    while (this.#at < this.#body.length) {
      const element = this.#body[this.#at++];
      if (element === STENCIL_ELEMENT.literal) {
        const bytes = this.#bytes(this.#number());
        target?.set(bytes, length);
        length += bytes.length;
      } else if (element === STENCIL_ELEMENT.fill) {
        const stencil = this.#stencils[this.#number()];
        if (stencil === undefined) throw new StencilError('a fill names a stencil that has not come');
        const from = this.#skip(stencil.fillBytes);
        if (target !== null) this.#fill(stencil, from, target, length);
        length += stencil.bytes.length;
      } else if (element === STENCIL_ELEMENT.stencil) this.#passStencil(stencils++);
      else throw new StencilError(`no element begins with ${element}`);
      if (length > maxBytes) throw new StencilError(`more than ${maxBytes} bytes`);
    }
    return length;
  }

  /** Reads a stencil, but for one that was read before. */
  #passStencil(number: number): void {
    const known = this.#stencils[number];
    if (known === undefined) this.#stencils.push(this.#readStencil(number));
    else this.#at = known.end;
  }

  #readStencil(number: number): Stencil {
    if (number === STENCILS_MAX) throw new StencilError(`more than ${STENCILS_MAX} stencils`);
    const bytes = this.#bytes(this.#number());
    const fillBytes = this.#number();
    const count = this.#number();
    // Each takes three bytes at least.
    if (count * 3 > this.#body.length - this.#at) throw new StencilError('it ends within a stencil');
    const copies = new Int32Array(count * 3);
    for (let index = 0; index < copies.length; index += 3) {
      const from = this.#number();
      const to = this.#number();
      const length = this.#number();
      if (from + length > fillBytes || to + length > bytes.length)
        throw new StencilError('a copy lies outside its stencil or fill');
      copies[index] = from;
      copies[index + 1] = to;
      copies[index + 2] = length;
    }
    return { bytes, fillBytes, copies, end: this.#at };
  }

  #fill({ bytes, copies }: Stencil, fill: number, target: Uint8Array, at: number): void {
    const body = this.#body;
    target.set(bytes, at);
    for (let index = 0; index < copies.length; index += 3) {
      const from = fill + copies[index]!;
      const to = at + copies[index + 1]!;
      const length = copies[index + 2]!;
      for (let byte = 0; byte < length; byte++) target[to + byte] = body[from + byte]!;
    }
  }

  #bytes(length: number): Uint8Array {
    const from = this.#skip(length);
    return this.#body.subarray(from, from + length);
  }

  #skip(length: number): number {
    const from = this.#at;
    if (length > this.#body.length - from) throw new StencilError('it ends within an element');
    this.#at += length;
    return from;
  }

  /** A varint of at most 31 bits. */
  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#body[this.#at++];
      if (byte === undefined) throw new StencilError('it ends within a number');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0x7fff_ffff) break;
        return value;
      }
    }
    throw new StencilError('a number of more than 31 bits');
  }
}

/** Bytes as a literal element. */
export function literalElement(bytes: Uint8Array): Uint8Array {
  const writer = new ProtoWriter(bytes.length + 16);
  writer.bytes(STENCIL_ELEMENT.literal, bytes);
  return writer.view();
}

/** A stencil as an element. Copies must lie within the fill and the bytes. */
export function stencilElement(
  bytes: Uint8Array,
  fillBytes: number,
  copies: readonly StencilCopy[],
): Uint8Array {
  const writer = new ProtoWriter();
  writer.bytes(STENCIL_ELEMENT.stencil, bytes);
  writer.bare(fillBytes);
  writer.bare(copies.length);
  for (const { from, to, length } of copies) {
    writer.bare(from);
    writer.bare(to);
    writer.bare(length);
  }
  return writer.finish();
}
