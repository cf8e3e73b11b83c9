import { compileRule, Diagnostics, type Expression, parse, print } from '@gatescope/expressions';
import type { RuleCheckResult } from '@gatescope/protocol';

/** What the API's check says of a rule, said here: at once, and without a network. */
export function checkRule(expression: string): RuleCheckResult {
  const compiled = compileRule(expression);
  if (!compiled.ok)
    return { valid: false, diagnostics: [...compiled.diagnostics], decided_at: null, reading: null };
  const { warnings, decidedAt, reading } = compiled.rule;
  return { valid: true, diagnostics: [...warnings], decided_at: decidedAt, reading };
}

/** Terms that are tried one by one, at most: each costs some requests. */
const TERMS_MAX = 6;

/** The terms of a rule that must all hold, in its order, where there are several and not too many; none of an invalid rule. */
export function ruleTerms(expression: string): string[] {
  const diagnostics = new Diagnostics(expression);
  const parsed = parse(expression, diagnostics);
  if (parsed === null || !compileRule(expression).ok) return [];
  const terms = conjuncts(parsed);
  return terms.length < 2 || terms.length > TERMS_MAX ? [] : terms.map(print);
}

function conjuncts(expression: Expression): Expression[] {
  return expression.kind === 'and'
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression];
}
