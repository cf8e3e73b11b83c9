import type { RuleCheckResult } from '@gatescope/protocol';
import { markedLine, replacementIn } from '../engine/rule-marks.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import styles from './rule-report.module.css';

type Diagnostic = RuleCheckResult['diagnostics'][number];

interface Props {
  readonly rule: string;
  readonly result: RuleCheckResult;
  readonly onMend: (diagnostic: Diagnostic) => void;
}

const DECIDED: Readonly<Record<NonNullable<RuleCheckResult['decided_at']>, string>> = {
  connection: 'Settled when the connection is there.',
  request: 'Settled when the request is read.',
  route: 'Settled when the route is found.',
  consumer: 'Settled when the consumer is known.',
  response: 'Settled when the response begins.',
  end: 'Settled at the end of the request.',
};

/** What a rule means and when it is settled; what is wrong with it, each with its place marked. */
export function RuleReport({ rule, result, onMend }: Props) {
  return (
    <div className={styles['report']}>
      {result.valid && result.reading !== null && (
        <p className={styles['reading']}>
          <Icon name="check" />
          <span>
            Traces requests where {result.reading}. {result.decided_at !== null && DECIDED[result.decided_at]}
          </span>
        </p>
      )}
      {result.diagnostics.map((diagnostic) => (
        <DiagnosticLine
          key={`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`}
          rule={rule}
          diagnostic={diagnostic}
          onMend={onMend}
        />
      ))}
    </div>
  );
}

function DiagnosticLine({
  rule,
  diagnostic,
  onMend,
}: {
  readonly rule: string;
  readonly diagnostic: Diagnostic;
  readonly onMend: (diagnostic: Diagnostic) => void;
}) {
  const { severity, message, line, column, suggestion } = diagnostic;
  const replacement = replacementIn(suggestion);
  const { text, carets } = markedLine(rule, diagnostic);
  return (
    <div className={styles[severity]}>
      <p>
        <Icon name="alert" /> {severity === 'error' ? 'Error' : 'Warning'} at {line}:{column}: {message}
      </p>
      <pre className={styles['source']}>
        {text}
        {'\n'}
        <span className={styles['carets']}>{carets}</span>
      </pre>
      {replacement !== null ? (
        <Button onClick={() => onMend(diagnostic)}>
          Write <code>{replacement}</code>
        </Button>
      ) : (
        suggestion !== null && <p className={styles['hint']}>{suggestion}</p>
      )}
    </div>
  );
}
