import { useState } from 'react';
import { Link } from 'wouter';
import { type ComparedStep, type Comparison, signed } from '../engine/comparison.ts';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import { Button } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import { CategorySwatch } from '../trace/category-swatch.tsx';
import styles from './comparison-table.module.css';

interface Props {
  readonly comparison: Comparison;
  /** Of the trace and of what it is compared with. */
  readonly names: readonly [string, string];
  readonly hrefOfRow: (row: number) => string;
  readonly hrefOfOtherRow: (row: number) => string;
}

/** Rows that are there at first. */
const ROWS = 40;

/** Steps by how much they differ, with a bar to the right where the trace took longer and to the left where it took less. */
export function ComparisonTable({ comparison, names, hrefOfRow, hrefOfOtherRow }: Props) {
  const [shown, setShown] = useState(ROWS);
  const steps = comparison.steps.filter((step) => step.deltaNs !== 0);
  const alike = comparison.steps.length - steps.length;
  const most = Math.max(1, ...steps.slice(0, 1).map((step) => Math.abs(step.deltaNs)));
  return (
    <Panel
      title="Steps by how much they differ"
      end={<span className={styles['note']}>own time, without the steps below</span>}
    >
      <div className={styles['frame']}>
        <table className={styles['table']} aria-label="Steps by how much they differ">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">{names[0]}</th>
              <th scope="col">{names[1]}</th>
              <th scope="col">Difference</th>
              <th scope="col">
                <span className="sr-only">As a bar</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {steps.slice(0, shown).map((step) => (
              <tr key={step.key}>
                <th scope="row">
                  <CategorySwatch category={step.category} />
                  {step.label}
                  {step.isAfter && <span className={styles['note']}> after the response</span>}
                </th>
                <td>{time(step.b, step.rowB, hrefOfRow)}</td>
                <td>{time(step.a, step.rowA, hrefOfOtherRow)}</td>
                <td className={styles['delta']}>{signed(step.deltaNs)}</td>
                <td>
                  <Bar step={step} most={most} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {steps.length > shown && (
        <Button onClick={() => setShown(shown + ROWS)}>
          Show {grouped(Math.min(ROWS, steps.length - shown))} more
        </Button>
      )}
      <p className={styles['note']}>
        {steps.length === 0
          ? 'No step differs.'
          : alike > 0 && `${grouped(alike)} ${alike === 1 ? 'step does' : 'steps do'} not differ.`}
      </p>
    </Panel>
  );
}

function time(ns: number | null, row: number | null, hrefOfRow: (row: number) => string) {
  if (ns === null) return <span className={styles['note']}>–</span>;
  return row === null ? formatDuration(ns) : <Link href={hrefOfRow(row)}>{formatDuration(ns)}</Link>;
}

function Bar({ step, most }: { readonly step: ComparedStep; readonly most: number }) {
  const share = (Math.abs(step.deltaNs) / most) * 50;
  return (
    <span className={styles['track']} aria-hidden="true">
      <span
        className={step.deltaNs > 0 ? styles['more'] : styles['less']}
        style={step.deltaNs > 0 ? { left: '50%', width: `${share}%` } : { right: '50%', width: `${share}%` }}
      />
    </span>
  );
}
