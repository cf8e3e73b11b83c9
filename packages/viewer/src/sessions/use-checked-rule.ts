import type { RuleCheckResult } from '@gatescope/protocol';
import { useEffect, useMemo, useState } from 'react';

type Checker = typeof import('../engine/check-rule.ts');

let loaded: Checker | null = null;
const NO_TERMS: readonly string[] = [];

/**
 * What is to be said of a rule, at once and without a network; null for an empty one. The checker is large and fetched when it is first
 * needed: until then, and where that fails, nothing is said.
 */
export function useCheckedRule(rule: string): RuleCheckResult | null {
  const checker = useChecker();
  return useMemo(() => (rule.trim() === '' ? null : (checker?.checkRule(rule) ?? null)), [checker, rule]);
}

/** The terms of a rule that must all hold, where there are several; none until they are known. */
export function useRuleTerms(rule: string): readonly string[] {
  const checker = useChecker();
  return useMemo(() => checker?.ruleTerms(rule) ?? NO_TERMS, [checker, rule]);
}

function useChecker(): Checker | null {
  const [checker, setChecker] = useState(loaded);
  useEffect(() => {
    if (loaded !== null) return;
    import('../engine/check-rule.ts').then(
      (module) => {
        loaded = module;
        setChecker(module);
      },
      // The API checks the rule again before anything starts.
      () => {},
    );
  }, []);
  return checker;
}
