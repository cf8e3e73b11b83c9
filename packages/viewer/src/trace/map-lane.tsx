import type { Ending } from '../engine/ending.ts';
import type { ShownStep } from '../engine/shown-steps.ts';
import { Icon } from '../parts/icons.tsx';
import styles from './map-lane.module.css';
import { PhaseBox } from './phase-box.tsx';

export type LaneDirection = 'request' | 'response' | 'after';

interface Props {
  readonly direction: LaneDirection;
  readonly steps: readonly ShownStep[];
  readonly totalNs: number;
  readonly ending: Ending;
  readonly hrefOfRow: (row: number) => string;
}

const TITLES: Readonly<Record<LaneDirection, string>> = {
  request: 'Request',
  response: 'Response',
  after: 'After the response, not part of the total',
};

/** One direction of the request's way: its steps in the order in which they ran, the response from right to left. */
export function Lane({ direction, steps, totalNs, ending, hrefOfRow }: Props) {
  return (
    <section className={`${styles['lane']} ${styles[direction]}`}>
      <h3 className={styles['title']}>
        {direction === 'response' && <Icon name="arrow-left" />}
        {TITLES[direction]}
        {direction === 'request' && <Icon name="arrow-right" />}
      </h3>
      <ol className={styles['steps']}>
        {steps.map((step) => (
          <li key={step.row}>
            <PhaseBox step={step} totalNs={totalNs} hrefOfRow={hrefOfRow} />
          </li>
        ))}
        {direction === 'request' && ending.by === 'plugin' && (
          <li className={styles['turn']}>
            <span>{ending.text}</span>
          </li>
        )}
      </ol>
      {steps.length === 0 && <p className={styles['none']}>Nothing ran.</p>}
    </section>
  );
}
