import { Link } from 'wouter';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import type { ShownSteps } from '../engine/shown-steps.ts';
import type { SpanCategory } from '../engine/span-category.ts';
import { durationOf, startOf, type TraceModel } from '../engine/trace-model.ts';
import type { PluginStep } from '../engine/transaction.ts';
import { Badge } from '../parts/badge.tsx';
import { Icon } from '../parts/icons.tsx';
import { Panel } from '../parts/panel.tsx';
import { CategorySwatch } from './category-swatch.tsx';
import styles from './step-list.module.css';

interface Props {
  readonly model: TraceModel;
  readonly shown: ShownSteps;
  readonly hrefOfRow: (row: number) => string;
}

/** Every step of the request from first to last, phases with their plugins, on a common time axis. */
export function StepList({ model, shown, hrefOfRow }: Props) {
  const { steps, hiddenSteps, hiddenNs } = shown;
  const scaleNs = Math.max(
    1,
    durationOf(model, model.root),
    ...steps.map((step) => step.startNs + step.durationNs),
  );
  return (
    <Panel title="Steps">
      <div className={styles['frame']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Begins</th>
              <th scope="col">Takes</th>
              <th scope="col">
                <span className="sr-only">On the time axis</span>
              </th>
            </tr>
          </thead>
          {steps.map((step) => (
            <tbody key={step.row}>
              <tr>
                <th scope="row">
                  <CategorySwatch category={step.category} />
                  <Link href={hrefOfRow(step.row)} className={styles['link']}>
                    {step.label}
                  </Link>
                  {step.failed && <Failed />}
                  {step.isAfter && <span className={styles['after']}>after the response</span>}
                </th>
                <td>+{formatDuration(step.startNs)}</td>
                <td>{formatDuration(step.durationNs)}</td>
                <td>
                  <Bar
                    category={step.category}
                    startNs={step.startNs}
                    durationNs={step.durationNs}
                    failed={step.failed}
                    scaleNs={scaleNs}
                  />
                </td>
              </tr>
              {step.plugins.map((plugin) => (
                <tr key={plugin.name} className={styles['note']}>
                  <th scope="row" className={styles['indented']}>
                    <Link href={hrefOfRow(plugin.row)} className={styles['link']}>
                      {plugin.name}
                    </Link>
                    <PluginOutcome plugin={plugin} />
                  </th>
                  <td>+{formatDuration(startOf(model, plugin.row) - startOf(model, model.root))}</td>
                  <td>{formatDuration(plugin.durationNs)}</td>
                  <td>
                    <Bar
                      category="plugin"
                      startNs={startOf(model, plugin.row) - startOf(model, model.root)}
                      durationNs={plugin.durationNs}
                      failed={plugin.failed}
                      scaleNs={scaleNs}
                    />
                    {plugin.message !== '' && plugin.exitStatus === null && (
                      <span className={styles['message']}>{plugin.message}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {hiddenSteps > 0 && (
        <p className={styles['hidden']}>
          {grouped(hiddenSteps)} shorter {hiddenSteps === 1 ? 'step' : 'steps'}, {formatDuration(hiddenNs)}{' '}
          together, are among the spans.
        </p>
      )}
    </Panel>
  );
}

/** How a plugin ended; that it simply passed is told where it is asked for. */
export function PluginOutcome({
  plugin,
  isPassTold = false,
}: {
  readonly plugin: PluginStep;
  readonly isPassTold?: boolean;
}) {
  if (plugin.exitStatus !== null) return <Badge tone="warn">exited {plugin.exitStatus}</Badge>;
  if (plugin.failed) return <Failed />;
  return isPassTold ? <span className={styles['passed']}>passed</span> : null;
}

function Failed() {
  return (
    <Badge tone="danger">
      <Icon name="alert" size={11} />
      failed
    </Badge>
  );
}

interface BarProps {
  readonly category: SpanCategory;
  /** After the start of the request. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly failed: boolean;
  /** What the whole width stands for. */
  readonly scaleNs: number;
}

function Bar({ category, startNs, durationNs, failed, scaleNs }: BarProps) {
  return (
    <span className={styles['track']} aria-hidden="true">
      <span
        className={styles['bar']}
        style={{
          left: `min(${(startNs / scaleNs) * 100}%, 100% - 2px)`,
          width: `max(2px, ${(durationNs / scaleNs) * 100}%)`,
          background: failed ? 'var(--danger)' : `var(--cat-${category})`,
        }}
      />
    </span>
  );
}
