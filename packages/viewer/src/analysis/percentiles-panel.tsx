import { formatDuration, grouped } from '../engine/duration-format.ts';
import type { StepPercentiles } from '../engine/percentiles.ts';
import { Loading } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { CategorySwatch } from '../trace/category-swatch.tsx';
import styles from './percentiles-panel.module.css';

interface Props {
  readonly steps: readonly StepPercentiles[];
  readonly isLoading: boolean;
  /** Traces whose spans were read, and how many there are. */
  readonly count: number;
  readonly of: number;
}

/** What each phase, plugin and other step took: its usual time and its tail. */
export function PercentilesPanel({ steps, isLoading, count, of }: Props) {
  const most = Math.max(1, ...steps.map(({ max }) => max));
  return (
    <Panel
      title="Phases, plugins and other steps"
      end={
        !isLoading && (
          <span className={styles['note']}>
            {count === of
              ? `all ${grouped(of)} traces`
              : `the newest ${grouped(count)} of ${grouped(of)} traces`}
          </span>
        )
      }
    >
      {isLoading ? (
        <Loading what="the spans" />
      ) : (
        <div className={styles['frame']}>
          <table className={styles['table']} aria-label="Percentiles of steps">
            <thead>
              <tr>
                <th scope="col">Step</th>
                <th scope="col">Traces</th>
                <th scope="col">p50</th>
                <th scope="col">p90</th>
                <th scope="col">p99</th>
                <th scope="col">Longest</th>
                <th scope="col">
                  <span className="sr-only">As a bar</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {steps.map(({ label, category, isPlugin, count: traces, p50, p90, p99, max }) => (
                <tr key={label}>
                  <th scope="row" className={isPlugin ? styles['plugin'] : undefined}>
                    <CategorySwatch category={category} />
                    {label}
                  </th>
                  <td>{grouped(traces)}</td>
                  <td>{formatDuration(p50)}</td>
                  <td>{formatDuration(p90)}</td>
                  <td>{formatDuration(p99)}</td>
                  <td>{formatDuration(max)}</td>
                  <td>
                    <span className={styles['track']} aria-hidden="true">
                      {BARS.map(([name, opacity]) => (
                        <span
                          key={name}
                          className={styles['bar']}
                          style={{
                            width: `${place({ max, p90, p50 }[name], most) * 100}%`,
                            background: `var(--cat-${category})`,
                            opacity,
                          }}
                        />
                      ))}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className={styles['note']}>
        Bars on a logarithmic scale: full up to p50, lighter to p90, lightest to the longest.
      </p>
    </Panel>
  );
}

/** From the back to the front, with how strong its colour is. */
const BARS = [
  ['max', 0.25],
  ['p90', 0.55],
  ['p50', 1],
] as const;

/** A microsecond at the left, the longest at the right. */
function place(ns: number, most: number): number {
  return Math.max(0, Math.log10(Math.max(1, ns / 1e3)) / Math.log10(Math.max(10, most / 1e3)));
}
