import type { ConfigInForce } from '../api/api.ts';
import { useNodes } from '../api/queries.ts';
import { grouped } from '../engine/duration-format.ts';
import { shortId } from '../engine/visible-text.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import styles from './config-editor.module.css';

/** Which configuration is in force, since when, and how many nodes have it. */
export function ConfigFacts({
  cp,
  inForce,
}: {
  readonly cp: string;
  readonly inForce: ConfigInForce | null;
}) {
  const nodes = useNodes(cp);
  if (inForce === null) return <p className={styles['muted']}>No configuration has been pushed yet.</p>;
  const connected = (nodes.data ?? []).filter((node) => node.connected);
  const having = connected.filter((node) => node.config_in_sync).length;
  return (
    <dl className={styles['facts']}>
      <div>
        <dt>In force</dt>
        <dd>
          <code title={inForce.hash}>{shortId(inForce.hash)}</code>
          <CopyButton text={inForce.hash} label="Copy the hash" />
        </dd>
      </div>
      {inForce.putAt !== '' && (
        <div>
          <dt>Since</dt>
          <dd>
            <RelativeTime instant={new Date(inForce.putAt).toISOString()} />
          </dd>
        </div>
      )}
      <div>
        <dt>Nodes that have it</dt>
        <dd>
          {grouped(having)} of {grouped(connected.length)} connected
        </dd>
      </div>
    </dl>
  );
}
