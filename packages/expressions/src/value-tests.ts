import type { Literal, Operator, Subject } from './ast.ts';
import type { Diagnostics } from './diagnostic.ts';
import type { FieldDefinition } from './fields.ts';
import { insideOf, parseIp, parseNetwork } from './ip.ts';
import { Pattern } from './pattern/pattern.ts';
import { PatternError } from './pattern/pattern-node.ts';
import { quantityOf } from './units.ts';

/**
 * Whether a value is as a condition wants it; what it takes is by the field's type: text, number, boolean, the bytes of an address. `only`
 * is the text that alone is so, where it is but one; `compared` is what a number is compared with, where it is one number.
 */
export type ValueTest =
  | { readonly of: 'text'; readonly holds: (value: string) => boolean; readonly only?: string }
  | NumberTest
  | { readonly of: 'boolean'; readonly holds: (value: boolean) => boolean }
  | { readonly of: 'address'; readonly holds: (value: Uint8Array) => boolean };

export interface NumberTest {
  readonly of: 'number';
  readonly holds: (value: number) => boolean;
  readonly compared?: { readonly operator: Operator; readonly wanted: number };
}

/** Characters of a pattern, at most. */
export const PATTERN_CHARACTERS_MAX = 2_048;
/** Steps of all patterns of a rule together, at most: a request has to wait for them. */
export const RULE_PATTERN_STEPS_MAX = 1_000;

const UNITS_OF = {
  time: 'times are written in ns, us, ms, s, m, h',
  size: 'sizes are written in b, kb, mb, gb',
  none: null,
};

/** Makes tests of what stands behind a field, and says what is wrong where that can't be. */
export class ValueTests {
  readonly #diagnostics: Diagnostics;
  #patternSteps = 0;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** The test that a predicate makes of each value, or null where it is wrong. */
  of(definition: FieldDefinition, subject: Subject, operator: Operator, literal: Literal): ValueTest | null {
    switch (definition.type) {
      case 'int':
      case 'double': {
        const holds = this.#numberTest(subject, operator, literal);
        return holds === null || !this.#unitsSuit(definition, subject, literal)
          ? null
          : {
              of: 'number',
              holds,
              ...(literal.kind === 'number' ? { compared: { operator, wanted: literal.value } } : {}),
            };
      }
      case 'boolean': {
        const holds = this.#booleanTest(subject, operator, literal);
        return holds === null ? null : { of: 'boolean', holds };
      }
      case 'ip': {
        const holds = this.#ipTest(subject, operator, literal);
        return holds === null ? null : { of: 'address', holds };
      }
      case 'string': {
        const holds = this.#textTest(subject, operator, literal);
        if (holds === null) return null;
        if (subject.lower) return { of: 'text', holds: (value) => holds(value.toLowerCase()) };
        const only = operator === '==' ? textOf(literal) : null;
        return only === null ? { of: 'text', holds } : { of: 'text', holds, only };
      }
    }
  }

  #booleanTest(subject: Subject, operator: Operator, literal: Literal): ((value: boolean) => boolean) | null {
    if (literal.kind !== 'boolean' || (operator !== '==' && operator !== '!='))
      return this.#wrong(subject, operator, literal, 'a boolean is compared by == or != with true or false');
    const wanted = (operator === '==') === literal.value;
    return (value) => value === wanted;
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

  #pattern(literal: Literal, pattern: string): ((value: string) => boolean) | null {
    const { start, end } = literal.place;
    if (pattern.length > PATTERN_CHARACTERS_MAX) {
      this.#diagnostics.error(`a pattern has ${PATTERN_CHARACTERS_MAX} characters at most`, start, end);
      return null;
    }
    try {
      const compiled = Pattern.compile(pattern);
      this.#patternSteps += compiled.stepCount;
      if (this.#patternSteps <= RULE_PATTERN_STEPS_MAX) return (value) => compiled.test(value);
      this.#diagnostics.error(
        `the patterns of a rule have ${RULE_PATTERN_STEPS_MAX} steps at most, all together`,
        start,
        end,
        'what is repeated counts as often as {…} says; + and * count once',
      );
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#diagnostics.error(`invalid pattern: ${error.message}`, start, end, error.suggestion);
    }
    return null;
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

  /** Whether units in the constant are of what the field measures; says so where they aren't. */
  #unitsSuit({ measures }: FieldDefinition, subject: Subject, literal: Literal): boolean {
    for (const item of literal.kind === 'list' ? literal.items : [literal]) {
      const quantity = item.kind === 'number' ? quantityOf(item.text) : null;
      if (quantity === null || quantity === measures) continue;
      const { start, end } = item.place;
      this.#diagnostics.error(`${subject.field} is no ${quantity}`, start, end, UNITS_OF[measures ?? 'none']);
      return false;
    }
    return true;
  }

  #ipTest(subject: Subject, operator: Operator, literal: Literal): ((address: Uint8Array) => boolean) | null {
    if (operator === 'in' || operator === 'not in') {
      const tests: ((address: Uint8Array) => boolean)[] = [];
      for (const item of literal.kind === 'list' ? literal.items : [literal]) {
        const text = item.kind === 'address' ? item.value : textOf(item);
        const network =
          text === null
            ? 'a network is due'
            : text.includes('/')
              ? parseNetwork(text)
              : 'a network is due, such as 10.0.0.0/8';
        if (typeof network === 'string') return this.#wrong(subject, operator, item, network);
        tests.push(insideOf(network));
      }
      const [first] = tests;
      const inside =
        first !== undefined && tests.length === 1
          ? first
          : (address: Uint8Array) => tests.some((test) => test(address));
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

function textOf(literal: Literal): string | null {
  return literal.kind === 'string' ? literal.value : null;
}
