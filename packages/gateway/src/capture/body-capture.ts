import type { CaptureMemory } from './capture-memory.ts';

/** The first bytes of a body, copied as it passes. It neither keeps nor changes what passes. */
export class BodyCapture {
  readonly #memory: CaptureMemory;
  readonly #max: number;
  #chunks: Buffer[] = [];
  /** Bytes copied. */
  captured = 0;
  /** Bytes that passed. */
  size = 0;
  /** There was no memory for all that should have been copied. */
  isShort = false;

  constructor(memory: CaptureMemory, max: number) {
    this.#memory = memory;
    this.#max = max;
  }

  /** A piece of the body passes; it may be used again by others after the call. */
  add(chunk: Uint8Array): void {
    this.size += chunk.length;
    const room = this.#max - this.captured;
    if (room <= 0 || chunk.length === 0 || this.isShort) return;
    const bytes = Math.min(room, chunk.length);
    if (!this.#memory.take(bytes)) {
      this.isShort = true;
      return;
    }
    this.captured += bytes;
    this.#chunks.push(Buffer.from(chunk.subarray(0, bytes)));
  }

  /** What was copied, at most `max` bytes of it. */
  bytes(max: number): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.subarray(0, max) ?? Buffer.alloc(0);
  }

  /** Gives the memory back. What passes from now on is not copied. */
  release(): void {
    this.#memory.give(this.captured);
    this.captured = 0;
    this.isShort = true;
    this.#chunks = [];
  }
}
