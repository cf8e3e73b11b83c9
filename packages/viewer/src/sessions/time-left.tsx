import type { Session } from '@gatescope/protocol';
import { formatClock, formatSeconds } from '../engine/duration-format.ts';
import { secondsLeft } from '../engine/live-session.ts';
import { useNow } from '../parts/use-now.ts';

/** The countdown of a session that runs; the duration it will have where it has not begun. */
export function TimeLeft({ session }: { readonly session: Session }) {
  const now = useNow(250, session.state === 'active');
  const left = secondsLeft(session, now);
  if (session.state === 'ended') return <>–</>;
  return <>{left === null ? formatSeconds(session.duration_seconds) : formatClock(left)}</>;
}
