import { assertionHolds, EDGE } from './assertions.ts';
import { FORK, MATCH, type Program } from './program.ts';

/**
 * The steps of a program at which matches that have begun wait for the next character, each once. Takes one character after the other, at a
 * cost of at most the program's steps each, and allocates nothing on the way.
 */
export class ThreadSet {
  readonly #program: Program;
  /** For each step the turn in which it was last reached. */
  readonly #reached: Uint32Array;
  #turn = 0;
  #steps: Int32Array;
  #spare: Int32Array;
  #count = 0;
  /** Forks whose branches are still to be reached. */
  readonly #forks: Int32Array;
  /** Whether a match has been found. */
  found = false;

  constructor(program: Program) {
    const { length } = program.steps;
    this.#program = program;
    this.#reached = new Uint32Array(length);
    this.#steps = new Int32Array(length);
    this.#spare = new Int32Array(length);
    this.#forks = new Int32Array(length);
  }

  /** The steps, in order. */
  get steps(): Int32Array {
    return this.#steps.slice(0, this.#count).sort();
  }

  /** Waits at these steps. */
  set(steps: Int32Array): void {
    this.#steps.set(steps);
    this.#count = steps.length;
    this.found = false;
  }

  /** Waits where a match can begin. */
  start(): void {
    this.#begin();
    this.#reach(this.#program.start);
  }

  /** Takes a character that is in the `accepted` classes, between what these two contexts say. */
  advance(accepted: Uint8Array, before: number, after: number): void {
    this.#settle(before, after);
    if (this.found) return;
    const { classes, nexts, isAnchored, start } = this.#program;
    const steps = this.#steps;
    const count = this.#count;
    this.#begin();
    for (let at = 0; at < count; at++) {
      const step = steps[at]!;
      const wanted = classes[step]!;
      if (wanted >= 0 && accepted[wanted] === 1) this.#reach(nexts[step]!);
    }
    if (!isAnchored) this.#reach(start);
  }

  /** Takes the end of the text. */
  end(before: number): void {
    this.#settle(before, EDGE);
  }

  /** Goes past the assertions that hold. */
  #settle(before: number, after: number): void {
    const { assertions, hasAssertions, nexts } = this.#program;
    this.found = false;
    if (!hasAssertions) return;
    this.#turn++;
    for (let at = 0; at < this.#count; at++) this.#reached[this.#steps[at]!] = this.#turn;
    // Those that are reached on the way come behind.
    for (let at = 0; at < this.#count; at++) {
      const step = this.#steps[at]!;
      const assertion = assertions[step];
      if (assertion != null && assertionHolds(assertion, before, after)) this.#reach(nexts[step]!);
    }
  }

  #begin(): void {
    this.#turn++;
    [this.#steps, this.#spare] = [this.#spare, this.#steps];
    this.#count = 0;
    this.found = false;
  }

  /** Adds a step, or those behind it where it is a fork. */
  #reach(first: number): void {
    const reached = this.#reached;
    const turn = this.#turn;
    if (reached[first] === turn) return;
    reached[first] = turn;
    const { steps, branches, branchesFrom } = this.#program;
    if (steps[first]! > FORK) {
      this.#steps[this.#count++] = first;
      return;
    }
    const forks = this.#forks;
    forks[0] = first;
    for (let waiting = 1; waiting > 0; ) {
      const step = forks[--waiting]!;
      const does = steps[step]!;
      if (does === FORK) {
        const end = branchesFrom[step + 1]!;
        for (let at = branchesFrom[step]!; at < end; at++) {
          const next = branches[at]!;
          if (reached[next] === turn) continue;
          reached[next] = turn;
          forks[waiting++] = next;
        }
      } else if (does === MATCH) this.found = true;
      else this.#steps[this.#count++] = step;
    }
  }
}
