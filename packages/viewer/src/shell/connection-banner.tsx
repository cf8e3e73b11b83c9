import { useLostAt } from '../api/connection.ts';
import { clockText } from '../engine/trace-row.ts';
import { Icon } from '../parts/icons.tsx';
import styles from './connection-banner.module.css';

/** Says that the control plane does not answer, for as long as it does not. */
export function ConnectionBanner() {
  const lostAtMs = useLostAt();
  return (
    <div role="status" className={lostAtMs === null ? undefined : styles['banner']}>
      {lostAtMs !== null && (
        <>
          <Icon name="alert" size={16} />
          <span>
            The control plane does not answer. What is shown is as it was at{' '}
            {clockText(new Date(lostAtMs).toISOString()).slice(0, 8)}; it catches up by itself.
          </span>
        </>
      )}
    </div>
  );
}
