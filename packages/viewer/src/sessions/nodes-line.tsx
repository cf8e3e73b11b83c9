import type { Node } from '@gatescope/protocol';
import styles from './nodes-line.module.css';

/** How many nodes are there, and how many of them can be traced. */
export function NodesLine({ nodes }: { readonly nodes: readonly Node[] }) {
  const connected = nodes.filter((node) => node.connected);
  const able = connected.filter((node) => node.tracing.available).length;
  const text =
    connected.length === 0
      ? 'No node is connected'
      : able === connected.length
        ? `${connected.length === 1 ? '1 node' : `${connected.length} nodes`} connected`
        : `${connected.length} connected, ${able} can be traced`;
  return (
    <span className={styles['line']}>
      <span className={able > 0 ? styles['up'] : styles['down']} aria-hidden="true" />
      {text}
    </span>
  );
}
