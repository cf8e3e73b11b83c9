const NONE = new Int32Array(0);
const BOUNDS_MIN = 64;

/** A list of ranges of a text, without an object for each. */
export class Ranges {
  /** Start and end by turns. */
  #bounds: Int32Array = NONE;
  #length = 0;

  /** How many there are. A lesser one may be set: the last ones are dropped. */
  get length(): number {
    return this.#length >> 1;
  }

  set length(length: number) {
    this.#length = length << 1;
  }

  start(index: number): number {
    return this.#bounds[index << 1]!;
  }

  /** Excluded. */
  end(index: number): number {
    return this.#bounds[(index << 1) + 1]!;
  }

  push(start: number, end: number): void {
    const length = this.#length;
    if (length === this.#bounds.length) {
      const bounds = new Int32Array(Math.max(BOUNDS_MIN, 2 * length));
      bounds.set(this.#bounds);
      this.#bounds = bounds;
    }
    this.#bounds[length] = start;
    this.#bounds[length + 1] = end;
    this.#length = length + 2;
  }

  /** Adds a range that starts or ends no earlier than the last one, and makes one of it and those from `first` on that it overlaps. */
  unite(start: number, end: number, first: number): void {
    const bounds = this.#bounds;
    let length = this.#length;
    for (; length > first << 1 && bounds[length - 1]! > start; length -= 2) {
      if (bounds[length - 2]! < start) start = bounds[length - 2]!;
      if (bounds[length - 1]! > end) end = bounds[length - 1]!;
    }
    this.#length = length;
    this.push(start, end);
  }
}
