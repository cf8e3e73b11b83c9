import type { Session } from '@gatescope/protocol';
import { grouped } from '../engine/duration-format.ts';
import styles from './capture-meter.module.css';

/** How many of its traces a session has: `137 / 200` above a bar. */
export function CaptureMeter({ session }: { readonly session: Session }) {
  const { counts, max_traces: most } = session;
  return (
    <span className={styles['meter']}>
      <span>
        {grouped(counts.traces)} / {grouped(most)}
      </span>
      <span className={styles['track']} aria-hidden="true">
        <span
          className={styles['fill']}
          style={{ width: `${Math.min(100, (counts.traces / most) * 100)}%` }}
        />
      </span>
    </span>
  );
}
