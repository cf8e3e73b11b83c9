import type { Session } from '@gatescope/protocol';
import { useNodes } from '../api/queries.ts';
import { nodeNames } from '../engine/node-words.ts';
import { armedText, NODE_STATE_LABELS } from '../engine/session-words.ts';
import { shortId } from '../engine/visible-text.ts';
import styles from './node-states.module.css';

/** What every node of a session is doing; why, where one refused or was lost. */
export function NodeStates({ cp, session }: { readonly cp: string; readonly session: Session }) {
  const nodes = useNodes(cp);
  const names = nodeNames(nodes.data ?? []);
  if (session.node_states.length === 0) return null;
  return (
    <ul className={styles['nodes']} aria-label="Nodes of this session">
      {session.node_states.map(({ node_id: id, state, armed_at: armedAt, reason }) => (
        <li key={id} className={styles['node']} title={id}>
          <span className={`${styles['dot']} ${styles[state]}`} aria-hidden="true" />
          <span className={styles['name']}>{names.get(id) ?? shortId(id)}</span>
          <span className={state === 'lost' || state === 'refused' ? styles['bad'] : styles['state']}>
            {NODE_STATE_LABELS[state]}
            {reason !== null && `: ${reason}`}
            {armedAt !== null && `, armed after ${armedText(session.created_at, armedAt)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
