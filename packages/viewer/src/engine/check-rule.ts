import { compileRule } from '@gatescope/expressions';
import type { RuleCheckResult } from '@gatescope/protocol';

/** What the API's check says of a rule, said here: at once, and without a network. */
export function checkRule(expression: string): RuleCheckResult {
  const compiled = compileRule(expression);
  if (!compiled.ok)
    return { valid: false, diagnostics: [...compiled.diagnostics], decided_at: null, reading: null };
  const { warnings, decidedAt, reading } = compiled.rule;
  return { valid: true, diagnostics: [...warnings], decided_at: decidedAt, reading };
}
