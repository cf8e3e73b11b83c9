interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
  readonly expiresMs: number;
}

/** Values that are good for a while, within a bound of bytes: beyond it those that were put first go. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #bytesMax: number;
  readonly #now: () => number;
  #bytes = 0;

  /** `now` tells milliseconds. */
  constructor(bytesMax: number, now: () => number) {
    this.#bytesMax = bytesMax;
    this.#now = now;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresMs > this.#now()) return entry.value;
    this.#remove(key, entry);
    return undefined;
  }

  /** `bytes` is what the value takes; one that is larger than the bound is not kept. */
  put(key: string, value: T, bytes: number, lifetimeMs: number): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#remove(key, before);
    if (lifetimeMs <= 0 || bytes > this.#bytesMax) return;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.#bytesMax) break;
      this.#remove(oldest, entry);
    }
    this.#entries.set(key, { value, bytes, expiresMs: this.#now() + lifetimeMs });
    this.#bytes += bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  #remove(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
