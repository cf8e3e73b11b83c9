import type { Node } from '@gatescope/protocol';
import { useId } from 'react';
import { useNodes } from '../api/queries.ts';
import { nodeNames } from '../engine/node-words.ts';
import type { SessionDraft } from '../engine/session-draft.ts';
import { Badge } from '../parts/badge.tsx';
import { CodedText } from '../parts/coded-text.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import styles from './node-picker.module.css';

interface Props {
  readonly cp: string;
  readonly chosen: SessionDraft['nodes'];
  readonly error: string | undefined;
  readonly onChange: (nodes: SessionDraft['nodes']) => void;
}

/** Chooses all nodes or some. A node that can't trace can't be chosen, and says why and what mends it. */
export function NodePicker({ cp, chosen, error, onChange }: Props) {
  const nodes = useNodes(cp);
  const name = useId();
  const known = nodes.data ?? [];
  const names = nodeNames(known);
  const able = known.filter((node) => node.tracing.available).map((node) => node.id);
  const toggle = (id: string, isChosen: boolean) => {
    const before = chosen === 'all' ? [] : chosen;
    onChange(isChosen ? [...before, id] : before.filter((one) => one !== id));
  };
  return (
    <fieldset className={styles['picker']}>
      <legend className="sr-only">Which nodes trace</legend>
      <label className={styles['choice']}>
        <input type="radio" name={name} checked={chosen === 'all'} onChange={() => onChange('all')} />
        All nodes, also those that connect while the session runs
      </label>
      <label className={styles['choice']}>
        <input
          type="radio"
          name={name}
          checked={chosen !== 'all'}
          onChange={() => onChange(able.slice(0, 1))}
        />
        Only these
      </label>
      {nodes.isError && nodes.data === undefined && <ProblemNotice error={nodes.error} />}
      <ul className={styles['nodes']}>
        {known.map((node) => (
          <li key={node.id}>
            <NodeRow
              node={node}
              name={names.get(node.id) ?? ''}
              isChosen={chosen === 'all' ? node.tracing.available : chosen.includes(node.id)}
              isFixed={chosen === 'all'}
              onToggle={(isChosen) => toggle(node.id, isChosen)}
            />
          </li>
        ))}
        {nodes.isSuccess && known.length === 0 && (
          <li className={styles['none']}>No node has connected yet. Start one, then come back here.</li>
        )}
      </ul>
      {error !== undefined && <p className={styles['error']}>{error}</p>}
    </fieldset>
  );
}

interface NodeRowProps {
  readonly node: Node;
  readonly name: string;
  readonly isChosen: boolean;
  readonly isFixed: boolean;
  readonly onToggle: (isChosen: boolean) => void;
}

function NodeRow({ node, name, isChosen, isFixed, onToggle }: NodeRowProps) {
  const reasonId = useId();
  const reason = node.tracing.available
    ? waitReason(node)
    : (node.tracing.reason ?? 'This node does not offer tracing.');
  return (
    <div className={styles['node']}>
      <label className={node.tracing.available ? styles['choice'] : styles['unable']}>
        <input
          type="checkbox"
          checked={isChosen}
          disabled={isFixed || !node.tracing.available}
          aria-describedby={reason === null ? undefined : reasonId}
          onChange={(event) => onToggle(event.target.checked)}
        />
        {name}
        <span className={styles['facts']}>
          {node.version} · {node.ip}
        </span>
      </label>
      {!node.connected && <Badge>not connected</Badge>}
      {!node.tracing.available && <Badge tone="warn">can’t trace</Badge>}
      {reason !== null && (
        <p id={reasonId} className={styles['reason']}>
          <CodedText text={reason} />
        </p>
      )}
    </div>
  );
}

function waitReason({ connected }: Node): string | null {
  return connected ? null : 'It traces from the moment it connects, if the session still runs then.';
}
