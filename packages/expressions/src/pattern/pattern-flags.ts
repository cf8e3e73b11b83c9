import type { CaseFolding } from './character-class.ts';
import type { PatternCursor } from './pattern-cursor.ts';
import { LINEAR } from './pattern-escape.ts';

/** How deep groups and classes of a pattern may nest. */
export const DEPTH_MAX = 250;

/** `i` any case, `m` ^ and $ at lines, `s` . takes line breaks, `u` Unicode, `x` spaces do not count, `R` lines end with \r\n too. */
export type PatternFlags = Readonly<Record<Flag, boolean>>;
type Flag = 'i' | 'm' | 's' | 'u' | 'x' | 'R' | 'U';

export const NO_FLAGS: PatternFlags = { i: false, m: false, s: false, u: true, x: false, R: false, U: false };

/** Reads the flags behind `(?`, up to the `)` or `:` that is not read. Throws {@link PatternError}. */
export function readFlags(cursor: PatternCursor, flags: PatternFlags): PatternFlags {
  const result = { ...flags };
  let isOn = true;
  const start = cursor.at;
  while (cursor.peek() !== ')' && cursor.peek() !== ':') {
    const letter = cursor.take('the end of the flags');
    if (letter === '-' && isOn) isOn = false;
    else if (letter in NO_FLAGS) result[letter as Flag] = isOn;
    else if (/[=!<]/.test(letter)) throw cursor.error('there is no look-around', start, LINEAR);
    else throw cursor.error(`there is no flag ${letter}`, cursor.at - 1);
  }
  return result;
}

export function foldingOf({ i, u }: PatternFlags): CaseFolding {
  return i ? (u ? 'unicode' : 'ascii') : 'none';
}
