import type { ReactNode } from 'react';
import { ApiProblem } from '../api/api-problem.ts';
import { sentence } from '../engine/sentence.ts';
import { Icon } from './icons.tsx';
import styles from './notice.module.css';

/** What failed, in the words of whoever refused it, with every single error below. */
export function ProblemNotice({
  error,
  title,
}: {
  readonly error: unknown;
  /** In place of the title that the answer has. */
  readonly title?: string;
}) {
  const problem = ApiProblem.from(error);
  const heading = title ?? problem.title;
  return (
    <div role="alert" className={`${styles['notice']} ${styles['problem']}`}>
      <Icon name="alert" size={16} />
      <div>
        <strong>{heading}</strong>
        <p>{sentence(withoutHeading(problem.message, heading))}</p>
        {problem.errors.length > 1 && (
          <ul className={styles['errors']}>
            {problem.errors.map(({ message, path }) => (
              <li key={`${path}:${message}`}>{path === undefined ? message : `${path}: ${message}`}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** What it says is not said twice. */
function withoutHeading(message: string, heading: string): string {
  const start = `${heading}: `.toLowerCase();
  return message.toLowerCase().startsWith(start) ? message.slice(start.length) : message;
}

/** A remark that is neither an error nor part of the text. */
export function Notice({ children }: { readonly children: ReactNode }) {
  return <div className={styles['notice']}>{children}</div>;
}

/** What a trace or a list has wrong with it, in sentences; nothing where it has nothing. */
export function FaultNotice({ faults }: { readonly faults: readonly string[] }) {
  if (faults.length === 0) return null;
  return (
    <div role="note" className={`${styles['notice']} ${styles['faults']}`}>
      <Icon name="alert" size={16} />
      <ul>
        {faults.map((fault) => (
          <li key={fault}>{fault}</li>
        ))}
      </ul>
    </div>
  );
}

/** What a page says where it has nothing to show. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles['empty']}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Shown while the first answer is awaited; late, so that a quick answer shows no flicker. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p role="status" className={styles['loading']}>
      Loading {what} …
    </p>
  );
}
