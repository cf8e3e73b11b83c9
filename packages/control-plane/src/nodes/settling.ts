/** Runs a step until nothing more is asked for; those that ask meanwhile share one further run. */
export class Settling {
  readonly #step: () => Promise<void>;
  readonly #isOver: () => boolean;
  #again = false;
  #running: Promise<void> | null = null;

  /** Once `isOver` says so nothing runs any more. `step` does not reject. */
  constructor(step: () => Promise<void>, isOver: () => boolean) {
    this.#step = step;
    this.#isOver = isOver;
  }

  /** Resolves when everything asked for so far is settled. */
  async ask(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  /** Asks from within a step: it runs once more. */
  repeat(): void {
    this.#again = true;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#isOver()) {
      this.#again = false;
      await this.#step();
    }
  }
}
