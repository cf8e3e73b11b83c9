import { Link } from 'wouter';
import { formatDuration, formatShare } from '../engine/duration-format.ts';
import { heatLevel } from '../engine/heat.ts';
import type { ShownStep } from '../engine/shown-steps.ts';
import type { PluginStep } from '../engine/transaction.ts';
import { CategorySwatch } from './category-swatch.tsx';
import styles from './phase-box.module.css';
import { PluginOutcome } from './step-list.tsx';

interface Props {
  readonly step: ShownStep;
  readonly totalNs: number;
  readonly hrefOfRow: (row: number) => string;
}

/** A phase with a card for each of its plugins, in the order in which they ran. */
export function PhaseBox({ step, totalNs, hrefOfRow }: Props) {
  return (
    <div className={styles['box']}>
      <div className={styles['head']}>
        <CategorySwatch category={step.category} />
        <Link
          title={step.label}
          href={hrefOfRow(step.row)}
          className={step.failed ? styles['failed'] : styles['link']}
        >
          {step.label}
        </Link>
        <span className={styles['time']}>
          {formatDuration(step.durationNs)}
          {!step.isAfter && <span className={styles['share']}> {formatShare(step.durationNs, totalNs)}</span>}
        </span>
      </div>
      {step.plugins.length > 0 && (
        <ol className={styles['plugins']}>
          {step.plugins.map((plugin) => (
            <li key={plugin.name}>
              <PluginCard plugin={plugin} totalNs={totalNs} isAfter={step.isAfter} hrefOfRow={hrefOfRow} />
            </li>
          ))}
        </ol>
      )}
      {step.hiddenPlugins > 0 && <p className={styles['hidden']}>{step.hiddenPlugins} shorter not shown</p>}
    </div>
  );
}

interface CardProps {
  readonly plugin: PluginStep;
  readonly totalNs: number;
  readonly isAfter: boolean;
  readonly hrefOfRow: (row: number) => string;
}

function PluginCard({ plugin, totalNs, isAfter, hrefOfRow }: CardProps) {
  const share = Math.min(1, plugin.durationNs / Math.max(1, totalNs));
  return (
    <Link
      href={hrefOfRow(plugin.row)}
      className={`${styles['card']} ${isAfter ? '' : styles[`heat${heatLevel(plugin.durationNs, totalNs)}`]}`}
      title={plugin.message === '' ? undefined : plugin.message}
    >
      <span className={styles['name']} title={plugin.name}>
        {plugin.name}
        {plugin.spanCount > 1 && <span className={styles['times']}> × {plugin.spanCount}</span>}
      </span>
      <span className={styles['numbers']}>
        <span>{formatDuration(plugin.durationNs)}</span>
        {!isAfter && <span className={styles['share']}>{formatShare(plugin.durationNs, totalNs)}</span>}
      </span>
      {!isAfter && (
        <span className={styles['track']} aria-hidden="true">
          <span className={styles['fill']} style={{ width: `${share * 100}%` }} />
        </span>
      )}
      <PluginOutcome plugin={plugin} isPassTold />
    </Link>
  );
}
