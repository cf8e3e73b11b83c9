import { isUnreachable } from '../api/api-problem.ts';
import { useMayChange, useNodes, useSessions } from '../api/queries.ts';
import { ControlPlaneFrame } from '../control-planes/control-plane-frame.tsx';
import { paths } from '../engine/paths.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { NodesLine } from '../sessions/nodes-line.tsx';
import { SessionTable } from '../sessions/session-table.tsx';
import { StartCards } from '../sessions/start-cards.tsx';
import styles from './page.module.css';

/** The tracing sessions of a control plane, newest first. */
export function SessionsPage({ cp }: { readonly cp: string }) {
  usePageTitle('Active tracing');
  const sessions = useSessions(cp);
  const nodes = useNodes(cp);
  const mayChange = useMayChange();
  const found = sessions.data?.pages.flatMap((page) => page.data) ?? [];
  const end = (
    <>
      {nodes.data !== undefined && <NodesLine nodes={nodes.data} />}
      {mayChange && (
        <ButtonLink href={paths.newSession(cp)} kind="primary">
          <Icon name="plus" />
          New session
        </ButtonLink>
      )}
    </>
  );
  return (
    <ControlPlaneFrame cp={cp} current="sessions" end={end}>
      <h2 className="sr-only">Active tracing</h2>
      {sessions.isError && (sessions.data === undefined || !isUnreachable(sessions.error)) && (
        <ProblemNotice error={sessions.error} />
      )}
      {sessions.isPending && <Loading what="sessions" />}
      {sessions.data !== undefined && found.length === 0 && <StartCards cp={cp} mayChange={mayChange} />}
      {found.length > 0 && <SessionTable cp={cp} sessions={found} />}
      {sessions.hasNextPage && (
        <p className={styles['more']}>
          <Button onClick={() => void sessions.fetchNextPage()} disabled={sessions.isFetchingNextPage}>
            Show older sessions
          </Button>
        </p>
      )}
    </ControlPlaneFrame>
  );
}
