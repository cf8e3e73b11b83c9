import type { TraceSummary } from '@gatescope/protocol';
import { Link } from 'wouter';
import type { Differences } from '../engine/differences.ts';
import { formatDuration, formatShare, grouped } from '../engine/duration-format.ts';
import { Panel } from '../parts/panel.tsx';
import styles from './differences-panel.module.css';

interface Props {
  readonly title: string;
  readonly differences: Differences;
  readonly chosen: readonly TraceSummary[];
  readonly hrefOf: (trace: string) => string;
}

/** Examples that are linked. */
const EXAMPLES = 5;

/** What chosen requests have more often than the others, and where their time went. */
export function DifferencesPanel({ title, differences: { values, parts }, chosen, hrefOf }: Props) {
  const examples = [...chosen].sort((a, b) => b.duration_ms - a.duration_ms).slice(0, EXAMPLES);
  return (
    <Panel
      title={title}
      end={
        <span className={styles['note']}>
          {grouped(chosen.length)} {chosen.length === 1 ? 'request' : 'requests'}, against all others
        </span>
      }
    >
      <div className={styles['columns']}>
        <div>
          {values.length === 0 ? (
            <p className={styles['note']}>Nothing that is known of them: they are like the others.</p>
          ) : (
            <ol className={styles['values']}>
              {values.map(({ property, value, chosenShare, othersShare }) => (
                <li key={`${property}:${value}`}>
                  <p>
                    <span className={styles['note']}>{property}</span> <strong>{value}</strong>
                  </p>
                  <Share label="of these" share={chosenShare} isChosen />
                  <Share label="of the others" share={othersShare} />
                </li>
              ))}
            </ol>
          )}
        </div>
        <div>
          {parts.length > 0 && (
            <table className={styles['parts']}>
              <caption className={styles['note']}>Median time by whose it was</caption>
              <thead>
                <tr>
                  <th scope="col">Part</th>
                  <th scope="col">These</th>
                  <th scope="col">Others</th>
                </tr>
              </thead>
              <tbody>
                {parts.map(({ label, chosenNs, othersNs }) => (
                  <tr key={label}>
                    <th scope="row">{label}</th>
                    <td>{formatDuration(chosenNs)}</td>
                    <td>{formatDuration(othersNs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {examples.length > 0 && <p className={styles['note']}>The slowest of them</p>}
          <ul className={styles['examples']}>
            {examples.map((trace) => (
              <li key={trace.id}>
                <Link href={hrefOf(trace.id)}>
                  {trace.method} {trace.path}
                </Link>
                <span>{formatDuration(trace.duration_ms * 1e6)}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Panel>
  );
}

function Share({
  label,
  share,
  isChosen = false,
}: {
  readonly label: string;
  readonly share: number;
  readonly isChosen?: boolean;
}) {
  return (
    <span className={styles['share']}>
      <span className={styles['track']} aria-hidden="true">
        <span
          className={isChosen ? styles['chosen'] : styles['other']}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className={styles['number']}>{formatShare(share, 1)}</span> {label}
    </span>
  );
}
