import type { TraceSummary } from '@gatescope/protocol';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import type { DurationRange, HistogramBin } from '../engine/latency-histogram.ts';
import { percentilesOf } from '../engine/percentiles.ts';
import { Button } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import styles from './histogram-panel.module.css';

interface Props {
  readonly bins: readonly HistogramBin[];
  readonly traces: readonly TraceSummary[];
  readonly range: DurationRange | null;
  readonly onRange: (range: DurationRange | null) => void;
}

/** How many requests took how long; dragging over the bars, or choosing the first and the last of them, chooses a range. */
export function HistogramPanel({ bins, traces, range, onRange }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const total = useMemo(() => percentilesOf(traces.map((trace) => trace.duration_ms * 1e6)), [traces]);
  const indexAt = (event: PointerEvent) => {
    const box = frame.current!.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    return Math.min(bins.length - 1, Math.max(0, Math.floor(share * bins.length)));
  };
  const rangeOf = (one: number, other: number): DurationRange => ({
    fromMs: bins[Math.min(one, other)]!.fromMs,
    toMs: bins[Math.max(one, other)]!.toMs,
  });
  const shown = drag === null ? range : rangeOf(drag.from, drag.to);
  const isIn = (bin: HistogramBin) =>
    shown === null || (bin.toMs > shown.fromMs * 1.0001 && bin.fromMs < shown.toMs * 0.9999);
  const first = shown === null ? 0 : Math.max(0, bins.findIndex(isIn));
  const last = shown === null ? bins.length - 1 : Math.max(first, bins.findLastIndex(isIn));
  return (
    <Panel
      title="How long requests took"
      end={
        <dl className={styles['percentiles']}>
          {(['p50', 'p90', 'p99', 'max'] as const).map((name) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{formatDuration(total[name])}</dd>
            </div>
          ))}
        </dl>
      }
    >
      <div
        ref={frame}
        className={styles['bars']}
        role="img"
        aria-label={`Histogram of ${grouped(traces.length)} requests from ${formatDuration(bins[0]!.fromMs * 1e6)} to ${formatDuration(bins.at(-1)!.toMs * 1e6)}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: indexAt(event), to: indexAt(event) });
        }}
        onPointerMove={(event) => drag !== null && setDrag({ ...drag, to: indexAt(event) })}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (drag !== null) onRange(rangeOf(drag.from, drag.to));
          setDrag(null);
        }}
      >
        {bins.map((bin) => (
          <span key={bin.fromMs} className={isIn(bin) ? styles['bin'] : styles['dim']} title={said(bin)}>
            <span className={styles['bar']} style={{ height: `${(bin.count / most) * 100}%` }}>
              <span
                className={styles['failed']}
                style={{ height: `${bin.count === 0 ? 0 : (bin.failed / bin.count) * 100}%` }}
              />
            </span>
          </span>
        ))}
      </div>
      <div className={styles['axis']} aria-hidden="true">
        {bins.map(
          (bin, index) =>
            index % Math.ceil(bins.length / 8) === 0 && (
              <span key={bin.fromMs} style={{ left: `${(index / bins.length) * 100}%` }}>
                {formatDuration(bin.fromMs * 1e6)}
              </span>
            ),
        )}
      </div>
      <div className={styles['foot']}>
        <Edge
          label="From"
          value={first}
          options={bins.map((bin) => bin.fromMs)}
          onChange={(index) => onRange(rangeOf(index, Math.max(index, last)))}
        />
        <Edge
          label="to"
          value={last}
          options={bins.map((bin) => bin.toMs)}
          onChange={(index) => onRange(rangeOf(Math.min(first, index), index))}
        />
        {range !== null && (
          <Button kind="quiet" onClick={() => onRange(null)}>
            All requests
          </Button>
        )}
        <span className={styles['key']}>
          <span className={styles['swatch']} aria-hidden="true" /> answered with 5xx or not at all
        </span>
      </div>
    </Panel>
  );
}

interface EdgeProps {
  readonly label: string;
  readonly value: number;
  readonly options: readonly number[];
  readonly onChange: (index: number) => void;
}

function Edge({ label, value, options, onChange }: EdgeProps) {
  return (
    <label className={styles['edge']}>
      {label}
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {options.map((ms, index) => (
          <option key={ms} value={index}>
            {formatDuration(ms * 1e6)}
          </option>
        ))}
      </select>
    </label>
  );
}

function said({ fromMs, toMs, count, failed }: HistogramBin): string {
  const requests = `${grouped(count)} ${count === 1 ? 'request' : 'requests'}`;
  return `${formatDuration(fromMs * 1e6)} to ${formatDuration(toMs * 1e6)}: ${requests}${failed === 0 ? '' : `, ${grouped(failed)} failed`}`;
}
