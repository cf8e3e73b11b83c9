import type { Session } from '@gatescope/protocol';
import { sendRequestCommand } from '../engine/curl-command.ts';
import { waitingText } from '../engine/session-words.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { EmptyState } from '../parts/notice.tsx';
import { RejectingTerm } from './rejecting-term.tsx';
import styles from './waiting-for-traces.module.css';

/** What a session shows before its first trace, and where it ended without one. */
export function WaitingForTraces({
  cp,
  session,
  isRunning,
}: {
  readonly cp: string;
  readonly session: Session;
  readonly isRunning: boolean;
}) {
  const command = sendRequestCommand(window.location.hostname);
  return (
    <EmptyState title={isRunning ? 'Waiting for the first trace' : 'This session has no trace'}>
      <p role="status">{waitingText(session.counts)}</p>
      {isRunning && session.counts.seen === 0 && (
        <>
          <p>One that goes to a gateway on this machine and its usual port:</p>
          <p className={styles['command']}>
            <code>{command}</code>
            <CopyButton text={command} label="Copy the command" />
          </p>
        </>
      )}
      {session.counts.seen > 0 && session.counts.matched === 0 && session.rule !== null && (
        <>
          <p>
            The rule is <code>{session.rule}</code>
          </p>
          <RejectingTerm cp={cp} rule={session.rule} />
        </>
      )}
    </EmptyState>
  );
}
