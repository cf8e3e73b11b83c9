import { RE2JS } from 're2js';
import type { Expression, Literal, Operator, Subject } from './ast.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import type { FieldSource } from './field-source.ts';
import { type FieldDefinition, fieldNames, resolveField, STAGES, type Stage } from './fields.ts';
import { contains, type Network, parseIp, parseNetwork } from './ip.ts';
import { parse } from './parser.ts';
import { readingOf } from './reading.ts';

/** What a rule says of a request at a stage. */
export const MATCH = 1;
export const NO_MATCH = 0;
export const NOT_YET = -1;
export type Verdict = typeof MATCH | typeof NO_MATCH | typeof NOT_YET;

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly source: string;
  /** The stage by which it is settled for every request. */
  readonly decidedAt: Stage;
  /** The rule in plain English. */
  readonly reading: string;
  readonly warnings: readonly Diagnostic[];
  /** Asks with what is known at a stage (an index into STAGES). */
  evaluate(stage: number, source: FieldSource): Verdict;
  /** Asks with everything known. */
  matches(source: FieldSource): boolean;
}

export type Compilation =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

type Node = (stage: number, source: FieldSource) => Verdict;
type Test = (source: FieldSource) => boolean;

const END = STAGES.length - 1;

/** Compiles a rule. Never throws: a rule that is not valid gives diagnostics with their places. */
export function compileRule(text: string): Compilation {
  const diagnostics = new Diagnostics(text);
  const expression = parse(text, diagnostics);
  const compiler = new Compiler(diagnostics);
  const node = expression === null ? null : compiler.node(expression);
  if (expression === null || node === null || diagnostics.hasErrors)
    return { ok: false, diagnostics: diagnostics.list };
  const decidedAt = STAGES[compiler.latest(expression)]!;
  return {
    ok: true,
    rule: {
      source: text,
      decidedAt,
      reading: readingOf(expression),
      warnings: diagnostics.list,
      evaluate: node,
      matches: (source) => node(END, source) === MATCH,
    },
  };
}

