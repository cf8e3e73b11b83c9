import { Link } from 'wouter';
import { formatDuration } from '../engine/duration-format.ts';
import { heaviest } from '../engine/shown-steps.ts';
import type { UpstreamAttempt } from '../engine/transaction.ts';
import styles from './upstream-attempts.module.css';

interface Props {
  readonly attempts: readonly UpstreamAttempt[];
  readonly hrefOfRow: (row: number) => string;
}

/** Attempts shown, at most: the longest of them, and always the last. */
const MOST = 8;

/** The tries to get an upstream connection as a stack, the first on top. */
export function UpstreamAttempts({ attempts, hrefOfRow }: Props) {
  if (attempts.length === 0) return null;
  const last = attempts.at(-1);
  const shown = heaviest(attempts, MOST, (one) => (one === last ? Number.MAX_VALUE : one.durationNs));
  const hidden = attempts.length - shown.length;
  return (
    <ol className={styles['attempts']} aria-label="Attempts">
      {shown.map((attempt) => (
        <li key={attempt.row}>
          <Link
            href={hrefOfRow(attempt.row)}
            className={`${styles['attempt']} ${attempt.failed ? styles['failed'] : ''}`}
          >
            <span className={styles['number']}>{attempt.number}</span>
            <span className={styles['target']}>{attempt.target ?? 'unknown target'}</span>
            <span className={styles['time']}>{formatDuration(attempt.durationNs)}</span>
            <span className={styles['outcome']}>{outcomeOf(attempt)}</span>
          </Link>
        </li>
      ))}
      {hidden > 0 && <li className={styles['outcome']}>{hidden} shorter attempts not shown</li>}
    </ol>
  );
}

function outcomeOf({ failed, message, keepalive }: UpstreamAttempt): string {
  if (failed) return message === '' ? 'failed' : message;
  return keepalive ? 'connected, idle connection reused' : 'connected';
}
