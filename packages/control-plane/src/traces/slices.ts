/** Milliseconds of work between two turns of the event loop. */
export const SLICE_MS = 5;

/** The turns that have been asked for, one after the other. */
let turns: Promise<void> = Promise.resolve();

/**
 * Cuts long work into slices, so that whatever else the process does goes on in between. However much work is cut at once, each turn of
 * the event loop has one slice of it.
 */
export class Slices {
  readonly #now: () => number;
  #began: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  /** Whether the slice is used up, so that {@link next} is to be waited for. */
  get isOver(): boolean {
    return this.#now() - this.#began >= SLICE_MS;
  }

  /** Resolves when the next slice begins. */
  async next(): Promise<void> {
    turns = turns.then(() => new Promise((resolve) => void setImmediate(resolve)));
    await turns;
    this.#began = this.#now();
  }
}