class Compiler {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** The latest stage at which a field of the expression becomes known. */
  latest(expression: Expression): number {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return Math.max(this.latest(expression.left), this.latest(expression.right));
      case 'not':
        return this.latest(expression.operand);
      default:
        return STAGES.indexOf(resolveField(expression.subject.field)?.definition.stage ?? 'end');
    }
  }

  node(expression: Expression): Node | null {
    switch (expression.kind) {
      case 'and': {
        const left = this.node(expression.left);
        const right = this.node(expression.right);
        if (left === null || right === null) return null;
        return (stage, source) => {
          const first = left(stage, source);
          if (first === NO_MATCH) return NO_MATCH;
          const second = right(stage, source);
          return second === NO_MATCH ? NO_MATCH : first === MATCH ? second : NOT_YET;
        };
      }
      case 'or': {
        const left = this.node(expression.left);
        const right = this.node(expression.right);
        if (left === null || right === null) return null;
        return (stage, source) => {
          const first = left(stage, source);
          if (first === MATCH) return MATCH;
          const second = right(stage, source);
          return second === MATCH ? MATCH : first === NO_MATCH ? second : NOT_YET;
        };
      }
      case 'not': {
        const operand = this.node(expression.operand);
        if (operand === null) return null;
        return (stage, source) => {
          const verdict = operand(stage, source);
          return verdict === NOT_YET ? NOT_YET : verdict === MATCH ? NO_MATCH : MATCH;
        };
      }
      case 'field':
        return this.#booleanField(expression.subject);
      case 'predicate':
        return this.#predicate(expression.subject, expression.operator, expression.literal);
    }
  }

  #resolve(subject: Subject): { definition: FieldDefinition; argument: string } | null {
    const resolved = resolveField(subject.field);
    if (resolved === null) {
      const near = nearest(subject.field, fieldNames());
      this.#diagnostics.error(
        `unknown field ${subject.field}`,
        subject.place.start,
        subject.place.end,
        near === null ? null : `did you mean ${near}?`,
      );
    }
    return resolved;
  }

  #booleanField(subject: Subject): Node | null {
    const resolved = this.#resolve(subject);
    if (resolved === null) return null;
    const { definition } = resolved;
    if (definition.type !== 'boolean') {
      this.#diagnostics.error(
        `${subject.field} is compared with something`,
        subject.place.start,
        subject.place.end,
        `for example: ${definition.example}`,
      );
      return null;
    }
    return staged(definition, (source) => source.boolean(definition) === true);
  }

  #predicate(subject: Subject, operator: Operator, literal: Literal): Node | null {
    const resolved = this.#resolve(subject);
    if (resolved === null) return null;
    const { definition, argument } = resolved;
    const { start, end } = subject.place;
    if (subject.any && !definition.multiple)
      this.#diagnostics.warn(`any() changes nothing: ${subject.field} has one value`, start, end);
    if (subject.lower && definition.type !== 'string') {
      this.#diagnostics.error(
        `lower() is for texts, ${subject.field} is ${article(definition.type)}`,
        start,
        end,
      );
      return null;
    }
    const test = this.#test(definition, argument, subject, operator, literal);
    return test === null ? null : staged(definition, test);
  }

  #test(
    definition: FieldDefinition,
    argument: string,
    subject: Subject,
    operator: Operator,
    literal: Literal,
  ): Test | null {
    switch (definition.type) {
      case 'int':
      case 'double': {
        const compare = this.#numberTest(subject, operator, literal);
        if (compare === null) return null;
        return (source) => {
          const value = source.number(definition);
          return value !== undefined && compare(value);
        };
      }
      case 'boolean': {
        if (literal.kind !== 'boolean' || (operator !== '==' && operator !== '!='))
          return this.#wrong(
            subject,
            operator,
            literal,
            'a boolean is compared by == or != with true or false',
          );
        const wanted = (operator === '==') === literal.value;
        return (source) => {
          const value = source.boolean(definition);
          return value !== undefined && value === wanted;
        };
      }
      case 'ip': {
        const inside = this.#ipTest(subject, operator, literal);
        if (inside === null) return null;
        return (source) => {
          const text = source.string(definition, argument);
          const address = text === undefined ? null : parseIp(text);
          return address !== null && inside(address);
        };
      }
      case 'string':
        return this.#stringTest(definition, argument, subject, operator, literal);
    }
  }

  #stringTest(
    definition: FieldDefinition,
    argument: string,
    subject: Subject,
    operator: Operator,
    literal: Literal,
  ): Test | null {
    const compare = this.#textTest(subject, operator, literal);
    if (compare === null) return null;
    const check = subject.lower ? (value: string) => compare(value.toLowerCase()) : compare;
    if (!definition.multiple) {
      return (source) => {
        const value = source.string(definition, argument);
        return value !== undefined && check(value);
      };
    }
    if (subject.any) return (source) => source.strings(definition, argument).some(check);
    return (source) => {
      const values = source.strings(definition, argument);
      return values.length > 0 && values.every(check);
    };
  }

  #textTest(subject: Subject, operator: Operator, literal: Literal): ((value: string) => boolean) | null {
    if (operator === 'in' || operator === 'not in') {
      if (literal.kind !== 'list')
        return this.#wrong(subject, operator, literal, 'in takes a list: ["a", "b"]');
      const values = new Set<string>();
      for (const item of literal.items) {
        const text = textOf(item);
        if (text === null) return this.#wrong(subject, operator, item, 'the list holds texts');
        values.add(text);
      }
      return operator === 'in' ? (value) => values.has(value) : (value) => !values.has(value);
    }
    const wanted = textOf(literal);
    if (wanted === null) return this.#wrong(subject, operator, literal, 'a text is due, in quotes');
    switch (operator) {
      case '==':
        return (value) => value === wanted;
      case '!=':
        return (value) => value !== wanted;
      case '^=':
        return (value) => value.startsWith(wanted);
      case '=^':
        return (value) => value.endsWith(wanted);
      case 'contains':
        return (value) => value.includes(wanted);
      case '~':
        return this.#pattern(literal, wanted);
      default:
        return this.#wrong(
          subject,
          operator,
          literal,
          `texts know == != ^= =^ ~ contains in, not ${operator}`,
        );
    }
  }

  /** A pattern in linear time: no look-around, no back-references. */
  #pattern(literal: Literal, pattern: string): ((value: string) => boolean) | null {
    if (pattern.length > PATTERN_CHARACTERS_MAX) {
      this.#diagnostics.error(
        `a pattern has ${PATTERN_CHARACTERS_MAX} characters at most`,
        literal.place.start,
        literal.place.end,
      );
      return null;
    }
    try {
      const compiled = RE2JS.compile(pattern);
      return (value) => compiled.matcher(value).find();
    } catch (error) {
      this.#diagnostics.error(
        `invalid pattern: ${(error as Error).message}`,
        literal.place.start,
        literal.place.end,
        'patterns have no look-around and no back-references',
      );
      return null;
    }
  }

  #numberTest(subject: Subject, operator: Operator, literal: Literal): ((value: number) => boolean) | null {
    if (operator === 'in' || operator === 'not in') {
      if (literal.kind !== 'list')
        return this.#wrong(subject, operator, literal, 'in takes a list: [502, 503]');
      const values = new Set<number>();
      for (const item of literal.items) {
        if (item.kind !== 'number') return this.#wrong(subject, operator, item, 'the list holds numbers');
        values.add(item.value);
      }
      return operator === 'in' ? (value) => values.has(value) : (value) => !values.has(value);
    }
    if (literal.kind !== 'number') return this.#wrong(subject, operator, literal, 'a number is due');
    const wanted = literal.value;
    switch (operator) {
      case '==':
        return (value) => value === wanted;
      case '!=':
        return (value) => value !== wanted;
      case '>':
        return (value) => value > wanted;
      case '>=':
        return (value) => value >= wanted;
      case '<':
        return (value) => value < wanted;
      case '<=':
        return (value) => value <= wanted;
      default:
        return this.#wrong(subject, operator, literal, `numbers know == != > >= < <= in, not ${operator}`);
    }
  }

  #ipTest(subject: Subject, operator: Operator, literal: Literal): ((address: Uint8Array) => boolean) | null {
    if (operator === 'in' || operator === 'not in') {
      const networks: Network[] = [];
      for (const item of literal.kind === 'list' ? literal.items : [literal]) {
        const text = item.kind === 'address' ? item.value : textOf(item);
        const network =
          text === null
            ? 'a network is due'
            : text.includes('/')
              ? parseNetwork(text)
              : 'a network is due, such as 10.0.0.0/8';
        if (typeof network === 'string') return this.#wrong(subject, operator, item, network);
        networks.push(network);
      }
      const inside = (address: Uint8Array) => networks.some((network) => contains(network, address));
      return operator === 'in' ? inside : (address) => !inside(address);
    }
    const text = literal.kind === 'address' ? literal.value : textOf(literal);
    const wanted = text === null ? null : parseIp(text);
    if (wanted === null || (operator !== '==' && operator !== '!='))
      return this.#wrong(
        subject,
        operator,
        literal,
        'addresses know == and != with an address, in and not in with a network',
      );
    const equal = (address: Uint8Array) =>
      address.length === wanted.length && address.every((byte, index) => byte === wanted[index]);
    return operator === '==' ? equal : (address) => !equal(address);
  }

  #wrong(subject: Subject, operator: Operator, literal: Literal, suggestion: string): null {
    this.#diagnostics.error(
      `${subject.field} ${operator} does not take this value`,
      literal.place.start,
      literal.place.end,
      suggestion,
    );
    return null;
  }
}

/** Characters of a pattern, at most. */
export const PATTERN_CHARACTERS_MAX = 2_048;

function staged(definition: FieldDefinition, test: Test): Node {
  const known = STAGES.indexOf(definition.stage);
  return (stage, source) => (stage < known ? NOT_YET : test(source) ? MATCH : NO_MATCH);
}

function textOf(literal: Literal): string | null {
  return literal.kind === 'string' ? literal.value : null;
}

function article(type: string): string {
  return type === 'int' || type === 'ip' ? `an ${type}` : `a ${type}`;
}

/** The candidate closest to a word, if close enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (a.length > 200 || b.length > 200) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
