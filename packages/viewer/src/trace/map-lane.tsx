import type { Ending } from '../engine/ending.ts';
import type { ShownStep } from '../engine/shown-steps.ts';
import styles from './map-lane.module.css';
import { PhaseBox } from './phase-box.tsx';

export type LaneDirection = 'request' | 'response' | 'after';

interface Props {
  readonly direction: LaneDirection;
  readonly steps: readonly ShownStep[];
  readonly totalNs: number;
  readonly ending: Ending;
  /** Whether the way begins at nothing: a response that no upstream gave. */
  readonly isLoose?: boolean;
  readonly hrefOfRow: (row: number) => string;
}

const TITLES: Readonly<Record<LaneDirection, string>> = {
  request: 'Request',
  response: 'Response',
  after: 'After the response, no part of the total',
};

/** One direction of the request's way: its steps in the order in which they ran, the response from right to left. */
export function Lane({ direction, steps, totalNs, ending, isLoose = false, hrefOfRow }: Props) {
  const isTurned = direction === 'request' && ending.by === 'plugin';
  return (
    <section
      className={`${styles['lane']} ${styles[direction]} ${isTurned ? styles['turned'] : ''} ${isLoose ? styles['loose'] : ''}`}
    >
      <h3 className={styles['title']}>{TITLES[direction]}</h3>
      <ol className={styles['steps']}>
        {steps.map((step) => (
          <li key={step.row}>
            <PhaseBox step={step} totalNs={totalNs} hrefOfRow={hrefOfRow} />
          </li>
        ))}
        {isTurned && (
          <li className={styles['turn']}>
            <span title={ending.text}>turned back</span>
          </li>
        )}
        {steps.length === 0 && <li className={styles['none']}>nothing ran</li>}
      </ol>
    </section>
  );
}
