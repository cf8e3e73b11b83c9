import { type ReactNode, useId } from 'react';
import styles from './panel.module.css';

/** A part of a page with its heading. */
export function Panel({
  title,
  end,
  children,
}: {
  readonly title: string;
  /** Shown at the end of the heading's line. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles['panel']} aria-labelledby={id}>
      <header className={styles['head']}>
        <h2 id={id}>{title}</h2>
        {end}
      </header>
      {children}
    </section>
  );
}
