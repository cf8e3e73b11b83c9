import type { Node } from '@gatescope/protocol';
import { nodesText } from '../engine/node-words.ts';
import styles from './nodes-line.module.css';

/** How many nodes are there, and how many of them can be traced. */
export function NodesLine({ nodes }: { readonly nodes: readonly Node[] }) {
  const isAble = nodes.some((node) => node.connected && node.tracing.available);
  return (
    <span className={styles['line']}>
      <span className={isAble ? styles['up'] : styles['down']} aria-hidden="true" />
      {nodesText(nodes)}
    </span>
  );
}
