import type { Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { PERIODS, type Period, WindowCounters } from './window-counters.ts';

/** Limits how many requests may come in fixed windows of time, counted on this worker. */
export const rateLimiting: PluginDefinition = {
  name: 'rate-limiting',
  schema: {
    ...Object.fromEntries(PERIODS.map(({ name }) => [name, { type: 'number', min: 1 } as const])),
    limit_by: {
      type: 'string',
      oneOf: ['consumer', 'credential', 'ip', 'service', 'header', 'path'],
      default: 'consumer',
    },
    header_name: { type: 'string' },
    path: { type: 'string' },
    policy: { type: 'string', oneOf: ['local'], default: 'local' },
    fault_tolerant: { type: 'boolean', default: true },
    hide_client_headers: { type: 'boolean', default: false },
    error_code: { type: 'integer', min: 200, max: 599, default: 429 },
    error_message: { type: 'string', default: 'API rate limit exceeded' },
    sync_rate: { type: 'number', default: -1 },
  },
  check: (config) => {
    if (PERIODS.every(({ name }) => config[name] === null))
      return [{ path: [], message: `one of ${PERIODS.map(({ name }) => name).join(', ')} is set` }];
    if (config['limit_by'] === 'header' && config['header_name'] === null)
      return [{ path: ['header_name'], message: 'limit_by header needs a header_name' }];
    return config['limit_by'] === 'path' && config['path'] === null
      ? [{ path: ['path'], message: 'limit_by path needs a path' }]
      : [];
  },
  create(config, { now }) {
    const limits = PERIODS.filter(({ name }) => config[name] !== null).map((period) => ({
      period,
      limit: config[period.name] as number,
      title: title(period),
    }));
    const counters = new WindowCounters();
    const identify = identifier(config);
    const hidden = config['hide_client_headers'] === true;
    const status = config['error_code'] as number;
    const message = config['error_message'] as string;
    return {
      access(exchange) {
        const id = identify(exchange);
        if (id === null) return;
        const nowMs = now();
        const fields = hidden ? null : exchange.shared;
        let reset = 0;
        let exceeded = false;
        let tightest = Number.POSITIVE_INFINITY;
        let report: RateLimitReport | null = null;
        for (const { period, limit } of limits) {
          const used = counters.used(id, period, nowMs);
          const left = Math.max(0, limit - used);
          // Of periods that leave equally few the longest says when to come back.
          if (left <= tightest) {
            tightest = left;
            reset = Math.max(1, Math.ceil((counters.windowStart(period, nowMs) + period.ms - nowMs) / 1_000));
            report = { limit, remaining: Math.max(0, left - 1), reset, each: [] };
          }
          if (left === 0) exceeded = true;
        }
        if (!exceeded) for (const { period } of limits) counters.add(id, period, nowMs);
        if (fields !== null && report !== null) {
          report.each = limits.map(({ period, limit, title: name }) => ({
            name,
            limit,
            remaining: Math.max(0, limit - counters.used(id, period, nowMs)),
          }));
          if (exceeded) report.remaining = 0;
          fields.set(REPORT, report);
        }
        if (exceeded) exchange.fail(status, message, hidden ? {} : { 'Retry-After': String(reset) });
      },
      ...(hidden
        ? {}
        : {
            headerFilter(exchange) {
              const report = exchange.shared.get(REPORT) as RateLimitReport | undefined;
              const headers = exchange.response?.headers;
              if (report === undefined || headers === undefined) return;
              headers.set('RateLimit-Limit', String(report.limit));
              headers.set('RateLimit-Remaining', String(report.remaining));
              headers.set('RateLimit-Reset', String(report.reset));
              for (const { name, limit, remaining } of report.each) {
                headers.set(`X-RateLimit-Limit-${name}`, String(limit));
                headers.set(`X-RateLimit-Remaining-${name}`, String(remaining));
              }
            },
          }),
    };
  },
};

interface RateLimitReport {
  readonly limit: number;
  remaining: number;
  readonly reset: number;
  each: { readonly name: string; readonly limit: number; readonly remaining: number }[];
}

const REPORT = 'rate-limiting:report';

function title(period: Period): string {
  return period.name[0]!.toUpperCase() + period.name.slice(1);
}

/** Whom a request is counted for; null: it is not counted. Without what is asked for, the client's address counts. */
function identifier(config: Readonly<Record<string, unknown>>): (exchange: Exchange) => string | null {
  const header = (config['header_name'] as string | null)?.toLowerCase() ?? '';
  const path = config['path'] as string | null;
  switch (config['limit_by']) {
    case 'service':
      return (exchange) => exchange.service?.id ?? exchange.request.clientAddress;
    case 'ip':
      return (exchange) => exchange.request.clientAddress;
    case 'credential':
      return (exchange) => exchange.credential?.id ?? exchange.request.clientAddress;
    case 'header':
      return (exchange) => exchange.request.headers.get(header) ?? exchange.request.clientAddress;
    case 'path':
      return (exchange) => (exchange.request.path === path ? path : exchange.request.clientAddress);
    default:
      return (exchange) => exchange.consumer?.id ?? exchange.credential?.id ?? exchange.request.clientAddress;
  }
}
