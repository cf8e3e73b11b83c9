import { perlClass, propertyClass } from './character-class.ts';
import type { PatternCursor } from './pattern-cursor.ts';
import type { WordAssertion } from './pattern-node.ts';

/** What stands behind a backslash: a character, a class in the syntax of JavaScript's flag `v`, or what must hold between two characters. */
export type Escape =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'class'; readonly source: string }
  | { readonly kind: 'text-start' | 'text-end' }
  | { readonly kind: 'word'; readonly assertion: WordAssertion };

/** Why some things of other flavours are missing. */
export const LINEAR = 'what a request waits for may take no longer than its text is long';

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const WORDS: Readonly<Record<string, WordAssertion>> = {
  b: 'word-boundary',
  B: 'no-word-boundary',
  '<': 'word-start',
  '>': 'word-end',
};
const BOUNDARIES: Readonly<Record<string, WordAssertion>> = {
  start: 'word-start',
  end: 'word-end',
  'start-half': 'word-start-half',
  'end-half': 'word-end-half',
};
const HEXADECIMAL_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads what follows a backslash. Throws {@link PatternError} where that means nothing. */
export function readEscape(cursor: PatternCursor, isUnicode: boolean): Escape {
  const start = cursor.at - 1;
  const letter = cursor.take('what is escaped');
  const word = WORDS[letter];
  if (word !== undefined) return { kind: 'word', assertion: letter === 'b' ? boundary(cursor) : word };
  const control = CONTROLS[letter];
  if (control !== undefined) return { kind: 'character', code: control };
  const digits = HEXADECIMAL_DIGITS[letter];
  if (digits !== undefined) return { kind: 'character', code: hexadecimal(cursor, digits) };
  switch (letter) {
    case 'A':
      return { kind: 'text-start' };
    case 'z':
      return { kind: 'text-end' };
    case 'd':
    case 's':
    case 'w':
      return { kind: 'class', source: perlClass(letter, isUnicode) };
    case 'D':
    case 'S':
    case 'W': {
      if (!isUnicode) throw cursor.error(`\\${letter} needs the flag u`, start);
      return { kind: 'class', source: `[^${perlClass(lowerOf(letter), true)}]` };
    }
    case 'p':
    case 'P':
      return { kind: 'class', source: property(cursor, letter === 'P', start) };
  }
  if (/\d/.test(letter)) throw cursor.error('there are no back-references', start, LINEAR);
  if (/[^ -~\0-\x1f\x7f]|[A-Za-z]/.test(letter)) throw cursor.error(`\\${letter} means nothing`, start);
  return { kind: 'character', code: letter.charCodeAt(0) };
}

function boundary(cursor: PatternCursor): WordAssertion {
  for (const [name, assertion] of Object.entries(BOUNDARIES))
    if (cursor.accept(`{${name}}`)) return assertion;
  return 'word-boundary';
}

function hexadecimal(cursor: PatternCursor, digits: number): number {
  const start = cursor.at;
  const text = cursor.accept('{')
    ? cursor.takeUntil('}', 'the digits')
    : Array.from({ length: digits }, () => cursor.take('a hexadecimal digit')).join('');
  const code = /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff))
    throw cursor.error(`${JSON.stringify(text)} is no hexadecimal number of a character`, start);
  return code;
}

function property(cursor: PatternCursor, isNegated: boolean, start: number): string {
  const name = cursor.accept('{')
    ? cursor.takeUntil('}', 'the name of a property')
    : cursor.take('the letter of a category');
  // ATC takes != for =.
  const source = propertyClass(name.replace('!=', '='));
  if (source === null) throw cursor.error(`there is no property ${JSON.stringify(name)}`, start);
  return isNegated ? `[^${source}]` : source;
}

function lowerOf(letter: 'D' | 'S' | 'W'): 'd' | 's' | 'w' {
  return letter === 'D' ? 'd' : letter === 'S' ? 's' : 'w';
}
