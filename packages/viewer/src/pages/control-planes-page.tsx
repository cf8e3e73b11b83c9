import type { ControlPlane } from '@gatescope/protocol';
import { Link } from 'wouter';
import { useControlPlanes, useMe } from '../api/queries.ts';
import { NewControlPlane } from '../control-planes/new-control-plane.tsx';
import { paths } from '../engine/paths.ts';
import { Badge } from '../parts/badge.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import styles from './control-planes-page.module.css';

/** Every control plane that one may see; who may make one finds the form beside them. */
export function ControlPlanesPage() {
  usePageTitle('Control planes');
  const controlPlanes = useControlPlanes();
  const me = useMe();
  if (controlPlanes.isPending) return <Loading what="control planes" />;
  if (controlPlanes.data === undefined) {
    return (
      <main className={styles['page']}>
        <ProblemNotice error={controlPlanes.error} />
      </main>
    );
  }
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <h1>Control planes</h1>
        {me.data?.role === 'org_admin' && <NewControlPlane />}
      </header>
      {controlPlanes.data.length === 0 ? (
        <EmptyState title="No control plane to show">
          <p>Your rights name no control plane. An organisation admin can change that.</p>
        </EmptyState>
      ) : (
        <ul className={styles['list']}>
          {controlPlanes.data.map((one) => (
            <li key={one.id}>
              <ControlPlaneCard controlPlane={one} />
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}

function ControlPlaneCard({ controlPlane }: { readonly controlPlane: ControlPlane }) {
  const { name, description, nodes_connected, nodes_total, sessions_active } = controlPlane;
  return (
    <Link href={paths.controlPlaneTab(name, 'overview')} className={styles['card']}>
      <h2>{name}</h2>
      {description !== '' && <p>{description}</p>}
      <p className={styles['facts']}>
        <Badge tone={nodes_connected > 0 ? 'ok' : 'neutral'}>
          {nodes_connected} of {nodes_total} nodes connected
        </Badge>
        {sessions_active > 0 && <Badge tone="info">{sessions_active} active</Badge>}
      </p>
    </Link>
  );
}
