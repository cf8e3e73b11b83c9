import type { ReactNode } from 'react';
import { useControlPlane } from '../api/queries.ts';
import { CONTROL_PLANE_TABS, type ControlPlaneTab, paths } from '../engine/paths.ts';
import { LinkTabs } from '../parts/link-tabs.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import styles from './control-plane-frame.module.css';

const LABELS: Readonly<Record<ControlPlaneTab, string>> = {
  overview: 'Overview',
  nodes: 'Nodes',
  configuration: 'Configuration',
};

/** A control plane's name and tabs, above what one of them shows. */
export function ControlPlaneFrame({
  cp,
  current,
  end,
  children,
}: {
  readonly cp: string;
  readonly current: ControlPlaneTab | 'sessions';
  /** Beside the name, at the end of the line. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}) {
  const controlPlane = useControlPlane(cp);
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <div className={styles['title']}>
          <h1>{controlPlane.data?.name ?? cp}</h1>
          {controlPlane.data !== undefined && controlPlane.data.description !== '' && (
            <p>{controlPlane.data.description}</p>
          )}
        </div>
        <div className={styles['end']}>{end}</div>
      </header>
      <LinkTabs
        label="Control plane"
        tabs={[
          ...CONTROL_PLANE_TABS.map((tab) => ({
            label: LABELS[tab],
            href: paths.controlPlaneTab(cp, tab),
            isCurrent: tab === current,
          })),
          { label: 'Active tracing', href: paths.sessions(cp), isCurrent: current === 'sessions' },
        ]}
      />
      <div className={styles['content']}>
        {controlPlane.isError && controlPlane.data === undefined ? (
          <ProblemNotice error={controlPlane.error} />
        ) : (
          children
        )}
      </div>
    </main>
  );
}
