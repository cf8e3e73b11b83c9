import type { RuleCheckResult } from '@gatescope/protocol';
import { useMemo } from 'react';
import { useEntities } from '../api/queries.ts';
import { LazyEditor } from '../editor/lazy-editor.tsx';
import { ruleProposals } from '../engine/rule-editing.ts';
import { offsetOf, replacementIn, withReplacement } from '../engine/rule-marks.ts';
import { RuleReport } from './rule-report.tsx';
import { useCheckedRule } from './use-checked-rule.ts';

interface Props {
  readonly cp: string;
  readonly rule: string;
  readonly onChange: (rule: string) => void;
}

/** The rule as text, with what it means or what is wrong with it, and proposals while it is typed. */
export function RuleEditor({ cp, rule, onChange }: Props) {
  const { services = [], routes = [] } = useEntities(cp).data ?? {};
  const known = useMemo(
    () => ({ services: services.flatMap(named), routes: routes.flatMap(named) }),
    [services, routes],
  );
  const result = useCheckedRule(rule);
  const marks = useMemo(
    () =>
      (result?.diagnostics ?? []).map(({ line, column, length, severity, message }) => {
        const from = offsetOf(rule, line, column);
        return { from, to: from + length, severity, message };
      }),
    [result, rule],
  );
  const mend = (diagnostic: RuleCheckResult['diagnostics'][number]) => {
    const replacement = replacementIn(diagnostic.suggestion);
    if (replacement !== null) onChange(withReplacement(rule, diagnostic, replacement).text);
  };
  return (
    <>
      <LazyEditor
        label="Rule"
        value={rule}
        hint="Empty: every request. For example http.response.status_code == 503"
        marks={marks}
        proposals={(text, caret, isAsked) => ruleProposals(text, caret, known, isAsked)}
        onChange={onChange}
      />
      <div aria-live="polite">
        {result !== null && <RuleReport rule={rule} result={result} onMend={mend} />}
      </div>
    </>
  );
}

function named({ name }: { readonly name: string | null }): string[] {
  return name === null ? [] : [name];
}
