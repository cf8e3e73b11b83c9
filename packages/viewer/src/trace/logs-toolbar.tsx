import { LOG_LEVELS, type LogLevel } from '@gatescope/base';
import type { LogLine } from '@gatescope/protocol';
import { type RefObject, useMemo } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { ALL_LINES, countsOf, isFiltering, type LogFilter } from '../engine/log-filter.ts';
import { nameOf, type TraceModel } from '../engine/trace-model.ts';
import { cutText, shortId, visibleText } from '../engine/visible-text.ts';
import { Button } from '../parts/button.tsx';
import styles from './logs-toolbar.module.css';

interface Props {
  readonly lines: readonly LogLine[];
  readonly shownCount: number;
  readonly isCut: boolean;
  readonly model: TraceModel;
  readonly filter: LogFilter;
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly onFilter: (changed: Partial<LogFilter>) => void;
  readonly onLeave: () => void;
}

/** Choices of one filter, at most: the most frequent. */
const CHOICES_MAX = 60;

/** What is wanted of the log: level, type, source, span, text. */
export function LogsToolbar({ lines, shownCount, isCut, model, filter, inputRef, onFilter, onLeave }: Props) {
  const { types, sources, spans } = useMemo(() => {
    const rows = new Map(model.skeleton.span_id.map((id, row) => [id, row]));
    return {
      types: countsOf(lines, ({ type }) => type),
      sources: countsOf(lines, ({ source }) => source),
      spans: countsOf(lines, ({ span_id }) => span_id).map(([id, count]): Choice => {
        const row = rows.get(id);
        return [id, row === undefined ? `span ${shortId(id)}` : nameOf(model, row), count];
      }),
    };
  }, [lines, model]);
  const known = (list: readonly Choice[], value: string, name: () => string): readonly Choice[] =>
    value === '' || list.some(([id]) => id === value) ? list : [[value, name(), 0], ...list];
  const spanName = () => {
    const row = model.skeleton.span_id.indexOf(filter.spanId);
    return row < 0 ? `span ${shortId(filter.spanId)}` : nameOf(model, row);
  };
  return (
    <search className={styles['toolbar']}>
      <input
        ref={inputRef}
        type="search"
        className={styles['text']}
        aria-label="Text in the log"
        aria-keyshortcuts="/"
        placeholder="Text in a message or attribute"
        spellCheck={false}
        value={filter.text}
        onChange={(event) => onFilter({ text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && filter.text !== '') onFilter({ text: '' });
          else if (event.key === 'Escape' || event.key === 'Enter') onLeave();
        }}
      />
      <Choose
        label="Level"
        all="Any level"
        value={filter.level}
        choices={LOG_LEVELS.map(
          (level) => [level, level === 'emerg' ? level : `${level} and above`, null] as const,
        )}
        onChange={(level) => onFilter({ level: level as LogLevel | '' })}
      />
      <Choose
        label="Type"
        all="Any type"
        value={filter.type}
        choices={known(types.map(same), filter.type, () => filter.type)}
        onChange={(type) => onFilter({ type })}
      />
      <Choose
        label="Source"
        all="Any source"
        value={filter.source}
        choices={known(sources.map(same), filter.source, () => filter.source)}
        onChange={(source) => onFilter({ source })}
      />
      <Choose
        label="Span"
        all="Any span"
        value={filter.spanId}
        choices={known(spans, filter.spanId, spanName)}
        onChange={(spanId) => onFilter({ spanId })}
      />
      <label className={styles['below']} aria-disabled={filter.spanId === ''}>
        <input
          type="checkbox"
          checked={filter.subtree}
          disabled={filter.spanId === ''}
          onChange={(event) => onFilter({ subtree: event.target.checked })}
        />
        with spans below
      </label>
      <span className={styles['count']} role="status">
        {shownCount === lines.length
          ? grouped(lines.length)
          : `${grouped(shownCount)} of ${grouped(lines.length)}`}{' '}
        {lines.length === 1 ? 'line' : 'lines'}
        {isCut && ', the newest'}
      </span>
      {isFiltering(filter) && (
        <Button kind="quiet" onClick={() => onFilter(ALL_LINES)}>
          Show all
        </Button>
      )}
    </search>
  );
}

type Choice = readonly [value: string, label: string, count: number | null];

const same = ([value, count]: readonly [string, number]): Choice => [value, value, count];

interface ChooseProps {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

function Choose({ label, all, value, choices, onChange }: ChooseProps) {
  return (
    <select
      aria-label={label}
      className={value === '' ? styles['choice'] : styles['chosen']}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{all}</option>
      {choices.slice(0, CHOICES_MAX).map(([id, text, count]) => (
        <option key={id} value={id}>
          {visibleText(cutText(text, 80))}
          {count === null ? '' : ` (${grouped(count)})`}
        </option>
      ))}
    </select>
  );
}
