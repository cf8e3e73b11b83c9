import type { Expression, Subject } from './ast.ts';
import { Conditions, type Test } from './conditions.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import type { FieldSource } from './field-source.ts';
import { type FieldDefinition, resolveField, STAGES, type Stage } from './fields.ts';
import { parse } from './parser.ts';
import { readingOf } from './reading.ts';
import { fieldMeantBy } from './suggestion.ts';

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
  readonly #conditions: Conditions;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
    this.#conditions = new Conditions(diagnostics);
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
        return this.#predicate(expression);
    }
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

  #predicate({ subject, operator, literal }: Extract<Expression, { kind: 'predicate' }>): Node | null {
    const resolved = this.#resolve(subject);
    if (resolved === null) return null;
    const { definition, argument } = resolved;
    const test = this.#conditions.test(definition, argument, subject, operator, literal);
    return test === null ? null : staged(definition, test);
  }

  /** The field, if there is one and the functions around it suit it. */
  #resolve(subject: Subject): { definition: FieldDefinition; argument: string } | null {
    const { start, end } = subject.place;
    const resolved = resolveField(subject.field);
    if (resolved === null) {
      const meant = fieldMeantBy(subject.field);
      const suggestion = meant === null ? null : `did you mean ${meant}?`;
      this.#diagnostics.error(`unknown field ${subject.field}`, start, end, suggestion);
      return null;
    }
    const { type, multiple } = resolved.definition;
    if (subject.any && !multiple)
      this.#diagnostics.warn(`any() changes nothing: ${subject.field} has one value`, start, end);
    if (subject.lower && type !== 'string') {
      this.#diagnostics.error(`lower() is for texts, ${subject.field} is ${article(type)}`, start, end);
      return null;
    }
    return resolved;
  }
}

function staged(definition: FieldDefinition, test: Test): Node {
  const known = STAGES.indexOf(definition.stage);
  return (stage, source) => (stage < known ? NOT_YET : test(source) ? MATCH : NO_MATCH);
}

function article(type: string): string {
  return type === 'int' || type === 'ip' ? `an ${type}` : `a ${type}`;
}
