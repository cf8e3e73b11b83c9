import { characterOf, classOf } from './character-class.ts';
import { readClass } from './class-reader.ts';
import { PatternCursor } from './pattern-cursor.ts';
import { readEscape } from './pattern-escape.ts';
import { DEPTH_MAX, foldingOf, NO_FLAGS, readFlags } from './pattern-flags.ts';
import type { AssertionKind, PatternNode } from './pattern-node.ts';

const EMPTY: PatternNode = { kind: 'empty' };

/**
 * Parses a pattern in the syntax of Rust's crate `regex` (https://docs.rs/regex/latest/regex/#syntax), with Unicode on. Throws
 * {@link PatternError}.
 */
export function parsePattern(pattern: string): PatternNode {
  return new PatternParser(pattern).whole();
}

class PatternParser {
  readonly #cursor: PatternCursor;
  #flags = NO_FLAGS;
  #depth = 0;

  constructor(pattern: string) {
    this.#cursor = new PatternCursor(pattern);
  }

  whole(): PatternNode {
    const node = this.#choice();
    if (this.#cursor.peek() !== undefined) throw this.#cursor.error('there is one ) too many');
    return node;
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#cursor.accept('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (;;) {
      this.#skipSpace();
      const next = this.#cursor.peek();
      if (next === undefined || next === '|' || next === ')') break;
      let node = this.#atom();
      if (node === null) continue;
      for (;;) {
        this.#skipSpace();
        const repeated: PatternNode | null = this.#repeated(node);
        if (repeated === null) break;
        node = repeated;
      }
      nodes.push(node);
    }
    return nodes.length === 0 ? EMPTY : nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
  }

  /** What can be repeated; null for flags, which can't. */
  #atom(): PatternNode | null {
    const start = this.#cursor.at;
    const character = this.#cursor.take('something');
    switch (character) {
      case '(':
        return this.#group(start);
      case '[':
        return this.#class(readClass(this.#cursor, this.#flags));
      case '.':
        return this.#dot(start);
      case '^':
        return assertion(this.#edge('start'));
      case '$':
        return assertion(this.#edge('end'));
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#cursor.error(`${character} repeats nothing`, start);
      default:
        return this.#character(character.codePointAt(0)!);
    }
  }

  #group(start: number): PatternNode | null {
    if (this.#depth === DEPTH_MAX) throw this.#cursor.error(`groups nest ${DEPTH_MAX} deep at most`, start);
    const outer = this.#flags;
    const isLookBehind = this.#cursor.sees('?<=') || this.#cursor.sees('?<!');
    if (this.#cursor.accept('?P<') || (!isLookBehind && this.#cursor.accept('?<'))) {
      const name = this.#cursor.takeUntil('>', 'the name of a group');
      if (!/^[\p{Alphabetic}_][\p{Alphabetic}\p{N}_.[\]]*$/u.test(name))
        throw this.#cursor.error(`${JSON.stringify(name)} is no name of a group`, start);
    } else if (this.#cursor.accept('?')) {
      this.#flags = readFlags(this.#cursor, outer);
      // Flags without a colon are for the rest of the group they stand in.
      if (this.#cursor.accept(')')) {
        if (this.#cursor.at === start + 3) throw this.#cursor.error('(?) says nothing', start);
        return null;
      }
      this.#cursor.accept(':');
    }
    this.#depth++;
    const node = this.#choice();
    this.#depth--;
    if (!this.#cursor.accept(')')) throw this.#cursor.error('the group has no closing )', start);
    this.#flags = outer;
    return node;
  }

  #repeated(node: PatternNode): PatternNode | null {
    const start = this.#cursor.at;
    let [min, max]: [number, number | null] = [0, null];
    if (this.#cursor.accept('*')) {
      // As often as it may.
    } else if (this.#cursor.accept('+')) min = 1;
    else if (this.#cursor.accept('?')) max = 1;
    else if (this.#cursor.accept('{')) {
      const counts = /^\s*(\d+)\s*(,\s*(\d+)?\s*)?$/.exec(this.#cursor.takeUntil('}', 'a repetition'));
      if (counts === null) throw this.#cursor.error('a repetition is {n}, {n,} or {n,m}', start);
      min = Number(counts[1]);
      max = counts[2] === undefined ? min : counts[3] === undefined ? null : Number(counts[3]);
      if (max !== null && max < min) throw this.#cursor.error('a repetition goes upwards', start);
    } else return null;
    this.#cursor.accept('?');
    return { kind: 'repeat', node, min, max };
  }

  #escape(): PatternNode {
    const escaped = readEscape(this.#cursor, this.#flags.u);
    switch (escaped.kind) {
      case 'character':
        return this.#character(escaped.code);
      case 'class':
        return this.#class(escaped.source);
      case 'word':
        return assertion(this.#flags.u ? escaped.assertion : `ascii-${escaped.assertion}`);
      default:
        return assertion(escaped.kind);
    }
  }

  #dot(start: number): PatternNode {
    const { s, R, u } = this.#flags;
    if (!u) throw this.#cursor.error('. needs the flag u', start);
    return { kind: 'class', accepted: classOf(s ? '[^]' : R ? '[^\\r\\n]' : '[^\\n]', 'none') };
  }

  #edge(side: 'start' | 'end'): AssertionKind {
    const { m, R } = this.#flags;
    return `${m ? (R ? 'crlf' : 'line') : 'text'}-${side}`;
  }

  #character(code: number): PatternNode {
    return { kind: 'class', accepted: characterOf(code, foldingOf(this.#flags)) };
  }

  #class(source: string): PatternNode {
    return { kind: 'class', accepted: classOf(source, foldingOf(this.#flags)) };
  }

  /** With the flag x, spaces and what stands behind # mean nothing. */
  #skipSpace(): void {
    if (!this.#flags.x) return;
    for (;;) {
      const next = this.#cursor.peek();
      if (next === undefined || !/^[\s#]$/.test(next)) return;
      this.#cursor.at++;
      if (next !== '#') continue;
      while (this.#cursor.peek() !== undefined && this.#cursor.peek() !== '\n') this.#cursor.at++;
    }
  }
}

function assertion(kind: AssertionKind): PatternNode {
  return { kind: 'assertion', assertion: kind };
}
