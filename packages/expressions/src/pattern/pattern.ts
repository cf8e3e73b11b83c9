import { contextOf, EDGE, OTHER } from './assertions.ts';
import { parsePattern } from './pattern-parser.ts';
import { compileProgram, type Program } from './program.ts';
import { ThreadSet } from './thread-set.ts';

/** Steps that are remembered, in all states together, past which a search begins with none. */
const REMEMBERED_STEPS_MAX = 131_072;
/** States that one search may make before it goes on without remembering any. */
const SEARCH_STATES_MAX = 512;
/** Characters beyond ASCII whose kinds are remembered, at most. */
const CHARACTERS_MAX = 4_096;

/** Characters that no step of a pattern tells from each other. */
interface Kind {
  readonly index: number;
  /** 1 for each class of the program that has them. */
  readonly accepted: Uint8Array;
  readonly context: number;
}

/** Where a search can stand between two characters. */
interface State {
  /** Steps that wait for a character, or for what follows. */
  readonly steps: Int32Array;
  /** What the character before is to assertions. */
  readonly context: number;
  /** What follows on a character of each kind; undefined: not asked yet. */
  readonly nexts: (State | undefined)[];
  endsInMatch: boolean | null;
}

/**
 * A regular expression in Rust's flavour that says whether a text has a match. The time of a search grows with the length of the text alone, by
 * at most {@link import('./program.ts').PATTERN_STEPS_MAX} steps a character: states of a deterministic automaton are made when a text first
 * asks for them, and a search that would make too many follows the steps themselves.
 */
export class Pattern {
  readonly #program: Program;
  readonly #threads: ThreadSet;
  readonly #states = new Map<string, State>();
  #rememberedSteps = 0;
  readonly #kinds: Kind[] = [];
  readonly #kindsByKey = new Map<string, Kind>();
  /** Indices of kinds; -1: not asked yet. */
  readonly #asciiKinds = new Int16Array(128).fill(-1);
  readonly #otherKinds = new Map<number, Kind>();
  readonly #matched = endState(true);
  readonly #dead = endState(false);
  #start: State;

  private constructor(program: Program) {
    this.#program = program;
    this.#threads = new ThreadSet(program);
    this.#start = this.#startState();
  }

  /** How many steps it has: what a character of a text costs at worst. */
  get stepCount(): number {
    return this.#program.steps.length;
  }

  /** Throws {@link import('./pattern-node.ts').PatternError} for a pattern that is not valid or too large. */
  static compile(pattern: string): Pattern {
    return new Pattern(compileProgram(parsePattern(pattern)));
  }

  /** Whether there is a match anywhere in the text. */
  test(text: string): boolean {
    if (this.#rememberedSteps > REMEMBERED_STEPS_MAX) this.#forget();
    const matched = this.#matched;
    const dead = this.#dead;
    const asciiKinds = this.#asciiKinds;
    const statesMax = this.#states.size + SEARCH_STATES_MAX;
    let state = this.#start;
    for (let at = 0; at < text.length; at++) {
      if (state === matched) return true;
      if (state === dead) return false;
      let code = text.charCodeAt(at);
      const kind = code < 128 ? asciiKinds[code]! : -1;
      const { nexts } = state;
      const next = kind >= 0 && kind < nexts.length ? nexts[kind] : undefined;
      if (next !== undefined) {
        state = next;
        continue;
      }
      if (this.#states.size > statesMax) return this.#follow(state, text, at);
      if (code >= 0xd800) code = text.codePointAt(at)!;
      if (code > 0xffff) at++;
      state = this.#nextState(state, this.#kindOf(code));
    }
    if (state.endsInMatch === null) {
      this.#threads.set(state.steps);
      this.#threads.end(state.context);
      state.endsInMatch = this.#threads.found;
    }
    return state.endsInMatch;
  }

  /** Goes on without making states. */
  #follow({ steps, context }: State, text: string, from: number): boolean {
    const threads = this.#threads;
    let before = context;
    threads.set(steps);
    for (let at = from; at < text.length; at++) {
      const code = text.codePointAt(at)!;
      if (code > 0xffff) at++;
      const kind = this.#kindOf(code);
      threads.advance(kind.accepted, before, kind.context);
      if (threads.found) return true;
      before = kind.context;
    }
    threads.end(before);
    return threads.found;
  }

  #nextState(state: State, { index, accepted, context }: Kind): State {
    const { nexts } = state;
    const known = nexts[index];
    if (known !== undefined) return known;
    this.#threads.set(state.steps);
    this.#threads.advance(accepted, state.context, context);
    const next = this.#stateOfThreads(context);
    // Filled up to the index, so that the array has no holes.
    while (nexts.length <= index) nexts.push(undefined);
    nexts[index] = next;
    return next;
  }

  #stateOfThreads(context: number): State {
    if (this.#threads.found) return this.#matched;
    const { steps } = this.#threads;
    if (steps.length === 0) return this.#dead;
    const key = `${context} ${steps.join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      state = { steps, context, nexts: [], endsInMatch: null };
      this.#states.set(key, state);
      this.#rememberedSteps += steps.length;
    }
    return state;
  }

  #startState(): State {
    this.#threads.start();
    return this.#stateOfThreads(EDGE);
  }

  #forget(): void {
    this.#states.clear();
    this.#rememberedSteps = 0;
    this.#start = this.#startState();
  }

  #kindOf(code: number): Kind {
    const known = code < 128 ? this.#kinds[this.#asciiKinds[code]!] : this.#otherKinds.get(code);
    if (known !== undefined) return known;
    const { alphabet, hasAssertions } = this.#program;
    const accepted = Uint8Array.from(alphabet, (one) => Number(one.accepts(code)));
    const context = hasAssertions ? contextOf(code) : OTHER;
    const key = `${context} ${accepted.join('')}`;
    let kind = this.#kindsByKey.get(key);
    if (kind === undefined) {
      kind = { index: this.#kinds.length, accepted, context };
      this.#kindsByKey.set(key, kind);
      this.#kinds.push(kind);
    }
    if (code < 128) this.#asciiKinds[code] = kind.index;
    else {
      if (this.#otherKinds.size >= CHARACTERS_MAX) this.#otherKinds.clear();
      this.#otherKinds.set(code, kind);
    }
    return kind;
  }
}

/** Where a search is over. */
function endState(isMatch: boolean): State {
  return { steps: new Int32Array(0), context: OTHER, nexts: [], endsInMatch: isMatch };
}
