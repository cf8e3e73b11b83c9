import type { CharacterClass } from './character-class.ts';

/** What must hold between two characters. */
export type AssertionKind =
  | 'text-start'
  | 'text-end'
  | 'line-start'
  | 'line-end'
  | 'crlf-start'
  | 'crlf-end'
  | WordAssertion
  | `ascii-${WordAssertion}`;

export type WordAssertion =
  | 'word-boundary'
  | 'no-word-boundary'
  | 'word-start'
  | 'word-end'
  | 'word-start-half'
  | 'word-end-half';

/** A pattern as a tree. Whether a repetition is greedy does not matter: all that is asked is whether there is a match. */
export type PatternNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'class'; readonly accepted: CharacterClass }
  | { readonly kind: 'assertion'; readonly assertion: AssertionKind }
  | {
      readonly kind: 'repeat';
      readonly node: PatternNode;
      readonly min: number;
      /** Null: as often as it may. */
      readonly max: number | null;
    }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] };

/** A pattern that is not valid; the message says where. */
export class PatternError extends Error {
  /** How to mend it, where that is known. */
  readonly suggestion: string | null;

  /** `at` is the character it is about, from 0. */
  constructor(message: string, at: number | null = null, suggestion: string | null = null) {
    super(at === null ? message : `${message}, at its character ${at + 1}`);
    this.name = 'PatternError';
    this.suggestion = suggestion;
  }
}
