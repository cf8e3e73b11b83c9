import type { TraceSummary } from '@gatescope/protocol';
import { useMemo } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { NO_FILTER, type TraceListFilter } from '../engine/trace-list-filter.ts';
import { Button } from '../parts/button.tsx';
import { PartLegend } from '../parts/part-bar.tsx';
import styles from './trace-filter-bar.module.css';

interface Props {
  readonly filter: TraceListFilter;
  /** All there are: what can be chosen is what occurs. */
  readonly traces: readonly TraceSummary[];
  readonly passed: number;
  readonly isUnfiltered: boolean;
  readonly onChange: (filter: TraceListFilter) => void;
}

const STATUSES: readonly (readonly [string, string])[] = [
  ['', 'Any status'],
  ['2xx', '2xx'],
  ['3xx', '3xx'],
  ['4xx', '4xx'],
  ['5xx', '5xx'],
  ['error', 'With an error'],
];

/** Narrows the list of traces down. */
export function TraceFilterBar({ filter, traces, passed, isUnfiltered, onChange }: Props) {
  const methods = useMemo(() => distinct(traces.map((trace) => trace.method)), [traces]);
  const routes = useMemo(() => distinct(traces.flatMap((trace) => trace.route ?? [])), [traces]);
  const change = (changed: Partial<TraceListFilter>) => onChange({ ...filter, ...changed });
  const statuses = STATUSES.some(([value]) => value === filter.status)
    ? STATUSES
    : [...STATUSES, [filter.status, filter.status] as const];
  return (
    <search className={styles['bar']}>
      <select
        aria-label="Status"
        value={filter.status}
        onChange={(event) => change({ status: event.target.value })}
      >
        {statuses.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Choice
        label="Method"
        any="Any method"
        values={methods}
        value={filter.method}
        onChange={(method) => change({ method })}
      />
      <Choice
        label="Route"
        any="Any route"
        values={routes}
        value={filter.route}
        onChange={(route) => change({ route })}
      />
      <input
        aria-label="Path contains"
        placeholder="Path contains"
        value={filter.path}
        onChange={(event) => change({ path: event.target.value })}
      />
      <input
        className={styles['short']}
        aria-label="At least, milliseconds"
        placeholder="≥ ms"
        inputMode="decimal"
        value={filter.minMs}
        onChange={(event) => change({ minMs: event.target.value })}
      />
      <input
        className={styles['short']}
        aria-label="Less than, milliseconds"
        placeholder="&lt; ms"
        inputMode="decimal"
        value={filter.maxMs}
        onChange={(event) => change({ maxMs: event.target.value })}
      />
      {!isUnfiltered && (
        <>
          <span role="status">
            {grouped(passed)} of {grouped(traces.length)}
          </span>
          <Button kind="quiet" onClick={() => onChange(NO_FILTER)}>
            Clear
          </Button>
        </>
      )}
      <span className={styles['legend']}>
        <PartLegend />
      </span>
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly any: string;
  readonly values: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, any, values, value, onChange }: ChoiceProps) {
  const offered = value === '' || values.includes(value) ? values : [...values, value];
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{any}</option>
      {offered.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
