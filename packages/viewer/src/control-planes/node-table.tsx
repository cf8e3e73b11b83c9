import type { Node } from '@gatescope/protocol';
import { formatDuration, formatShare } from '../engine/duration-format.ts';
import { type ConfigStanding, clockTrouble, configStanding, tracingTrouble } from '../engine/node-words.ts';
import { shortId, visibleText } from '../engine/visible-text.ts';
import { Badge, type BadgeTone } from '../parts/badge.tsx';
import { CodedText } from '../parts/coded-text.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import styles from './node-table.module.css';

const STANDINGS: Readonly<Record<ConfigStanding, { readonly text: string; readonly tone: BadgeTone }>> = {
  none: { text: 'none yet', tone: 'warn' },
  'in-force': { text: 'in force', tone: 'ok' },
  another: { text: 'another one', tone: 'warn' },
};

/** Data planes, one a row; below one that can't be traced why, and what mends it. */
export function NodeTable({ nodes }: { readonly nodes: readonly Node[] }) {
  return (
    <div className={styles['frame']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Tracing</th>
            <th scope="col">Configuration</th>
            <th scope="col">Load</th>
            <th scope="col">Round trip</th>
            <th scope="col">Version</th>
            <th scope="col">Address</th>
          </tr>
        </thead>
        {nodes.map((node) => (
          <NodeRows key={node.id} node={node} />
        ))}
      </table>
    </div>
  );
}

function NodeRows({ node }: { readonly node: Node }) {
  const trouble = tracingTrouble(node);
  const clock = clockTrouble(node);
  const { load } = node;
  const standing = STANDINGS[configStanding(node)];
  return (
    <tbody>
      <tr>
        <td>
          <span className={styles['name']}>{visibleText(node.hostname)}</span>
          <span className={styles['id']}>
            <code title={node.id}>{shortId(node.id)}</code>
            <CopyButton text={node.id} label="Copy the node’s id" />
          </span>
        </td>
        <td>
          {node.connected ? (
            <Badge tone="ok">connected</Badge>
          ) : (
            <>
              <Badge tone="neutral">not connected</Badge>
              <div className={styles['since']}>
                seen <RelativeTime instant={node.last_seen_at} />
              </div>
            </>
          )}
        </td>
        <td>
          {trouble === null ? <Badge tone="ok">ready</Badge> : <Badge tone="warn">can’t be traced</Badge>}
        </td>
        <td>
          <Badge tone={standing.tone}>{standing.text}</Badge>{' '}
          {node.config_hash !== null && <code title={node.config_hash}>{shortId(node.config_hash)}</code>}
        </td>
        <td className={styles['number']}>
          {load === null ? (
            '–'
          ) : (
            <>
              {formatShare(load.load_average_1m, load.cpus)} of {load.cpus} CPU
              <div className={styles['since']}>memory {formatShare(load.memory_used_fraction, 1)}</div>
            </>
          )}
        </td>
        <td className={styles['number']}>
          {node.round_trip_ms === null ? '–' : formatDuration(node.round_trip_ms * 1e6)}
          {clock !== null && <div className={styles['since']}>{clock}</div>}
        </td>
        <td className={styles['number']}>{node.version}</td>
        <td className={styles['number']}>{node.ip}</td>
      </tr>
      {trouble !== null && (
        <tr className={styles['trouble']}>
          <td colSpan={8}>
            <div className={styles['why']}>
              <Icon name="alert" />
              <p>
                {trouble.reason}
                {trouble.mend !== '' && (
                  <span className={styles['mend']}>
                    <CodedText text={trouble.mend} />
                  </span>
                )}
              </p>
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}
