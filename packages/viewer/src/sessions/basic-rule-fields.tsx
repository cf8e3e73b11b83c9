import { useState } from 'react';
import {
  type BasicRule,
  basicErrors,
  basicOfRule,
  NO_BASIC_RULE,
  ruleOfBasic,
} from '../engine/basic-rule.ts';
import { Field } from '../parts/field.tsx';
import { RuleReport } from './rule-report.tsx';
import styles from './session-form.module.css';
import { useCheckedRule } from './use-checked-rule.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const STATUSES = [
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  '401',
  '403',
  '404',
  '429',
  '499',
  '500',
  '502',
  '503',
  '504',
] as const;

/** A rule of method, status and time, without a word of the language. */
export function BasicRuleFields({
  rule,
  onChange,
}: {
  readonly rule: string;
  readonly onChange: (rule: string) => void;
}) {
  // What is typed is kept as it is while it means nothing yet.
  const [typed, setTyped] = useState<BasicRule>(() => basicOfRule(rule) ?? NO_BASIC_RULE);
  const basic = ruleOfBasic(typed) === rule ? typed : (basicOfRule(rule) ?? NO_BASIC_RULE);
  const errors = basicErrors(basic);
  const result = useCheckedRule(rule);
  const change = (changed: Partial<BasicRule>) => {
    const next = { ...basic, ...changed };
    setTyped(next);
    onChange(ruleOfBasic(next));
  };
  return (
    <>
      <div className={styles['numbers']}>
        <Field label="Method">
          {(props) => (
            <select
              {...props}
              value={basic.method}
              onChange={(event) => change({ method: event.target.value })}
            >
              <option value="">Any method</option>
              {METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Status" error={errors.status}>
          {(props) => (
            <>
              <input
                {...props}
                list={`${props.id}-statuses`}
                placeholder="Any; 503 or 5xx"
                value={basic.status}
                onChange={(event) => change({ status: event.target.value })}
              />
              <datalist id={`${props.id}-statuses`}>
                {STATUSES.map((status) => (
                  <option key={status} value={status} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label="Longer than, ms" error={errors.overMs}>
          {(props) => (
            <input
              {...props}
              inputMode="decimal"
              placeholder="Any time"
              value={basic.overMs}
              onChange={(event) => change({ overMs: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div aria-live="polite">
        {result !== null && <RuleReport rule={rule} result={result} onMend={() => {}} />}
      </div>
    </>
  );
}
