import { Link } from 'wouter';
import styles from './link-tabs.module.css';

export interface LinkTab {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

/** Pages that lie beside each other, as links in a row. */
export function LinkTabs({ label, tabs }: { readonly label: string; readonly tabs: readonly LinkTab[] }) {
  return (
    <nav aria-label={label} className={styles['tabs']}>
      {tabs.map(({ label: text, href, isCurrent }) => (
        <Link key={href} href={href} className={styles['tab']} aria-current={isCurrent ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
