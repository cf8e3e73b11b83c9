import { type ReactNode, useId } from 'react';
import styles from './form-section.module.css';

/** Fields that belong together, with their heading. */
export function FormSection({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles['section']} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <p className={styles['text']}>{text}</p>
      </header>
      {children}
    </section>
  );
}
