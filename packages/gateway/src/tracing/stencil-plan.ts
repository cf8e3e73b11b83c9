import { type StencilCopy, stencilElement } from '@gatescope/trace';

/** Gathers which bytes of an encoded trace are gaps, and what fills them. */
export class StencilPlan {
  readonly bytes: Uint8Array;
  readonly #copies: StencilCopy[] = [];
  fillBytes = 0;

  /** Of these bytes, which are copied when they become a stencil. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Room in the fill for so many bytes; answers where. */
  room(length: number): number {
    const from = this.fillBytes;
    this.fillBytes += length;
    return from;
  }

  /** Bytes that are filled with these of the fill. */
  copy(from: number, to: number, length: number): void {
    this.#copies.push({ from, to, length });
  }

  /** Bytes that are filled with some of their own; answers where in the fill. */
  gap(to: number, length: number): number {
    const from = this.room(length);
    this.copy(from, to, length);
    return from;
  }

  /** The stencil as an element of a coded body. */
  element(): Uint8Array {
    return stencilElement(this.bytes, this.fillBytes, this.#copies);
  }
}
