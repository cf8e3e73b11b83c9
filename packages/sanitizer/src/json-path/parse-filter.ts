import { Pattern } from '../pattern/pattern.ts';
import type { Call, Comparable, FunctionName, Logical, Operator, Query } from './ast.ts';
import type { Scanner } from './scanner.ts';

/** Reads what follows `$` or `@`. */
type ParseSegments = (scanner: Scanner, isRelative: boolean) => Query;

const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const satisfies readonly Operator[];

/** RFC 9535, 2.4: what each function takes, and whether it answers true or false rather than a value. */
const FUNCTIONS: Readonly<
  Record<FunctionName, { readonly parameters: readonly ('value' | 'nodes')[]; readonly isLogical: boolean }>
> = {
  length: { parameters: ['value'], isLogical: false },
  count: { parameters: ['nodes'], isLogical: false },
  value: { parameters: ['nodes'], isLogical: false },
  match: { parameters: ['value', 'value'], isLogical: true },
  search: { parameters: ['value', 'value'], isLogical: true },
};

/** The expression after `?` (RFC 9535, 2.3.5). */
export function parseFilter(scanner: Scanner, parseSegments: ParseSegments): Logical {
  return new FilterParser(scanner, parseSegments).or();
}

class FilterParser {
  readonly #scanner: Scanner;
  readonly #parseSegments: ParseSegments;

  constructor(scanner: Scanner, parseSegments: ParseSegments) {
    this.#scanner = scanner;
    this.#parseSegments = parseSegments;
  }

  or(): Logical {
    return this.#joined('||', 'or', () => this.#joined('&&', 'and', () => this.#basic()));
  }

  #joined(token: string, kind: 'or' | 'and', next: () => Logical): Logical {
    const parts = [next()];
    for (;;) {
      const before = this.#scanner.at;
      this.#scanner.skipSpace();
      if (!this.#scanner.take(token)) {
        this.#scanner.at = before;
        return parts.length === 1 ? parts[0]! : { kind, parts };
      }
      parts.push(next());
    }
  }

  #basic(): Logical {
    const scanner = this.#scanner;
    scanner.skipSpace();
    const isNegated = scanner.startsWith('!') && !scanner.startsWith('!=') && scanner.take('!');
    if (isNegated) scanner.skipSpace();
    const part = scanner.take('(') ? this.#parenthesis() : this.#testOrComparison(isNegated);
    return isNegated ? { kind: 'not', part } : part;
  }

  #parenthesis(): Logical {
    const inner = this.or();
    this.#scanner.skipSpace();
    this.#scanner.expect(')', 'close the parenthesis');
    return inner;
  }

  #testOrComparison(isNegated: boolean): Logical {
    const scanner = this.#scanner;
    const start = scanner.at;
    const left = this.#operand();
    const before = scanner.at;
    scanner.skipSpace();
    const operator = isNegated ? undefined : OPERATORS.find((token) => scanner.take(token));
    if (operator === undefined) {
      scanner.at = before;
      return this.#test(left, start);
    }
    scanner.skipSpace();
    const rightStart = scanner.at;
    const right = this.#operand();
    return {
      kind: 'compare',
      operator,
      left: this.#comparable(left, start),
      right: this.#comparable(right, rightStart),
    };
  }

  #test(operand: Comparable | Call, at: number): Logical {
    if (operand.kind === 'query') return { kind: 'exists', query: operand.query };
    if (operand.kind === 'call' && FUNCTIONS[operand.name].isLogical)
      return operand as Call<'match' | 'search'>;
    const suggestion = 'compare it with something, such as == 1';
    throw this.#scanner.mistake('a value alone is neither true nor false', suggestion, at);
  }

  #comparable(operand: Comparable | Call, at: number): Comparable {
    if (operand.kind === 'query' && !operand.query.isSingular) {
      const suggestion = 'compare with names and indexes alone, or use value() or count()';
      throw this.#scanner.mistake('a query that may give several values can not be compared', suggestion, at);
    }
    if (operand.kind === 'call' && FUNCTIONS[operand.name].isLogical) {
      const suggestion = 'leave the comparison out';
      throw this.#scanner.mistake(`${operand.name}() is true or false already`, suggestion, at);
    }
    return operand as Comparable;
  }

  #operand(): Comparable | Call {
    const scanner = this.#scanner;
    if (scanner.take('@')) return { kind: 'query', query: this.#parseSegments(scanner, true) };
    if (scanner.take('$')) return { kind: 'query', query: this.#parseSegments(scanner, false) };
    const value = scanner.string() ?? scanner.number();
    if (value !== null) return { kind: 'literal', value };
    const start = scanner.at;
    const word = scanner.name();
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    if (word === 'null') return { kind: 'literal', value: null };
    if (word !== null && Object.hasOwn(FUNCTIONS, word) && scanner.take('('))
      return this.#call(word as FunctionName, start);
    scanner.at = start;
    throw scanner.unexpected(
      'a value',
      `write @.name, $.name, 'text', a number, true, false, null or ${Object.keys(FUNCTIONS).join('(), ')}()`,
    );
  }

  #call(name: FunctionName, at: number): Call {
    const scanner = this.#scanner;
    const parameters: Comparable[] = [];
    const expected = FUNCTIONS[name].parameters;
    let lastStart = at;
    scanner.skipSpace();
    while (!scanner.take(')')) {
      if (parameters.length > 0) scanner.expect(',', 'separate with a comma, or close the parenthesis');
      scanner.skipSpace();
      lastStart = scanner.at;
      parameters.push(this.#parameter(name, expected[parameters.length], this.#operand(), lastStart));
      scanner.skipSpace();
    }
    if (parameters.length !== expected.length) {
      const suggestion = `write ${expected.length} of them`;
      throw scanner.mistake(`${name}() takes ${expected.length}, not ${parameters.length}`, suggestion, at);
    }
    return { kind: 'call', name, parameters, pattern: this.#pattern(name, parameters[1], lastStart) };
  }

  #parameter(
    name: FunctionName,
    type: 'value' | 'nodes' | undefined,
    operand: Comparable | Call,
    at: number,
  ): Comparable {
    if (type !== 'nodes') return this.#comparable(operand, at);
    if (operand.kind === 'query') return operand;
    throw this.#scanner.mistake(`${name}() takes a query`, 'write one, such as @.name', at);
  }

  /** A literal pattern is compiled once; RFC 9535 would call a wrong one no match, which helps nobody. */
  #pattern(name: FunctionName, parameter: Comparable | undefined, at: number): Pattern | null {
    if (!FUNCTIONS[name].isLogical || parameter?.kind !== 'literal' || typeof parameter.value !== 'string')
      return null;
    const pattern = compiledFor(name, parameter.value);
    if (pattern instanceof Pattern) return pattern;
    throw this.#scanner.mistake(pattern.message, pattern.suggestion ?? 'the syntax is that of RE2', at);
  }
}

/** `match` takes the whole text, `search` any part of it. */
export function compiledFor(name: FunctionName, pattern: string): ReturnType<typeof Pattern.compile> {
  return Pattern.compile(name === 'match' ? `^(?:${pattern})$` : pattern);
}
