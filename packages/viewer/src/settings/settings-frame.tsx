import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useMe } from '../api/queries.ts';
import { paths, type SettingsPage } from '../engine/paths.ts';
import { maySeeSettings } from '../engine/settings-access.ts';
import { EmptyState } from '../parts/notice.tsx';
import styles from './settings-frame.module.css';

interface Entry {
  readonly page: SettingsPage;
  readonly label: string;
}

const GROUPS: readonly { readonly title: string; readonly entries: readonly Entry[] }[] = [
  {
    title: 'Data',
    entries: [
      { page: 'payload-capture', label: 'Payload capture' },
      { page: 'redaction', label: 'Redaction' },
      { page: 'keys', label: 'Encryption keys' },
    ],
  },
  {
    title: 'People',
    entries: [
      { page: 'users', label: 'Users' },
      { page: 'tokens', label: 'Tokens' },
      { page: 'audit-log', label: 'Audit log' },
    ],
  },
];

/** The pages of the settings beside what one of them shows; pages one may not see are not offered. */
export function SettingsFrame({
  current,
  title,
  text,
  end,
  children,
}: {
  readonly current: SettingsPage;
  readonly title: string;
  readonly text: ReactNode;
  /** Beside the title, at the end of the line. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}) {
  const role = useMe().data?.role ?? 'viewer';
  const maySee = maySeeSettings(role, current);
  return (
    <main className={styles['page']}>
      <nav className={styles['nav']} aria-label="Settings">
        {GROUPS.map((group) => ({
          ...group,
          entries: group.entries.filter(({ page }) => maySeeSettings(role, page)),
        }))
          .filter(({ entries }) => entries.length > 0)
          .map((group) => (
            <div key={group.title} className={styles['group']}>
              <div className={styles['group-title']}>{group.title}</div>
              {group.entries.map(({ page, label }) => (
                <Link
                  key={page}
                  href={paths.settings(page)}
                  className={styles['link']}
                  aria-current={page === current ? 'page' : undefined}
                >
                  {label}
                </Link>
              ))}
            </div>
          ))}
      </nav>
      <div className={styles['content']}>
        <header className={styles['head']}>
          <div>
            <h1>{title}</h1>
            <p className={styles['text']}>{text}</p>
          </div>
          {maySee && end}
        </header>
        {maySee ? (
          children
        ) : (
          <EmptyState title="This is not for your role">
            <p>An organisation admin can show it to you or change your role.</p>
          </EmptyState>
        )}
      </div>
    </main>
  );
}
