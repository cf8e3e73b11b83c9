import type { Session } from '@gatescope/protocol';
import type { ReactNode } from 'react';
import type { StreamState } from '../api/live-connection.ts';
import { grouped } from '../engine/duration-format.ts';
import { isRunning } from '../engine/live-session.ts';
import { paths } from '../engine/paths.ts';
import { dropTexts, sessionName } from '../engine/session-words.ts';
import { ButtonLink } from '../parts/button.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { CaptureBadges } from './capture-badges.tsx';
import { CaptureMeter } from './capture-meter.tsx';
import { MatchRate } from './match-rate.tsx';
import { SessionActions } from './session-actions.tsx';
import styles from './session-head.module.css';
import { SessionState } from './session-state.tsx';
import { Scope } from './session-table.tsx';
import { TimeLeft } from './time-left.tsx';

interface Props {
  readonly cp: string;
  readonly session: Session;
  readonly stream: StreamState;
  readonly onDeleted: () => void;
}

const STREAM_TEXTS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  reconnecting: 'Connection lost, trying again …',
  ended: '',
};

/** What a session is, how far it is, what it lost, and what can be done with it. */
export function SessionHead({ cp, session, stream, onDeleted }: Props) {
  const { counts } = session;
  const drops = dropTexts(counts);
  return (
    <header className={styles['head']}>
      <div className={styles['title']}>
        <h1>{session.name.trim() === '' ? `Session ${sessionName(session)}` : sessionName(session)}</h1>
        <SessionState session={session} />
        {isRunning(session) && (
          <span className={styles[stream]} role="status">
            {STREAM_TEXTS[stream]}
          </span>
        )}
        <span className={styles['actions']}>
          {counts.traces > 0 && <ButtonLink href={paths.analysis(cp, session.id)}>Analyse</ButtonLink>}
          <SessionActions cp={cp} session={session} onDeleted={onDeleted} />
        </span>
      </div>
      <div className={styles['scope']}>
        <Scope session={session} />
        <CaptureBadges capture={session.capture} />
      </div>
      <dl className={styles['facts']}>
        {isRunning(session) && (
          <Fact name="Time left" isLarge>
            <TimeLeft session={session} />
          </Fact>
        )}
        <Fact name="Traces">
          <CaptureMeter session={session} />
        </Fact>
        <Fact name="Requests seen">{grouped(counts.seen)}</Fact>
        <Fact name="Matched">{grouped(counts.matched)}</Fact>
        {isRunning(session) && (
          <Fact name="Matched a second">
            <MatchRate session={session} />
          </Fact>
        )}
        <Fact name="Spans">{grouped(counts.spans)}</Fact>
        <Fact name={session.started_at === null ? 'Created' : 'Started'}>
          <RelativeTime instant={session.started_at ?? session.created_at} /> by {session.created_by}
        </Fact>
        <Fact name="Expires">
          <RelativeTime instant={session.expires_at} />
        </Fact>
      </dl>
      {drops.length > 0 && (
        <ul className={styles['drops']}>
          {drops.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </header>
  );
}

function Fact({
  name,
  isLarge = false,
  children,
}: {
  readonly name: string;
  readonly isLarge?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles['fact']}>
      <dt>{name}</dt>
      <dd className={isLarge ? styles['large'] : undefined}>{children}</dd>
    </div>
  );
}
