import type { CharacterClass } from './character-class.ts';
import { type AssertionKind, PatternError, type PatternNode } from './pattern-node.ts';

/** Steps of a pattern, at most: about one for each character, class and sign, counted as often as it repeats. */
export const PATTERN_STEPS_MAX = 500;

/** What a step does: ends a match, goes on in several ways; takes a character, goes on where an assertion holds: those two wait for what follows. */
export const MATCH = 0;
export const FORK = 1;
const CLASS = 2;
const ASSERTION = 3;

/** A pattern as steps that can be followed side by side; each array has an entry for every step. */
export interface Program {
  /** What each does. */
  readonly steps: Uint8Array;
  /** The number of the class it takes a character of; -1: it takes none. */
  readonly classes: Int32Array;
  readonly assertions: readonly (AssertionKind | null)[];
  /** The step to go on with, behind a character or an assertion. */
  readonly nexts: Int32Array;
  /** Steps to go on with, those of one fork behind those of another. */
  readonly branches: Int32Array;
  /** Where those of a step begin; they end where those of the next step begin. */
  readonly branchesFrom: Int32Array;
  /** The first step. */
  readonly start: number;
  /** Classes by their numbers. */
  readonly alphabet: readonly CharacterClass[];
  readonly hasAssertions: boolean;
  /** Whether a match begins at the beginning of the text, or nowhere. */
  readonly isAnchored: boolean;
}

/** Makes a program of a pattern. Throws {@link PatternError} where it had too many steps. */
export function compileProgram(node: PatternNode): Program {
  const compiler = new ProgramCompiler();
  const start = compiler.compile(node, compiler.add({ does: MATCH }));
  const { steps } = compiler;
  return {
    steps: Uint8Array.from(steps, ({ does }) => does),
    classes: Int32Array.from(steps, ({ taken = -1 }) => taken),
    assertions: steps.map(({ assertion = null }) => assertion),
    nexts: Int32Array.from(steps, ({ next = -1 }) => next),
    branches: Int32Array.from(steps.flatMap(({ branches = [] }) => branches)),
    branchesFrom: startsOf(steps.map(({ branches = [] }) => branches.length)),
    start,
    alphabet: [...compiler.alphabet.values()].map(({ accepted }) => accepted),
    hasAssertions: steps.some(({ does }) => does === ASSERTION),
    isAnchored: isAnchored(node),
  };
}

interface Step {
  readonly does: number;
  readonly taken?: number;
  readonly assertion?: AssertionKind;
  readonly next?: number;
  branches?: readonly number[];
}

class ProgramCompiler {
  readonly steps: Step[] = [];
  readonly alphabet = new Map<string, { index: number; accepted: CharacterClass }>();

  add(step: Step): number {
    if (this.steps.length > PATTERN_STEPS_MAX)
      throw new PatternError(
        `it is too large: ${PATTERN_STEPS_MAX} steps at most, and what is repeated counts as often as {…} says`,
      );
    return this.steps.push(step) - 1;
  }

  /** Adds the steps of a node that go on with `next`, and gives the first of them. */
  compile(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'class':
        return this.add({ does: CLASS, taken: this.#classOf(node.accepted), next });
      case 'assertion':
        return this.add({ does: ASSERTION, assertion: node.assertion, next });
      case 'sequence':
        return node.nodes.reduceRight((behind, part) => this.compile(part, behind), next);
      case 'choice':
        return this.add({ does: FORK, branches: node.nodes.map((part) => this.compile(part, next)) });
      case 'repeat':
        return this.#repeat(node, next);
    }
  }

  #repeat({ node, min, max }: Extract<PatternNode, { kind: 'repeat' }>, next: number): number {
    let first = next;
    if (max === null) {
      const fork: Step = { does: FORK };
      first = this.add(fork);
      fork.branches = [this.compile(node, first), next];
    }
    for (let count = min; max !== null && count < max; count++) {
      const inner = this.compile(node, first);
      // What has no steps is the same however often it repeats.
      if (inner === first) break;
      first = this.add({ does: FORK, branches: [inner, next] });
    }
    for (let count = 0; count < min; count++) {
      const inner = this.compile(node, first);
      if (inner === first) break;
      first = inner;
    }
    return first;
  }

  #classOf(accepted: CharacterClass): number {
    const known = this.alphabet.get(accepted.key);
    if (known !== undefined) return known.index;
    const index = this.alphabet.size;
    this.alphabet.set(accepted.key, { index, accepted });
    return index;
  }
}

/** Where pieces of these lengths begin that lie behind each other, and where the last ends. */
function startsOf(lengths: readonly number[]): Int32Array {
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((length, index) => {
    starts[index + 1] = starts[index]! + length;
  });
  return starts;
}

function isAnchored(node: PatternNode): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion === 'text-start';
    case 'sequence':
      return isAnchored(node.nodes[0]!);
    case 'choice':
      return node.nodes.every(isAnchored);
    case 'repeat':
      return node.min > 0 && isAnchored(node.node);
    default:
      return false;
  }
}
