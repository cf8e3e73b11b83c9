import { LOG_LEVELS } from '@gatescope/base';
import { ALL_LINES, type LogFilter } from './log-filter.ts';
import type { TimeRange } from './time-range.ts';

/** What a trace's tabs keep in the URL, so that a link shows the same. */
export interface TraceUrlState {
  readonly spanId: string | null;
  readonly range: TimeRange | null;
  readonly filter: string;
  /** Whether the critical path is shown. */
  readonly path: boolean;
  /** The query that the session's list was narrowed by: what comes before and after a trace. */
  readonly list: string;
  readonly log: LogFilter;
  /** How bodies are shown. */
  readonly body: BodyView;
}

/** How a body is shown: laid out, as it came, or byte by byte. */
export const BODY_VIEWS = ['pretty', 'raw', 'hex'] as const;
export type BodyView = (typeof BODY_VIEWS)[number];

/** The state in which a trace opens. */
export const NO_VIEW: TraceUrlState = {
  spanId: null,
  range: null,
  filter: '',
  path: false,
  list: '',
  log: ALL_LINES,
  body: 'pretty',
};

/** Reads the state from a query; what is malformed is left out. */
export function readTraceUrl(query: string): TraceUrlState {
  const fields = new URLSearchParams(query);
  const spanId = fields.get('span');
  return {
    spanId: spanId !== null && /^[0-9a-f]{1,32}$/i.test(spanId) ? spanId : null,
    range: readRange(fields.get('zoom')),
    filter: fields.get('q') ?? '',
    path: fields.get('path') === '1',
    list: fields.get('list') ?? '',
    log: readLog(fields),
    body: BODY_VIEWS.find((one) => one === fields.get('body')) ?? 'pretty',
  };
}

function readLog(fields: URLSearchParams): LogFilter {
  return {
    level: LOG_LEVELS.find((one) => one === fields.get('level')) ?? '',
    type: fields.get('type') ?? '',
    source: fields.get('source') ?? '',
    spanId: fields.get('of') ?? '',
    subtree: fields.get('below') !== '0',
    text: fields.get('find') ?? '',
  };
}

/** The query of a state, without `?`; empty for the state that a trace opens in. What is left out is as it opens. */
export function writeTraceUrl(state: Partial<TraceUrlState>): string {
  const { spanId, range, filter, path, list, log, body } = { ...NO_VIEW, ...state };
  const fields = new URLSearchParams();
  if (spanId !== null) fields.set('span', spanId);
  if (range !== null) fields.set('zoom', `${Math.round(range.fromNs)}-${Math.round(range.toNs)}`);
  if (filter !== '') fields.set('q', filter);
  if (path) fields.set('path', '1');
  if (list !== '') fields.set('list', list);
  const asked = { level: log.level, type: log.type, source: log.source, of: log.spanId, find: log.text };
  for (const [name, value] of Object.entries(asked)) if (value !== '') fields.set(name, value);
  if (!log.subtree) fields.set('below', '0');
  if (body !== 'pretty') fields.set('body', body);
  return fields.toString();
}

function readRange(text: string | null): TimeRange | null {
  const parts = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '');
  if (parts === null) return null;
  const range = { fromNs: Number(parts[1]), toNs: Number(parts[2]) };
  return range.toNs > range.fromNs ? range : null;
}
