import type { NodeSessionState, Session, SessionCounts } from '@gatescope/protocol';
import { grouped } from './duration-format.ts';
import { shortId, visibleText } from './visible-text.ts';

const DROPS: Readonly<Record<string, string>> = {
  rate: 'not in the chosen share',
  queue_full: 'the node had too many waiting',
  export_failed: 'could not be sent to the control plane',
  rejected: 'refused by the control plane',
  worker_ended: 'lost with a gateway process that ended',
};

/** What a session is called: its name as it can be shown, or the beginning of its id. */
export function sessionName({ name, id }: Pick<Session, 'name' | 'id'>): string {
  return name.trim() === '' ? shortId(id) : visibleText(name);
}

/** Traces that were not kept, each reason with its number: `12 lost: the node had too many waiting`. */
export function dropTexts({ dropped }: SessionCounts): string[] {
  return Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .map(
      ([reason, count]) =>
        `${grouped(count)} ${reason === 'rate' ? 'left out' : 'lost'}: ${Object.hasOwn(DROPS, reason) ? DROPS[reason] : reason}`,
    );
}

/** How a node's state in a session is called. */
export const NODE_STATE_LABELS: Readonly<Record<NodeSessionState['state'], string>> = {
  pending: 'being told',
  armed: 'tracing',
  refused: 'refused',
  ended: 'done',
  lost: 'lost its connection',
};

/** What is waited for while a session has no trace. */
export function waitingText({ seen, matched }: SessionCounts): string {
  if (seen === 0) return 'No request has come through the nodes since the session began.';
  if (matched === 0) return `None of ${grouped(seen)} requests matched so far.`;
  return `${grouped(matched)} of ${grouped(seen)} requests matched; their traces are on the way.`;
}
