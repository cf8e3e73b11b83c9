import type { Expression, Literal, Operator } from './ast.ts';
import type { Diagnostics } from './diagnostic.ts';
import { certaintyOf } from './domain.ts';
import type { ResolvedField } from './fields.ts';
import { print } from './print.ts';
import type { ValueTest } from './value-tests.ts';

/** A condition that has been compiled. */
export interface Comparison {
  readonly field: ResolvedField;
  readonly test: ValueTest;
}

type Predicate = Extract<Expression, { kind: 'predicate' }>;
type Chain = 'and' | 'or';

const INVERSES: Readonly<Partial<Record<Operator, Operator>>> = {
  '==': '!=',
  '!=': '==',
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '>=': '<',
  in: 'not in',
  'not in': 'in',
};

/** Conditions of a chain that are compared with each other, at most. */
const COMPARED_MAX = 64;

/** Warns of conditions that hold always or never, of those that exclude each other, and of those that are said twice. */
export function warnOfConstants(
  expression: Expression,
  comparisons: ReadonlyMap<Expression, Comparison>,
  diagnostics: Diagnostics,
): void {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const terms = termsOf(expression, expression.kind);
      new TermComparer(expression.kind, comparisons, diagnostics).compare(terms);
      for (const term of terms) warnOfConstants(term, comparisons, diagnostics);
      return;
    }
    case 'not':
      warnOfConstants(expression.operand, comparisons, diagnostics);
      return;
    case 'predicate':
      warnOfOne(expression, comparisons.get(expression)!, diagnostics);
  }
}

function warnOfOne(
  { subject, operator, literal, place }: Predicate,
  { field: { definition, argument } }: Comparison,
  diagnostics: Diagnostics,
): void {
  const certainty = certaintyOf(definition, argument, subject, operator, literal);
  // Where a field may be missing, a condition that every value meets asks whether it is there.
  if (certainty === null || (certainty.holds && !definition.always)) return;
  const { holds, why } = certainty;
  diagnostics.warn(`this ${holds ? 'always' : 'never'} holds: ${why}`, place.start, place.end);
}

/** The conditions that `&&`, or `||`, joins. */
function termsOf(expression: Expression, kind: Chain): Expression[] {
  const terms: Expression[] = [];
  let rest = expression;
  while (rest.kind === kind) {
    terms.unshift(...(rest.right.kind === kind ? termsOf(rest.right, kind) : [rest.right]));
    rest = rest.left;
  }
  return [rest, ...terms];
}

class TermComparer {
  readonly #kind: Chain;
  readonly #comparisons: ReadonlyMap<Expression, Comparison>;
  readonly #diagnostics: Diagnostics;

  constructor(kind: Chain, comparisons: ReadonlyMap<Expression, Comparison>, diagnostics: Diagnostics) {
    this.#kind = kind;
    this.#comparisons = comparisons;
    this.#diagnostics = diagnostics;
  }

  compare(terms: readonly Expression[]): void {
    const texts = new Map<string, Expression>();
    const ranges = new Map<string, Range>();
    for (const term of terms.slice(0, COMPARED_MAX)) {
      const text = print(term);
      const isTold = this.#compareTexts(term, text, texts);
      texts.set(text, term);
      if (!isTold && term.kind === 'predicate') this.#compareValues(term, ranges);
    }
  }

  /** Says so where a term was there before, as it is or turned round. */
  #compareTexts(term: Expression, text: string, before: ReadonlyMap<string, Expression>): boolean {
    const inverse = term.kind === 'not' ? print(term.operand) : `!(${text})`;
    if (before.has(text)) this.#warn(term, 'this is said twice', 'leave it out');
    else if (before.has(inverse)) this.#warnOfConflict(term, inverse);
    return before.has(text) || before.has(inverse);
  }

  /** Says so where nothing meets a term and those before it; behind `||` where nothing fails both. */
  #compareValues(term: Predicate, ranges: Map<string, Range>): void {
    const { field, test } = this.#comparisons.get(term)!;
    // One of several values may meet one condition, another the other.
    if (field.definition.multiple) return;
    const operator = this.#kind === 'and' ? term.operator : INVERSES[term.operator];
    if (operator === undefined) return;
    const key = print({ kind: 'field', subject: { ...term.subject, any: false }, place: term.place });
    const range = ranges.get(key) ?? new Range();
    ranges.set(key, range);
    const wasPossible = range.isPossible;
    range.narrow(operator, term.literal, test, this.#kind === 'or');
    if (wasPossible && !range.isPossible) this.#warnOfConflict(term, term.subject.field);
  }

  #warnOfConflict(term: Expression, other: string): void {
    if (this.#kind === 'and')
      this.#warn(term, `this never holds together with what is asked of ${other} before`, null);
    else this.#warn(term, `this holds wherever what is asked of ${other} before does not`, null);
  }

  #warn({ place }: Expression, message: string, suggestion: string | null): void {
    this.#diagnostics.warn(message, place.start, place.end, suggestion);
  }
}

/** The values that meet conditions on one field. */
class Range {
  #min = Number.NEGATIVE_INFINITY;
  #max = Number.POSITIVE_INFINITY;
  /** Whether the bounds themselves are left out. */
  #isMinOpen = false;
  #isMaxOpen = false;
  /** The only values left; null: others may be. */
  #values: readonly (string | number)[] | null = null;
  readonly #tests: ((value: string | number) => boolean)[] = [];

  get isPossible(): boolean {
    if (this.#values !== null) return this.#values.length > 0;
    return this.#min < this.#max || (this.#min === this.#max && !this.#isMinOpen && !this.#isMaxOpen);
  }

  narrow(operator: Operator, literal: Literal, test: ValueTest, isInverse: boolean): void {
    if (test.of !== 'text' && test.of !== 'number') return;
    const holds = test.holds as (value: string | number) => boolean;
    this.#tests.push((value) => holds(value) !== isInverse);
    if (operator === '==' || operator === 'in') {
      const items = literal.kind === 'list' ? literal.items : [literal];
      this.#values ??= items.flatMap((item) =>
        item.kind === 'string' || item.kind === 'number' ? [item.value] : [],
      );
    } else if (literal.kind === 'number') this.#bound(operator, literal.value);
    this.#values = this.#values?.filter((value) => this.#tests.every((one) => one(value))) ?? null;
  }

  #bound(operator: Operator, value: number): void {
    const isOpen = operator === '>' || operator === '<';
    if ((operator === '>' || operator === '>=') && value >= this.#min) {
      this.#isMinOpen = isOpen || (value === this.#min && this.#isMinOpen);
      this.#min = value;
    } else if ((operator === '<' || operator === '<=') && value <= this.#max) {
      this.#isMaxOpen = isOpen || (value === this.#max && this.#isMaxOpen);
      this.#max = value;
    }
  }
}
