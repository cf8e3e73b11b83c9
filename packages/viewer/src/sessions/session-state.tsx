import type { Session } from '@gatescope/protocol';
import { stateText } from '../engine/live-session.ts';
import { Badge, type BadgeTone } from '../parts/badge.tsx';

/** A session's state in words. */
export function SessionState({ session }: { readonly session: Session }) {
  return <Badge tone={toneOf(session)}>{stateText(session)}</Badge>;
}

function toneOf({ state, end_reason: reason }: Session): BadgeTone {
  if (state === 'active') return 'ok';
  if (state === 'ended') return reason === 'failed' ? 'danger' : 'neutral';
  return 'info';
}
