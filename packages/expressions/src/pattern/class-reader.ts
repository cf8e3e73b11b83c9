import { classSource, POSIX } from './character-class.ts';
import type { PatternCursor } from './pattern-cursor.ts';
import { readEscape } from './pattern-escape.ts';
import type { PatternFlags } from './pattern-flags.ts';
import { DEPTH_MAX } from './pattern-flags.ts';

type Operator = '&&' | '--' | '~~';
const OPERATORS: readonly Operator[] = ['&&', '--', '~~'];

/** A character, or a whole class in the syntax of JavaScript's flag `v`. */
type Item = { readonly code: number } | { readonly source: string };

/**
 * Reads a class in brackets, the opening one being read, and gives it in the syntax of JavaScript's flag `v`. As in Rust, `&&`, `--` and `~~`
 * bind equally, from the left, and less than characters beside each other. Throws {@link PatternError}.
 */
export function readClass(cursor: PatternCursor, flags: PatternFlags, depth = 0): string {
  const start = cursor.at - 1;
  if (depth > DEPTH_MAX) throw cursor.error(`classes nest ${DEPTH_MAX} deep at most`, start);
  const isNegated = cursor.accept('^');
  if (isNegated && !flags.u) throw cursor.error('a negated class needs the flag u', start);
  let items: string[] = [];
  let left: { source: string; operator: Operator } | null = null;
  while (cursor.accept('-')) items.push('\\-');
  if (items.length === 0 && cursor.accept(']')) items.push('\\]');
  for (;;) {
    skipSpace(cursor, flags);
    if (cursor.peek() === undefined) throw cursor.error('the class has no closing ]', start);
    if (cursor.accept(']')) break;
    const operator = OPERATORS.find((one) => cursor.accept(one));
    if (operator === undefined) items.push(readItems(cursor, flags, depth));
    else {
      left = { source: combined(left, items), operator };
      items = [];
    }
  }
  const source = combined(left, items);
  return isNegated ? `[^${source}]` : source;
}

function combined(left: { source: string; operator: Operator } | null, items: readonly string[]): string {
  const right = `[${items.join('')}]`;
  if (left === null) return right;
  const { source, operator } = left;
  return operator === '~~'
    ? `[[${source}${right}]--[${source}&&${right}]]`
    : `[${source}${operator}${right}]`;
}

/** A class within the class, a character, or a range of them. */
function readItems(cursor: PatternCursor, flags: PatternFlags, depth: number): string {
  const start = cursor.at;
  if (cursor.accept('[')) return readPosix(cursor, flags) ?? readClass(cursor, flags, depth + 1);
  const first = readItem(cursor, flags);
  skipSpace(cursor, flags);
  const isRange = cursor.peek() === '-' && cursor.peek(1) !== ']' && cursor.peek(1) !== '-';
  if (!isRange) return 'code' in first ? classSource(first.code) : first.source;
  cursor.accept('-');
  skipSpace(cursor, flags);
  const last = readItem(cursor, flags);
  if (!('code' in first && 'code' in last))
    throw cursor.error('a range goes from one character to another', start);
  if (last.code < first.code) throw cursor.error('a range goes upwards', start);
  return classSource(first.code, last.code);
}

function readItem(cursor: PatternCursor, flags: PatternFlags): Item {
  const start = cursor.at;
  const character = cursor.take('] behind the class');
  if (character !== '\\') return { code: character.codePointAt(0)! };
  const escaped = readEscape(cursor, flags.u);
  if (escaped.kind === 'character') return { code: escaped.code };
  if (escaped.kind === 'class') return { source: escaped.source };
  throw cursor.error('what stands in a class is a character', start);
}

/** `:alpha:]` behind a `[`; null where something else stands there. */
function readPosix(cursor: PatternCursor, flags: PatternFlags): string | null {
  const start = cursor.at;
  if (!cursor.accept(':')) return null;
  const isNegated = cursor.accept('^');
  let name = '';
  while (/[a-z]/.test(cursor.peek() ?? '')) name += cursor.take('a letter');
  const source = POSIX[name];
  if (source === undefined || !cursor.accept(':]') || (isNegated && !flags.u)) {
    cursor.at = start;
    return null;
  }
  return isNegated ? `[^${source}]` : source;
}

function skipSpace(cursor: PatternCursor, flags: PatternFlags): void {
  if (flags.x) while (/^\s$/.test(cursor.peek() ?? '')) cursor.at++;
}
