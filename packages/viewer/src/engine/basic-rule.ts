import { Diagnostics, type Expression, type Literal, type Operator, parse } from '@gatescope/expressions';

/** A rule as three fields; each is empty where it asks for nothing. */
export interface BasicRule {
  readonly method: string;
  /** A status such as `503`, or a class such as `5xx`. */
  readonly status: string;
  /** Milliseconds a request must take longer than, as typed. */
  readonly overMs: string;
}

export const NO_BASIC_RULE: BasicRule = { method: '', status: '', overMs: '' };

const METHOD = 'http.method';
const STATUS = 'http.response.status_code';
const TIME = 'proxy.kong.latency.total';

/** The expression that asks for what is filled in; empty for every request. What can't be meant is left out. */
export function ruleOfBasic({ method, status, overMs }: BasicRule): string {
  const hundred = /^([1-5])xx$/i.exec(status.trim())?.[1];
  return [
    ...(/^[A-Za-z]+$/.test(method) ? [`${METHOD} == ${method.toUpperCase()}`] : []),
    ...(hundred === '5' ? [`${STATUS} >= 500`] : []),
    ...(hundred !== undefined && hundred !== '5'
      ? [`${STATUS} >= ${hundred}00`, `${STATUS} < ${Number(hundred) + 1}00`]
      : []),
    ...(/^[1-9]\d\d$/.test(status.trim()) ? [`${STATUS} == ${status.trim()}`] : []),
    ...(isMilliseconds(overMs) ? [`${TIME} > ${overMs.trim()}ms`] : []),
  ].join(' && ');
}

/** What is wrong with a field as it is filled in, by its name. */
export function basicErrors({ status, overMs }: BasicRule): Partial<Record<keyof BasicRule, string>> {
  return {
    ...(status.trim() === '' || /^([1-5]xx|[1-9]\d\d)$/i.test(status.trim())
      ? {}
      : { status: 'A status such as 503, or a class such as 5xx.' }),
    ...(overMs.trim() === '' || isMilliseconds(overMs) ? {} : { overMs: 'Milliseconds, such as 250.' }),
  };
}

/** The fields that say what an expression says; null where it says more than they can. */
export function basicOfRule(rule: string): BasicRule | null {
  if (rule.trim() === '') return NO_BASIC_RULE;
  const diagnostics = new Diagnostics(rule);
  const expression = parse(rule, diagnostics);
  if (expression === null || diagnostics.hasErrors) return null;
  const terms = termsOf(expression);
  if (terms === null) return null;
  const basic = { ...NO_BASIC_RULE };
  const taken = new Set<keyof BasicRule>();
  for (let at = 0; at < terms.length; at++) {
    const found = fieldOf(terms[at]!, terms[at + 1]);
    if (found === null || taken.has(found.field)) return null;
    taken.add(found.field);
    Object.assign(basic, { [found.field]: found.text });
    at += found.isPair ? 1 : 0;
  }
  return basic;
}

interface Term {
  readonly field: string;
  readonly operator: Operator;
  readonly literal: Literal;
}

/** The comparisons that an expression joins by `&&`; null where it is anything else. */
function termsOf(expression: Expression): Term[] | null {
  if (expression.kind === 'and') {
    const left = termsOf(expression.left);
    const right = termsOf(expression.right);
    return left === null || right === null ? null : [...left, ...right];
  }
  if (expression.kind !== 'predicate' || expression.subject.lower || expression.subject.any) return null;
  const { subject, operator, literal } = expression;
  return [{ field: subject.field, operator, literal }];
}

function fieldOf(
  { field, operator, literal }: Term,
  next: Term | undefined,
): { readonly field: keyof BasicRule; readonly text: string; readonly isPair: boolean } | null {
  if ((field === METHOD || field === 'http.request.method') && operator === '==' && literal.kind === 'string')
    return /^[A-Z]+$/.test(literal.value) ? { field: 'method', text: literal.value, isPair: false } : null;
  if (literal.kind !== 'number') return null;
  if (field === TIME && operator === '>' && literal.value > 0)
    return { field: 'overMs', text: String(literal.value), isPair: false };
  if (field !== STATUS) return null;
  if (operator === '==' && /^[1-9]\d\d$/.test(literal.text))
    return { field: 'status', text: literal.text, isPair: false };
  if (operator !== '>=' || literal.value % 100 !== 0) return null;
  const isPair =
    next?.field === STATUS &&
    next.operator === '<' &&
    next.literal.kind === 'number' &&
    next.literal.value === literal.value + 100;
  const hundred = literal.value / 100;
  if (!(hundred >= 1 && hundred <= 5) || isPair === (hundred === 5)) return null;
  return { field: 'status', text: `${hundred}xx`, isPair };
}

function isMilliseconds(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text.trim()) && Number(text) > 0;
}
