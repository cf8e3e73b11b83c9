import type { Session, SessionStatistics } from '@gatescope/protocol';
import { Link } from 'wouter';
import { useSessionStatistics } from '../api/queries.ts';
import { formatDuration, formatShare } from '../engine/duration-format.ts';
import { paths } from '../engine/paths.ts';
import { sessionName } from '../engine/session-words.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { CaptureBadges } from './capture-badges.tsx';
import { CaptureMeter } from './capture-meter.tsx';
import { SessionActions } from './session-actions.tsx';
import { SessionState } from './session-state.tsx';
import styles from './session-table.module.css';
import { TimeLeft } from './time-left.tsx';

/** Sessions, one a row. */
export function SessionTable({
  cp,
  sessions,
}: {
  readonly cp: string;
  readonly sessions: readonly Session[];
}) {
  const statistics = useSessionStatistics(cp, sessions);
  return (
    <div className={styles['frame']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">State</th>
            <th scope="col">Traces</th>
            <th scope="col">Errors</th>
            <th scope="col">p50, p95</th>
            <th scope="col">Time left</th>
            <th scope="col">Nodes</th>
            <th scope="col">Started</th>
            <th scope="col">By</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td className={styles['what']}>
                <Link href={paths.session(cp, session.id)} className={styles['name']}>
                  {sessionName(session)}
                </Link>
                <Scope session={session} />
                <CaptureBadges capture={session.capture} />
              </td>
              <td>
                <SessionState session={session} />
              </td>
              <td>
                <CaptureMeter session={session} />
              </td>
              <StatisticsCells statistics={statistics.data?.get(session.id)} />
              <td className={styles['number']}>
                <TimeLeft session={session} />
              </td>
              <td>{session.nodes === 'all' ? 'All' : session.nodes.length}</td>
              <td>
                <RelativeTime instant={session.started_at ?? session.created_at} />
                <div className={styles['expires']}>
                  expires <RelativeTime instant={session.expires_at} />
                </div>
              </td>
              <td className={styles['author']}>{session.created_by}</td>
              <td className={styles['actions']}>
                <SessionActions cp={cp} session={session} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many of a session's traces failed, and how long half and nearly all of them took. */
function StatisticsCells({ statistics }: { readonly statistics: SessionStatistics | undefined }) {
  if (statistics === undefined || statistics.p50_ms === null || statistics.p95_ms === null) {
    return (
      <>
        <td className={styles['muted']}>–</td>
        <td className={styles['muted']}>–</td>
      </>
    );
  }
  const { traces, failed, p50_ms: p50, p95_ms: p95 } = statistics;
  return (
    <>
      <td className={failed > 0 ? styles['failed'] : styles['muted']} title={`${failed} of ${traces}`}>
        {formatShare(failed, traces)}
      </td>
      <td className={styles['number']}>
        {formatDuration(p50 * 1e6)}
        <div className={styles['expires']}>{formatDuration(p95 * 1e6)}</div>
      </td>
    </>
  );
}

/** Which requests a session takes: service, route, rule, share. */
export function Scope({ session }: { readonly session: Session }) {
  const { service, route, rule, rate } = session;
  return (
    <span className={styles['scope']}>
      {service !== null && <span>service {service}</span>}
      {route !== null && <span>route {route}</span>}
      {rule !== null && <code title={rule}>{rule}</code>}
      {service === null && route === null && rule === null && <span>every request</span>}
      {rate < 1 && <span>{Number((rate * 100).toFixed(4))} % of them</span>}
    </span>
  );
}
