/** Bytes of captured bodies that one worker holds at once, those that wait to be sent included. */
export const CAPTURE_BYTES_MAX = 64 * 1_048_576;

/** The memory that captured bodies share on a worker. */
export class CaptureMemory {
  readonly #max: number;
  #taken = 0;

  constructor(max: number = CAPTURE_BYTES_MAX) {
    this.#max = max;
  }

  /** Bytes held at the moment. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes room for so many bytes, if there is any. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#max) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
