/**
 * A first-in, first-out queue bounded by the summed weight of its items. What does not fit is refused and counted, never
 * buffered: the caller learns at once, and `dropped` tells how much was lost.
 */
export class BoundedQueue<T> {
  readonly #weightMax: number;
  #items: ({ item: T; weight: number } | undefined)[] = [];
  #head = 0;
  #weight = 0;
  #dropped = 0;

  /** `weightMax` has the unit the caller weighs in, usually bytes. */
  constructor(weightMax: number) {
    this.#weightMax = weightMax;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Items refused since the queue was made. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes the item, or answers false and counts it as dropped when it would exceed the bound. */
  push(item: T, weight: number): boolean {
    if (this.#weight + weight > this.#weightMax) {
      this.#dropped++;
      return false;
    }
    this.#items.push({ item, weight });
    this.#weight += weight;
    return true;
  }

  shift(): T | undefined {
    const entry = this.#items[this.#head];
    if (entry === undefined) return undefined;
    // What was taken must not be held any longer: it no longer counts against the bound.
    this.#items[this.#head++] = undefined;
    this.#weight -= entry.weight;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return entry.item;
  }
}
