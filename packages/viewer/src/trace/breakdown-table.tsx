import { Fragment } from 'react';
import type { Breakdown } from '../engine/breakdown.ts';
import { PART_LABELS } from '../engine/latency-segments.ts';
import type { TimeDetail } from '../engine/time-details.ts';
import { Panel } from '../parts/panel.tsx';
import bar from '../parts/part-bar.module.css';
import styles from './breakdown-table.module.css';

const MEANINGS = {
  client: 'Handshake, reading the request, sending the response',
  gateway: 'Routing, plugins and all else the gateway computed',
  io: 'Plugins waiting for their own network calls',
  upstream: 'From its selection to its last byte',
} as const;

/** How strong the colour of a part is for what its time went into, so that neighbours can be told apart. */
const STRENGTH: Readonly<Record<TimeDetail, number>> = {
  ...{ client_read: 100, client_write: 60 },
  ...{ plugins: 100, phases: 60, unattributed: 30 },
  ...{ io: 100, dns: 30, connect: 55, wait: 100, transfer: 75, between: 20 },
};

/** Whose time the total was, and what it went into. Details add up to their part and parts to the total, to the last digit. */
export function BreakdownTable({ breakdown }: { readonly breakdown: Breakdown }) {
  const { rows, total, symbol } = breakdown;
  const pieces = rows.flatMap(({ part, details, percent }) =>
    details.length === 0
      ? [{ part, detail: 'io' as TimeDetail, percent }]
      : details.map(({ detail, percent: own }) => ({ part, detail, percent: own })),
  );
  return (
    <Panel title="Where the time went">
      <div className={styles['bar']} aria-hidden="true">
        {pieces.map(({ part, detail, percent }) => (
          <span
            key={detail}
            className={bar[part]}
            style={{ width: `${percent}%`, opacity: `${STRENGTH[detail]}%` }}
          />
        ))}
      </div>
      <table className={styles['table']}>
        <thead className="sr-only">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Time</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ part, ns, value, percent, details }) => (
            <Fragment key={part}>
              <tr className={ns === 0 ? styles['nothing'] : styles['part']}>
                <th scope="row" title={MEANINGS[part]}>
                  <span className={`${bar['swatch']} ${bar[part]} ${styles['swatch']}`} aria-hidden="true" />
                  {PART_LABELS[part]}
                </th>
                <td>
                  {value} {symbol}
                </td>
                <td>{percent} %</td>
              </tr>
              {details
                .filter((one) => one.ns > 0)
                .map(({ detail, label, value: own, percent: share }) => (
                  <tr key={detail} className={styles['detail']}>
                    <th scope="row">
                      <span
                        className={`${styles['mark']} ${bar[part]}`}
                        style={{ opacity: `${STRENGTH[detail]}%` }}
                        aria-hidden="true"
                      />
                      {label}
                    </th>
                    <td>
                      {own} {symbol}
                    </td>
                    <td>{share} %</td>
                  </tr>
                ))}
            </Fragment>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td>{total}</td>
            <td>100.0 %</td>
          </tr>
        </tfoot>
      </table>
    </Panel>
  );
}
