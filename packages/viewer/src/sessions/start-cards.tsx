import { Link } from 'wouter';
import { paths } from '../engine/paths.ts';
import { writeDraft } from '../engine/session-draft.ts';
import { START_CARDS } from '../engine/start-cards.ts';
import { EmptyState } from '../parts/notice.tsx';
import styles from './start-cards.module.css';

/** What a control plane without sessions shows: three questions to begin with. */
export function StartCards({ cp, mayChange }: { readonly cp: string; readonly mayChange: boolean }) {
  return (
    <EmptyState title="No tracing session yet">
      <p>A session traces the requests that its rule asks for, on the nodes you choose, for a few minutes.</p>
      {mayChange && (
        <ul className={styles['cards']}>
          {START_CARDS.map(({ title, text, draft }) => (
            <li key={title}>
              <Link href={paths.newSession(cp, writeDraft(draft))} className={styles['card']}>
                <strong>{title}</strong>
                <span>{text}</span>
                <code>{draft.rule}</code>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </EmptyState>
  );
}
