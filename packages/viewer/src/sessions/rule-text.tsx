import type { RuleCheckResult } from '@gatescope/protocol';
import { rulePieces } from '../engine/rule-marks.ts';
import styles from './rule-text.module.css';

/** Lies below the text that is typed, letter for letter, and underlines what diagnostics are about. */
export function RuleText({
  rule,
  diagnostics,
}: {
  readonly rule: string;
  readonly diagnostics: RuleCheckResult['diagnostics'];
}) {
  let offset = 0;
  return (
    <div className={styles['text']} aria-hidden="true">
      {rulePieces(rule, diagnostics).map(({ text, severity }) => {
        const from = offset;
        offset += text.length;
        return (
          <span key={from} className={severity === null ? undefined : styles[severity]}>
            {text}
          </span>
        );
      })}
    </div>
  );
}
