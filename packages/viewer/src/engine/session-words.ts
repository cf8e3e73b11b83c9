import type { NodeSessionState, Session, SessionCounts } from '@gatescope/protocol';
import { formatSeconds, grouped } from './duration-format.ts';
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
  lost: 'lost',
};

/** How long it took to arm a node, from the start of the session: `12 ms`, `40 s` for one that came later. */
export function armedText(createdAt: string, armedAt: string): string {
  const ms = Math.max(0, Date.parse(armedAt) - Date.parse(createdAt));
  return ms < 1_000 ? `${ms} ms` : formatSeconds(Math.round(ms / 1_000));
}

/** What is waited for while a session has no trace. */
export function waitingText({ seen, matched }: SessionCounts): string {
  if (seen === 0) return 'No request has come through the nodes since the session began.';
  if (matched === 0)
    return seen === 1
      ? 'The one request so far did not match.'
      : `None of ${grouped(seen)} requests matched so far.`;
  return `${grouped(matched)} of ${grouped(seen)} requests matched; their traces are on the way.`;
}
