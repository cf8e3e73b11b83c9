import type { Breakdown } from '../engine/breakdown.ts';
import { PART_LABELS } from '../engine/latency-segments.ts';
import { Panel } from '../parts/panel.tsx';
import bar from '../parts/part-bar.module.css';
import styles from './breakdown-table.module.css';

const MEANINGS = {
  client: 'Handshake, reading the request, sending the response',
  gateway: 'Routing, plugins and all else the gateway computed',
  io: 'Plugins waiting for their own network calls',
  upstream: 'From its selection to its last byte',
} as const;

/** Whose time the total was. The rows add up to the total, to the last digit. */
export function BreakdownTable({ breakdown }: { readonly breakdown: Breakdown }) {
  const { rows, total, symbol } = breakdown;
  return (
    <Panel title="Whose time it was">
      <div className={styles['bar']} aria-hidden="true">
        {rows.map(({ part, percent }) => (
          <span key={part} className={bar[part]} style={{ width: `${percent}%` }} />
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
          {rows.map(({ part, value, percent }) => (
            <tr key={part}>
              <th scope="row">
                <span className={`${bar['swatch']} ${bar[part]} ${styles['swatch']}`} aria-hidden="true" />
                {PART_LABELS[part]}
                <span className={styles['meaning']}>{MEANINGS[part]}</span>
              </th>
              <td>
                {value} {symbol}
              </td>
              <td>{percent} %</td>
            </tr>
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
