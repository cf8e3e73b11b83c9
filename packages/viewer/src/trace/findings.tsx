import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatShare } from '../engine/duration-format.ts';
import type { Ending } from '../engine/ending.ts';
import type { Finding } from '../engine/finding.ts';
import { Icon, type IconName } from '../parts/icons.tsx';
import { Panel } from '../parts/panel.tsx';
import styles from './findings.module.css';

interface Props {
  readonly ending: Ending;
  readonly findings: readonly Finding[];
  readonly hrefOfRow: (row: number) => string;
  /** Where the trace is compared with what is usual in its session; null where there is no session. */
  readonly compareHref: string | null;
}

const ICONS: Readonly<Record<Finding['tone'], IconName>> = { danger: 'alert', warn: 'clock', info: 'info' };

/** What is worth knowing in sentences, what failed first, each with what it rests on and a way to the span that shows it. */
export function Findings({ ending, findings, hrefOfRow, compareHref }: Props) {
  const isBad = ending.by === 'gateway' && ending.tellsError;
  return (
    <Panel title="Findings">
      <ul className={styles['findings']}>
        <Sentence tone={isBad ? 'danger' : 'info'} icon={isBad ? 'alert' : 'arrow-left'} text={ending.text}>
          <SpanLink row={ending.row} text={ending.text} hrefOfRow={hrefOfRow} />
        </Sentence>
        {findings.map(({ kind, tone, text, evidence, share, row }) => (
          <Sentence key={`${kind}:${text}`} tone={tone} icon={ICONS[tone]} text={text}>
            {evidence !== '' && <span className={styles['evidence']}>{evidence}</span>}
            {share !== null && (
              <span
                className={styles['track']}
                title={`${formatShare(share, 1)} of the total`}
                aria-hidden="true"
              >
                <span className={styles['fill']} style={{ width: `${share * 100}%` }} />
              </span>
            )}
            {kind === 'median' && compareHref !== null && (
              <Link href={compareHref} className={styles['link']}>
                Compare with the median
              </Link>
            )}
            <SpanLink row={row} text={text} hrefOfRow={hrefOfRow} />
          </Sentence>
        ))}
      </ul>
    </Panel>
  );
}

interface SentenceProps {
  readonly tone: Finding['tone'];
  readonly icon: IconName;
  readonly text: string;
  readonly children: ReactNode;
}

function Sentence({ tone, icon, text, children }: SentenceProps) {
  return (
    <li className={styles[tone]}>
      <Icon name={icon} />
      <div className={styles['body']}>
        <p className={styles['text']}>{text}</p>
        <p className={styles['ground']}>{children}</p>
      </div>
    </li>
  );
}

interface SpanLinkProps {
  readonly row: number | null;
  readonly text: string;
  readonly hrefOfRow: (row: number) => string;
}

function SpanLink({ row, text, hrefOfRow }: SpanLinkProps) {
  if (row === null || row < 0) return null;
  return (
    <Link href={hrefOfRow(row)} className={styles['link']}>
      Show span
      <span className="sr-only"> for: {text}</span>
    </Link>
  );
}
