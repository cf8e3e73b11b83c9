import type { Expression, Subject } from './ast.ts';
import { type BoundRule, bindPlan, type Plan } from './bind.ts';
import { type Condition, conditionOf, truthOf } from './conditions.ts';
import { type Comparison, warnOfConstants } from './constant-conditions.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import type { FieldReaders } from './field-readers.ts';
import { type ResolvedField, resolveField, STAGES, type Stage } from './fields.ts';
import { parse } from './parser.ts';
import { readingOf } from './reading.ts';
import { canNameSpan, SPAN_NAME_CHARACTERS_MAX } from './span-names.ts';
import { fieldMeantBy, spanMeantBy } from './suggestion.ts';
import { ValueTests } from './value-tests.ts';

/** A rule that is valid. */
export interface CompiledRule {
  readonly source: string;
  /** The stage by which it is settled for every request. */
  readonly decidedAt: Stage;
  /** The rule in plain English. */
  readonly reading: string;
  readonly warnings: readonly Diagnostic[];
  /** Names of the definitions of the fields it asks for. */
  readonly fields: ReadonlySet<string>;
  /** Makes it ready to be asked of requests. */
  bind<Request>(readers: FieldReaders<Request>): BoundRule<Request>;
}

export type Compilation =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Compiles a rule. Never throws: a rule that is not valid gives diagnostics with their places. */
export function compileRule(text: string): Compilation {
  const diagnostics = new Diagnostics(text);
  const expression = parse(text, diagnostics);
  const compiler = new Compiler(diagnostics);
  const plan = expression === null ? null : compiler.plan(expression);
  if (expression === null || plan === null || diagnostics.hasErrors)
    return { ok: false, diagnostics: diagnostics.list };
  warnOfConstants(expression, compiler.comparisons, diagnostics);
  return {
    ok: true,
    rule: {
      source: text,
      decidedAt: STAGES[plan.stage]!,
      reading: readingOf(expression),
      warnings: diagnostics.list,
      fields: compiler.fields,
      bind: (readers) => bindPlan(plan, readers),
    },
  };
}

class Compiler {
  readonly #diagnostics: Diagnostics;
  readonly #tests: ValueTests;
  readonly fields = new Set<string>();
  readonly comparisons = new Map<Expression, Comparison>();

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
    this.#tests = new ValueTests(diagnostics);
  }

  plan(expression: Expression): Plan | null {
    switch (expression.kind) {
      case 'and':
      case 'or': {
        const left = this.plan(expression.left);
        const right = this.plan(expression.right);
        if (left === null || right === null) return null;
        return { kind: expression.kind, left, right, stage: Math.max(left.stage, right.stage) };
      }
      case 'not': {
        const operand = this.plan(expression.operand);
        return operand === null ? null : { kind: 'not', operand, stage: operand.stage };
      }
      case 'field':
        return this.#truth(expression.subject);
      case 'predicate':
        return this.#predicate(expression);
    }
  }

  #truth(subject: Subject): Plan | null {
    const field = this.#resolve(subject);
    if (field === null) return null;
    if (field.definition.type === 'boolean') return planOf(field, truthOf(field, subject));
    this.#diagnostics.error(
      `${subject.field} is compared with something`,
      subject.place.start,
      subject.place.end,
      `for example: ${field.definition.example}`,
    );
    return null;
  }

  #predicate(predicate: Extract<Expression, { kind: 'predicate' }>): Plan | null {
    const { subject, operator, literal } = predicate;
    const field = this.#resolve(subject);
    if (field === null) return null;
    const test = this.#tests.of(field.definition, subject, operator, literal);
    if (test === null) return null;
    this.comparisons.set(predicate, { field, test });
    return planOf(field, conditionOf(field, subject.any, test));
  }

  /** The field, if there is one and the functions around it suit it. */
  #resolve(subject: Subject): ResolvedField | null {
    const { start, end } = subject.place;
    const field = resolveField(subject.field);
    if (field === null) {
      const meant = fieldMeantBy(subject.field);
      const suggestion = meant === null ? null : `did you mean ${meant}?`;
      this.#diagnostics.error(`unknown field ${subject.field}`, start, end, suggestion);
      return null;
    }
    const { name, type, multiple } = field.definition;
    if (name.startsWith('span.') && !this.#namesSpan(field.argument, subject)) return null;
    if (subject.any && !multiple)
      this.#diagnostics.warn(`any() changes nothing: ${subject.field} has one value`, start, end);
    if (subject.lower && type !== 'string') {
      this.#diagnostics.error(`lower() is for texts, ${subject.field} is ${article(type)}`, start, end);
      return null;
    }
    const never = neverKnown(field);
    if (never !== null) this.#diagnostics.warn(`${subject.field} never has a value: ${never}`, start, end);
    this.fields.add(name);
    return field;
  }

  #namesSpan(pattern: string, { place: { start, end } }: Subject): boolean {
    if (pattern.length > SPAN_NAME_CHARACTERS_MAX) {
      this.#diagnostics.error(`a span's name has ${SPAN_NAME_CHARACTERS_MAX} characters at most`, start, end);
      return false;
    }
    if (canNameSpan(pattern)) return true;
    const meant = spanMeantBy(pattern);
    const suggestion = meant === null ? null : `did you mean ${meant}?`;
    this.#diagnostics.error(`no span is called ${pattern}`, start, end, suggestion);
    return false;
  }
}

/** Why no request has the field, or null where one can. */
function neverKnown({ definition: { name }, argument }: ResolvedField): string | null {
  if (name === 'http.path.segments.') {
    const [from, to = from] = argument.split('_').map(Number) as [number, number?];
    return from > to ? 'the range goes downwards' : null;
  }
  const isHeader = name === 'http.headers.' || name === 'http.response.headers.';
  return isHeader && !FIELD_NAME.test(argument) ? 'no header field can be called that' : null;
}

/** A field name as RFC 9110, section 5.1, has it. */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function planOf({ definition }: ResolvedField, condition: Condition): Plan {
  return { kind: 'condition', condition, stage: STAGES.indexOf(definition.stage) };
}

function article(type: string): string {
  return type === 'int' || type === 'ip' ? `an ${type}` : `a ${type}`;
}
