import type { TraceSummary } from '@gatescope/protocol';
import type { TraceListFilter } from './trace-list-filter.ts';

/** One value that traces have, how many have it, and the filter that asks for it. */
export interface FacetValue {
  readonly label: string;
  readonly count: number;
  readonly asks: Partial<TraceListFilter>;
}

export interface Facet {
  readonly name: string;
  readonly values: readonly FacetValue[];
}

/** Routes told, at most: the most frequent. */
const ROUTES_MAX = 6;
/** Upper ends of the classes of latency, ms. */
const LATENCIES = [1, 10, 100, 1_000] as const;

/** What traces have in common: classes of status, routes, classes of latency; each with how many. */
export function traceFacets(traces: readonly TraceSummary[]): readonly Facet[] {
  const statuses = new Map<string, number>();
  const routes = new Map<string, number>();
  const latencies = new Array<number>(LATENCIES.length + 1).fill(0);
  let errors = 0;
  for (const { status_code: status, route, duration_ms: ms, error } of traces) {
    const hundred = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
    statuses.set(hundred, (statuses.get(hundred) ?? 0) + 1);
    if (route !== null) routes.set(route, (routes.get(route) ?? 0) + 1);
    const at = LATENCIES.findIndex((end) => ms < end);
    latencies[at < 0 ? LATENCIES.length : at]!++;
    if (error !== null || (status !== null && status >= 500)) errors++;
  }
  return [
    {
      name: 'Status',
      values: [
        ...[...statuses]
          .filter(([value]) => value !== 'none')
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([value, count]) => ({ label: value, count, asks: { status: value } })),
        ...(errors > 0 ? [{ label: 'with an error', count: errors, asks: { status: 'error' } }] : []),
      ],
    },
    {
      name: 'Latency',
      values: latencies.flatMap((count, index): FacetValue[] => {
        const from = LATENCIES[index - 1];
        const to = LATENCIES[index];
        const asks = {
          minMs: from === undefined ? '' : String(from),
          maxMs: to === undefined ? '' : String(to),
        };
        return count === 0 ? [] : [{ label: latencyLabel(from, to), count, asks }];
      }),
    },
    {
      name: 'Route',
      values: [...routes]
        .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
        .slice(0, ROUTES_MAX)
        .map(([value, count]) => ({ label: value, count, asks: { route: value } })),
    },
  ];
}

/** Whether a filter asks for a value already. */
export function isAsked(filter: TraceListFilter, { asks }: FacetValue): boolean {
  return Object.entries(asks).every(([key, value]) => filter[key as keyof TraceListFilter] === value);
}

/** The filter after a facet's value was chosen, or let go where it was. */
export function withFacet(filter: TraceListFilter, value: FacetValue): TraceListFilter {
  if (!isAsked(filter, value)) return { ...filter, ...value.asks };
  return { ...filter, ...Object.fromEntries(Object.keys(value.asks).map((key) => [key, ''])) };
}

function latencyLabel(from: number | undefined, to: number | undefined): string {
  const text = (ms: number) => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`);
  if (from === undefined) return `< ${text(to!)}`;
  if (to === undefined) return `≥ ${text(from)}`;
  return to < 1_000 ? `${from}–${text(to)}` : `${text(from)} – ${text(to)}`;
}
