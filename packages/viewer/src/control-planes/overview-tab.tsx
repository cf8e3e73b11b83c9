import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { useConfig, useEntities, useMayChange, useNodes, useSessions } from '../api/queries.ts';
import { grouped } from '../engine/duration-format.ts';
import { isRunning } from '../engine/live-session.ts';
import { configStanding, nodesText, tracingTrouble } from '../engine/node-words.ts';
import { paths } from '../engine/paths.ts';
import { shortId } from '../engine/visible-text.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { SessionTable } from '../sessions/session-table.tsx';
import { StartCards } from '../sessions/start-cards.tsx';
import { NodeTable } from './node-table.tsx';
import styles from './overview-tab.module.css';

const SESSIONS_SHOWN = 5;

/** A control plane at a glance: its nodes, its configuration, what is traced now, and which nodes need somebody. */
export function OverviewTab({ cp }: { readonly cp: string }) {
  usePageTitle('Overview');
  const nodes = useNodes(cp);
  const config = useConfig(cp);
  const entities = useEntities(cp);
  const sessions = useSessions(cp);
  const mayChange = useMayChange();
  const known = useMemo(() => sessions.data?.pages.flatMap((page) => page.data) ?? [], [sessions.data]);
  const hash = config.data?.hash ?? null;
  const all = nodes.data ?? [];
  const troubled = all.filter(
    (node) => node.connected && (tracingTrouble(node) !== null || configStanding(node) !== 'in-force'),
  );
  const running = known.filter(isRunning);
  return (
    <>
      <ul className={styles['cards']}>
        <Card title="Nodes" href={paths.controlPlaneTab(cp, 'nodes')}>
          <strong>
            {grouped(all.filter((node) => node.connected).length)} of {grouped(all.length)}
          </strong>
          <span>{nodesText(all)}</span>
        </Card>
        <Card title="Configuration" href={paths.controlPlaneTab(cp, 'configuration')}>
          <strong>
            {grouped(entities.data?.services.length ?? 0)} services,{' '}
            {grouped(entities.data?.routes.length ?? 0)} routes
          </strong>
          {hash === null ? (
            <span>{config.data === null ? 'None has been pushed yet' : 'In force'}</span>
          ) : (
            <span>
              <code title={hash}>{shortId(hash)}</code>
              {config.data?.putAt !== undefined && config.data.putAt !== '' && (
                <>
                  , put <RelativeTime instant={new Date(config.data.putAt).toISOString()} />
                </>
              )}
            </span>
          )}
        </Card>
        <Card title="Active tracing" href={paths.sessions(cp)}>
          <strong>{running.length === 0 ? 'Nothing is traced' : `${grouped(running.length)} running`}</strong>
          <span>
            {grouped(known.length)}
            {sessions.hasNextPage ? ' or more' : ''} kept of the last seven days
          </span>
        </Card>
      </ul>
      {troubled.length > 0 && (
        <section className={styles['part']} aria-labelledby="troubled">
          <h2 id="troubled">Nodes that need somebody</h2>
          <NodeTable nodes={troubled} />
        </section>
      )}
      <section className={styles['part']} aria-labelledby="latest">
        <div className={styles['line']}>
          <h2 id="latest">Latest sessions</h2>
          {known.length > SESSIONS_SHOWN && <Link href={paths.sessions(cp)}>All sessions</Link>}
        </div>
        {known.length > 0 && <SessionTable cp={cp} sessions={known.slice(0, SESSIONS_SHOWN)} />}
        {sessions.isSuccess && known.length === 0 && <StartCards cp={cp} mayChange={mayChange} />}
      </section>
    </>
  );
}

function Card({
  title,
  href,
  children,
}: {
  readonly title: string;
  readonly href: string;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <Link href={href} className={styles['card']}>
        <h2>{title}</h2>
        {children}
      </Link>
    </li>
  );
}
