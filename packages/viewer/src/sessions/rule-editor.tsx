import type { RuleCheckResult } from '@gatescope/protocol';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useRuleCheck } from '../api/queries.ts';
import { complete, type RuleCompletion, ruleCompletions } from '../engine/rule-completion.ts';
import { replacementIn, withReplacement } from '../engine/rule-marks.ts';
import { useDebounced } from '../parts/use-debounced.ts';
import { RuleCompletions } from './rule-completions.tsx';
import styles from './rule-editor.module.css';
import { RuleReport } from './rule-report.tsx';
import { RuleText } from './rule-text.tsx';

/** A check this long after the last key keeps up with typing and spares the server. */
const CALM_MS = 80;

interface Props {
  readonly rule: string;
  readonly onChange: (rule: string) => void;
}

/** The rule as text, with what it means or what is wrong with it, and fields to choose from while it is typed. */
export function RuleEditor({ rule, onChange }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const check = useRuleCheck(useDebounced(rule, CALM_MS));
  const completions = caret === null ? [] : ruleCompletions(rule, caret);
  const result = rule.trim() === '' ? undefined : check.data;

  const put = ({ text, caret: next }: { text: string; caret: number }) => {
    onChange(text);
    setCaret(null);
    // The text is drawn first: the caret can't be put beyond it.
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next, next);
    });
  };
  const take = (completion: RuleCompletion) => put(complete(rule, completion));
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = completions[active];
    if (chosen === undefined || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown') setActive((active + 1) % completions.length);
    else if (event.key === 'ArrowUp') setActive((active + completions.length - 1) % completions.length);
    else if (event.key === 'Enter' || event.key === 'Tab') take(chosen);
    else if (event.key === 'Escape') setCaret(null);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles['editor']}>
      <label htmlFor={id}>Rule</label>
      <div className={styles['box']}>
        <RuleText rule={rule} diagnostics={result?.diagnostics ?? []} />
        <textarea
          ref={area}
          id={id}
          className={styles['area']}
          value={rule}
          rows={3}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder="Empty: every request. For example http.response.status_code == 503"
          aria-autocomplete="list"
          aria-controls={completions.length > 0 ? `${id}-fields` : undefined}
          aria-activedescendant={completions.length > 0 ? `${id}-field-${active}` : undefined}
          aria-describedby={`${id}-report`}
          aria-invalid={result?.valid === false ? true : undefined}
          onChange={(event) => {
            onChange(event.target.value);
            setCaret(event.target.selectionStart);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          onClick={() => setCaret(null)}
          onBlur={() => setCaret(null)}
        />
        <RuleCompletions id={id} completions={completions} active={active} onTake={take} />
      </div>
      <div id={`${id}-report`} aria-live="polite">
        {result !== undefined && <RuleReport rule={rule} result={result} onMend={mend} />}
        {check.isError && (
          <p className={styles['failed']}>The rule can’t be checked: {check.error.message}</p>
        )}
      </div>
    </div>
  );

  function mend(diagnostic: RuleCheckResult['diagnostics'][number]): void {
    const replacement = replacementIn(diagnostic.suggestion);
    if (replacement !== null) put(withReplacement(rule, diagnostic, replacement));
  }
}
