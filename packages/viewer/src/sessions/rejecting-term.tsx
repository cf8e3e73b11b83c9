import { useRejectingTerm } from '../api/rule-trial.ts';
import { grouped } from '../engine/duration-format.ts';
import { useRuleTerms } from './use-checked-rule.ts';

/** Which term of a rule rejects most, tried on the requests that earlier sessions kept; nothing where that says nothing. */
export function RejectingTerm({ cp, rule }: { readonly cp: string; readonly rule: string }) {
  const { data } = useRejectingTerm(cp, useRuleTerms(rule));
  if (data === undefined || data === null) return null;
  return (
    <p>
      Rejects most: <code>{data.term}</code>, true of {grouped(data.matches)} of {grouped(data.total)}{' '}
      requests that sessions kept.
    </p>
  );
}
