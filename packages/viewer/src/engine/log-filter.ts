import { LOG_LEVELS, type LogLevel } from '@gatescope/base';
import type { LogLine } from '@gatescope/protocol';
import { attributeText } from './attribute-groups.ts';
import { descendantsOf, type TraceModel } from './trace-model.ts';
import { offsetNs } from './wall-time.ts';

/** What is wanted of a trace's log; empty: all of it. */
export interface LogFilter {
  /** The lowest level; empty: any. */
  readonly level: LogLevel | '';
  readonly type: string;
  readonly source: string;
  /** Id of a span; empty: any line. */
  readonly spanId: string;
  /** Whether the lines of all spans below count as the span's. */
  readonly subtree: boolean;
  /** In the message or an attribute, in whatever case. */
  readonly text: string;
}

export const ALL_LINES: LogFilter = { level: '', type: '', source: '', spanId: '', subtree: true, text: '' };

/** The lines that a filter lets through, in their order. */
export function filterLines(
  lines: readonly LogLine[],
  filter: LogFilter,
  model: TraceModel,
): readonly LogLine[] {
  const least = filter.level === '' ? 0 : LOG_LEVELS.indexOf(filter.level);
  const spans = filter.spanId === '' ? null : spansOf(model, filter.spanId, filter.subtree);
  const text = filter.text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      LOG_LEVELS.indexOf(line.level) >= least &&
      (filter.type === '' || line.type === filter.type) &&
      (filter.source === '' || line.source === filter.source) &&
      (spans === null || (line.span_id !== null && spans.has(line.span_id))) &&
      (text === '' || says(line, text)),
  );
}

/** Whether a filter asks for anything. */
export function isFiltering({ level, type, source, spanId, text }: LogFilter): boolean {
  return level !== '' || type !== '' || source !== '' || spanId !== '' || text.trim() !== '';
}

/** How often each value occurs, the most frequent first. */
export function countsOf(
  lines: readonly LogLine[],
  read: (line: LogLine) => string | null,
): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const value = read(line);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** When a line was written after the trace's first instant, to the microsecond: `+12.345 ms`, `−0.040 ms`. */
export function lineOffset(line: LogLine, originUnixNano: string): string {
  const ns = offsetNs(originUnixNano, line.time_unix_nano);
  return `${ns < 0 ? '−' : '+'}${(Math.abs(ns) / 1e6).toFixed(3)} ms`;
}

/** The row of the span that a line belongs to; -1 where it belongs to none of this trace. */
export function rowOfLine({ span_id }: LogLine, model: TraceModel): number {
  return span_id === null ? -1 : model.skeleton.span_id.indexOf(span_id);
}

function spansOf(model: TraceModel, spanId: string, subtree: boolean): ReadonlySet<string> {
  const row = model.skeleton.span_id.indexOf(spanId);
  if (row < 0 || !subtree) return new Set([spanId]);
  return new Set([
    spanId,
    ...Array.from(descendantsOf(model, row), (below) => model.skeleton.span_id[below]!),
  ]);
}

function says({ message, attributes }: LogLine, text: string): boolean {
  return (
    message.toLowerCase().includes(text) ||
    Object.entries(attributes).some(
      ([name, value]) =>
        name.toLowerCase().includes(text) ||
        attributeText({ value, unit: null }).toLowerCase().includes(text),
    )
  );
}
