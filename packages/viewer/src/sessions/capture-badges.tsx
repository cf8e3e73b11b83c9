import type { Capture } from '@gatescope/protocol';
import { Badge } from '../parts/badge.tsx';
import styles from './capture-badges.module.css';

/** What a session captures besides spans; nothing where it captures nothing else. */
export function CaptureBadges({ capture }: { readonly capture: Capture }) {
  const { logs, headers, bodies } = capture;
  if (logs === false && !headers && !bodies) return null;
  return (
    <span className={styles['badges']}>
      {logs !== false && <Badge>logs from {logs}</Badge>}
      {(headers || bodies) && <Badge>{bodies ? 'headers and bodies' : 'headers'}</Badge>}
    </span>
  );
}
