import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatDuration, formatShare } from '../engine/duration-format.ts';
import type { RequestStep } from '../engine/request-steps.ts';
import { CategorySwatch } from './category-swatch.tsx';
import styles from './map-node.module.css';

interface Props {
  readonly title: string;
  readonly subtitle: string;
  readonly outcome: string;
  readonly isAbsent?: boolean;
  readonly steps: readonly RequestStep[];
  readonly totalNs: number;
  readonly hrefOfRow: (row: number) => string;
  readonly children?: ReactNode;
}

/** One end of the map, with what it did and how long that took. */
export function MapNode({
  title,
  subtitle,
  outcome,
  isAbsent = false,
  steps,
  totalNs,
  hrefOfRow,
  children,
}: Props) {
  return (
    <section className={`${styles['node']} ${isAbsent ? styles['absent'] : ''}`}>
      <h3 className={styles['title']}>{title}</h3>
      {subtitle !== '' && <p className={styles['subtitle']}>{subtitle}</p>}
      <p className={styles['outcome']}>{outcome}</p>
      {children}
      {steps.length > 0 && (
        <ul className={styles['steps']}>
          {steps.map((step) => (
            <li key={step.row}>
              <CategorySwatch category={step.category} />
              <Link href={hrefOfRow(step.row)} className={step.failed ? styles['failed'] : styles['link']}>
                {step.label}
              </Link>
              <span
                className={styles['time']}
                title={`${formatShare(step.durationNs, totalNs)} of the total`}
              >
                {formatDuration(step.durationNs)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
