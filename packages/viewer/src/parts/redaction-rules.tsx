import { type RedactionRule, SESSION_LIMITS } from '@gatescope/protocol';
import { useState } from 'react';
import { partsOf, REDACTION_KINDS, type RedactionKind, redactionOf } from '../engine/redaction.ts';
import { Button, IconButton } from './button.tsx';
import { Icon } from './icons.tsx';
import styles from './redaction-rules.module.css';

const KINDS: Readonly<Record<RedactionKind, { readonly label: string; readonly example: string }>> = {
  header: { label: 'Header', example: 'x-customer-token' },
  json_path: { label: 'JSON path', example: '$.customer.email' },
  pattern: { label: 'Pattern', example: String.raw`\b[A-Z]{2}\d{2}( ?\d{4}){4,7}\b` },
};

interface Props {
  readonly rules: readonly RedactionRule[];
  readonly isReadOnly?: boolean;
  readonly onChange: (rules: readonly RedactionRule[]) => void;
}

/** A list of redaction rules that can be added to, changed and shortened. */
export function RedactionRules({ rules, isReadOnly = false, onChange }: Props) {
  const [kind, setKind] = useState<RedactionKind>('header');
  const [value, setValue] = useState('');
  const isFull = rules.length >= SESSION_LIMITS.redactRulesMax;
  const add = () => {
    if (value.trim() === '' || isFull) return;
    onChange([...rules, redactionOf(kind, value.trim())]);
    setValue('');
  };
  return (
    <div className={styles['rules']}>
      {rules.length > 0 && (
        <ul className={styles['list']}>
          {rules.map((rule, index) => {
            const parts = partsOf(rule);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: rules may be equal, and have no other name than their place
              <li key={index} className={styles['row']}>
                <span className={styles['kind']}>{KINDS[parts.kind].label}</span>
                <code>{parts.value}</code>
                {!isReadOnly && (
                  <IconButton
                    label={`Remove ${KINDS[parts.kind].label.toLowerCase()} ${parts.value}`}
                    onClick={() => onChange(rules.filter((_, at) => at !== index))}
                  >
                    <Icon name="close" />
                  </IconButton>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {!isReadOnly && (
        <div className={styles['add']}>
          <select
            aria-label="Kind of the redaction rule"
            value={kind}
            onChange={(event) => setKind(event.target.value as RedactionKind)}
          >
            {REDACTION_KINDS.map((one) => (
              <option key={one} value={one}>
                {KINDS[one].label}
              </option>
            ))}
          </select>
          <input
            aria-label={`${KINDS[kind].label} to be masked`}
            placeholder={KINDS[kind].example}
            spellCheck={false}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              add();
            }}
          />
          <Button onClick={add} disabled={value.trim() === '' || isFull}>
            <Icon name="plus" />
            Add
          </Button>
        </div>
      )}
    </div>
  );
}
