import type { RuleCheckResult } from '@gatescope/protocol';
import { useEffect, useMemo, useState } from 'react';

type Check = (rule: string) => RuleCheckResult;

let loaded: Check | null = null;

/**
 * What is to be said of a rule, at once and without a network; null for an empty one. The checker is large and fetched when it is first
 * needed: until then, and where that fails, nothing is said.
 */
export function useCheckedRule(rule: string): RuleCheckResult | null {
  const [check, setCheck] = useState<{ readonly rule: Check | null }>({ rule: loaded });
  useEffect(() => {
    if (loaded !== null) return;
    import('../engine/check-rule.ts').then(
      ({ checkRule }) => {
        loaded = checkRule;
        setCheck({ rule: checkRule });
      },
      // The API checks the rule again before anything starts.
      () => {},
    );
  }, []);
  return useMemo(() => (rule.trim() === '' ? null : (check.rule?.(rule) ?? null)), [check, rule]);
}
