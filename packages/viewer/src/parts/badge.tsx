import type { ReactNode } from 'react';
import styles from './badge.module.css';

export type BadgeTone = 'ok' | 'warn' | 'danger' | 'info' | 'neutral';

/** A short word set off from the text around it. Its tone says nothing that the word does not. */
export function Badge({
  tone = 'neutral',
  children,
}: {
  readonly tone?: BadgeTone;
  readonly children: ReactNode;
}) {
  return <span className={`${styles['badge']} ${styles[tone]}`}>{children}</span>;
}

/** A response status as a badge; red for 5xx alone, since a 4xx is the client's doing. */
export function StatusBadge({ status }: { readonly status: number | null }) {
  if (status === null) return <Badge>none</Badge>;
  return (
    <Badge tone={status >= 500 ? 'danger' : status >= 400 ? 'warn' : status >= 300 ? 'info' : 'ok'}>
      {status}
    </Badge>
  );
}
