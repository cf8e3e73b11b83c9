import type { TraceSummary } from '@gatescope/protocol';

/** What the list of a session's traces is narrowed to. */
export interface TraceListFilter {
  /** `2xx` … `5xx`, a status, `error` for traces with an error; empty: all. */
  readonly status: string;
  readonly method: string;
  readonly route: string;
  /** Milliseconds, as typed. */
  readonly minMs: string;
  /** Milliseconds, as typed; what takes as long or longer is left out. */
  readonly maxMs: string;
  /** Start, milliseconds since the epoch: from, and before. */
  readonly from: string;
  readonly to: string;
  /** Looked for in the path. */
  readonly path: string;
}

const KEYS = {
  status: 'status',
  method: 'method',
  route: 'route',
  minMs: 'min_ms',
  maxMs: 'max_ms',
  from: 'from',
  to: 'to',
  path: 'path',
} as const;
export const NO_FILTER: TraceListFilter = {
  status: '',
  method: '',
  route: '',
  minMs: '',
  maxMs: '',
  from: '',
  to: '',
  path: '',
};

export function readTraceFilter(query: string): TraceListFilter {
  const fields = new URLSearchParams(query);
  const filter: Record<string, string> = {};
  for (const [key, name] of Object.entries(KEYS)) filter[key] = fields.get(name) ?? '';
  return filter as unknown as TraceListFilter;
}

export function writeTraceFilter(filter: TraceListFilter): string {
  const fields = new URLSearchParams();
  for (const [key, name] of Object.entries(KEYS) as [keyof TraceListFilter, string][])
    if (filter[key] !== '') fields.set(name, filter[key]);
  return fields.toString();
}

/** Whether nothing is asked. */
export function isUnfiltered(filter: TraceListFilter): boolean {
  return writeTraceFilter(filter) === '';
}

/** Whether a trace is what the filter asks for. */
export function passes(filter: TraceListFilter, trace: TraceSummary): boolean {
  const least = Number(filter.minMs);
  const most = Number(filter.maxMs);
  return (
    (filter.status === '' || hasStatus(filter.status, trace)) &&
    (filter.method === '' || trace.method === filter.method) &&
    (filter.route === '' || trace.route === filter.route) &&
    (filter.minMs === '' || !(least > 0) || trace.duration_ms >= least) &&
    (filter.maxMs === '' || !(most > 0) || trace.duration_ms < most) &&
    startsWithin(filter, trace) &&
    (filter.path === '' || trace.path.toLowerCase().includes(filter.path.toLowerCase()))
  );
}

function startsWithin({ from, to }: TraceListFilter, { started_at: startedAt }: TraceSummary): boolean {
  if (from === '' && to === '') return true;
  const at = Date.parse(startedAt);
  return !(at < Number(from)) && (to === '' || !(at >= Number(to)));
}

function hasStatus(wanted: string, { status_code: status, error }: TraceSummary): boolean {
  if (wanted === 'error') return error !== null || (status !== null && status >= 500);
  if (status === null) return false;
  return /^[1-5]xx$/i.test(wanted) ? String(status)[0] === wanted[0] : String(status) === wanted;
}
