import { useState } from 'react';
import { basicOfRule } from '../engine/basic-rule.ts';
import { Segments } from '../parts/segments.tsx';
import { BasicRuleFields } from './basic-rule-fields.tsx';
import { RuleEditor } from './rule-editor.tsx';
import styles from './rule-fields.module.css';

interface Props {
  readonly cp: string;
  readonly rule: string;
  readonly onChange: (rule: string) => void;
}

/** The rule as fields or as an expression; what is filled in one way is there the other way too, as far as it can be said in fields. */
export function RuleFields({ cp, rule, onChange }: Props) {
  const isBasicEnough = basicOfRule(rule) !== null;
  const [chosen, setChosen] = useState<'basic' | 'expression'>(isBasicEnough ? 'basic' : 'expression');
  const mode = isBasicEnough ? chosen : 'expression';
  return (
    <div className={styles['rule']}>
      <div className={styles['head']}>
        <Segments
          label="How the rule is written"
          value={mode}
          options={[
            ['basic', 'Basic'],
            ['expression', 'Expression'],
          ]}
          disabled={isBasicEnough ? [] : ['basic']}
          onChange={setChosen}
        />
        {!isBasicEnough && (
          <span className={styles['note']}>This rule says more than the basic fields can.</span>
        )}
      </div>
      {mode === 'basic' ? (
        <BasicRuleFields rule={rule} onChange={onChange} />
      ) : (
        <RuleEditor cp={cp} rule={rule} onChange={onChange} />
      )}
    </div>
  );
}
