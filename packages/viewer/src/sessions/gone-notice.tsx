import { Link } from 'wouter';
import { ApiProblem } from '../api/api-problem.ts';
import { paths } from '../engine/paths.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import styles from './gone-notice.module.css';

interface Props {
  readonly cp: string;
  readonly error: unknown;
  /** Whether what is asked for may still come, and is asked for again. */
  readonly mayCome?: boolean;
}

/** Why a session or a trace can't be shown; where it is not there, what may have become of it and where the others are. */
export function GoneNotice({ cp, error, mayCome = false }: Props) {
  return (
    <div className={styles['gone']}>
      <ProblemNotice error={error} />
      {isNowhere(error) && (
        <p>
          {mayCome
            ? 'A trace comes within seconds of its request: this page looks again by itself. '
            : 'Sessions are deleted with all their traces when they expire, or by hand. '}
          <Link href={paths.sessions(cp)}>All sessions</Link>
        </p>
      )}
    </div>
  );
}

/** Whether the control plane knows nothing of what was asked for. */
function isNowhere(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}
