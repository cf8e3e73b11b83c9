import type { Ending } from '../engine/ending.ts';
import type { ShownStep } from '../engine/shown-steps.ts';
import type { TraceModel } from '../engine/trace-model.ts';
import type { Transaction } from '../engine/transaction.ts';
import type { TransactionMap } from '../engine/transaction-map.ts';
import { Panel } from '../parts/panel.tsx';
import { Lane } from './map-lane.tsx';
import { MapNode } from './map-node.tsx';
import styles from './transaction-map-view.module.css';
import { UpstreamAttempts } from './upstream-attempts.tsx';

interface Props {
  readonly model: TraceModel;
  readonly map: TransactionMap<ShownStep>;
  readonly transaction: Transaction;
  readonly ending: Ending;
  /** The root span's attribute, where it is loaded. */
  readonly clientAddress: unknown;
  readonly hrefOfRow: (row: number) => string;
}

/** The request's way: from the client through the phases to the upstream above, and back below. */
export function TransactionMapView({ model, map, transaction, ending, clientAddress, hrefOfRow }: Props) {
  const { summary } = model.skeleton;
  const totalNs = summary.duration_ms * 1e6;
  const wasAsked = transaction.attempts.length > 0 || map.upstream.length > 0;
  const answered = summary.status_code === null ? 'got no answer' : `got ${summary.status_code}`;
  return (
    <Panel title="Transaction">
      <div className={styles['map']}>
        <div className={styles['client']}>
          <MapNode
            title="Client"
            subtitle={typeof clientAddress === 'string' ? clientAddress : ''}
            outcome={answered}
            steps={map.client}
            totalNs={totalNs}
            hrefOfRow={hrefOfRow}
          />
        </div>
        <div className={styles['request']}>
          <Lane
            direction="request"
            steps={map.request}
            totalNs={totalNs}
            ending={ending}
            hrefOfRow={hrefOfRow}
          />
        </div>
        <div className={styles['upstream']}>
          <MapNode
            title="Upstream"
            subtitle={summary.service === null ? '' : summary.service}
            outcome={
              wasAsked
                ? summary.upstream_status_code === null
                  ? 'gave no answer'
                  : `answered ${summary.upstream_status_code}`
                : 'was not asked'
            }
            isAbsent={!wasAsked}
            steps={map.upstream}
            totalNs={totalNs}
            hrefOfRow={hrefOfRow}
          >
            <UpstreamAttempts attempts={transaction.attempts} hrefOfRow={hrefOfRow} />
          </MapNode>
        </div>
        <div className={styles['response']}>
          <Lane
            direction="response"
            steps={map.response}
            totalNs={totalNs}
            ending={ending}
            isLoose={!wasAsked}
            hrefOfRow={hrefOfRow}
          />
        </div>
        {map.after.length > 0 && (
          <div className={styles['after']}>
            <Lane
              direction="after"
              steps={map.after}
              totalNs={totalNs}
              ending={ending}
              hrefOfRow={hrefOfRow}
            />
          </div>
        )}
      </div>
    </Panel>
  );
}
