import { Link } from 'wouter';
import type { Ending } from '../engine/ending.ts';
import type { Finding } from '../engine/findings.ts';
import { Icon } from '../parts/icons.tsx';
import styles from './findings.module.css';

interface Props {
  readonly ending: Ending;
  readonly findings: readonly Finding[];
  readonly hrefOfRow: (row: number) => string;
}

/** What is worth knowing in sentences, each with a way to the span that shows it. */
export function Findings({ ending, findings, hrefOfRow }: Props) {
  return (
    <ul className={styles['findings']} aria-label="Findings">
      <Sentence
        text={ending.text}
        row={ending.row}
        isBad={ending.by === 'gateway' && ending.tellsError}
        hrefOfRow={hrefOfRow}
      />
      {findings.map(({ kind, text, row }) => (
        <Sentence
          key={`${kind}:${text}`}
          text={text}
          row={row}
          isBad={kind === 'error'}
          hrefOfRow={hrefOfRow}
        />
      ))}
    </ul>
  );
}

interface SentenceProps {
  readonly text: string;
  readonly row: number | null;
  readonly isBad: boolean;
  readonly hrefOfRow: (row: number) => string;
}

function Sentence({ text, row, isBad, hrefOfRow }: SentenceProps) {
  return (
    <li className={isBad ? styles['bad'] : undefined}>
      {isBad && <Icon name="alert" />}
      <span>{text}</span>
      {row !== null && row >= 0 && (
        <Link href={hrefOfRow(row)} className={styles['link']}>
          Show span
          <span className="sr-only"> for: {text}</span>
        </Link>
      )}
    </li>
  );
}
