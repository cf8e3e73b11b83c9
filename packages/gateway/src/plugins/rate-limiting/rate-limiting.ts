import { messageOf } from '@gatescope/base';
import type { Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { RedisCounters } from './redis-counters.ts';
import { checkRedis, REDIS_FIELDS, redisOptionsOf } from './redis-fields.ts';
import { PERIODS, type Period, WindowCounters } from './window-counters.ts';

/** Limits how many requests may come in fixed windows of time, counted on this worker or in a Redis that all gateways share. */
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
    policy: { type: 'string', oneOf: ['local', 'redis'], default: 'local' },
    fault_tolerant: { type: 'boolean', default: true },
    hide_client_headers: { type: 'boolean', default: false },
    error_code: { type: 'integer', min: 200, max: 599, default: 429 },
    error_message: { type: 'string', default: 'API rate limit exceeded' },
    sync_rate: { type: 'number', default: -1 },
    ...REDIS_FIELDS,
  },
  check: (config) => {
    if (PERIODS.every(({ name }) => config[name] === null))
      return [{ path: [], message: `one of ${PERIODS.map(({ name }) => name).join(', ')} is set` }];
    if (config['limit_by'] === 'header' && config['header_name'] === null)
      return [{ path: ['header_name'], message: 'limit_by header needs a header_name' }];
    if (config['limit_by'] === 'path' && config['path'] === null)
      return [{ path: ['path'], message: 'limit_by path needs a path' }];
    return config['policy'] === 'redis' ? checkRedis(config) : [];
  },
  create(config, { now, instanceId }) {
    const limits = PERIODS.filter(({ name }) => config[name] !== null).map((period) => ({
      period,
      limit: config[period.name] as number,
      title: title(period),
    }));
    const counters = new WindowCounters();
    const redis =
      config['policy'] === 'redis'
        ? new RedisCounters(redisOptionsOf(config), `ratelimit:${instanceId}`)
        : null;
    const tolerant = config['fault_tolerant'] === true;
    const identify = identifier(config);
    const hidden = config['hide_client_headers'] === true;
    const status = config['error_code'] as number;
    const message = config['error_message'] as string;

    /** `used`: how often the caller came before, by limit; the request has been counted unless one is reached. */
    const judge = (exchange: Exchange, used: readonly number[], nowMs: number): void => {
      const lefts = limits.map(({ limit }, index) => Math.max(0, limit - used[index]!));
      const exceeded = lefts.includes(0);
      // Of periods that leave equally few the longest says when to come back.
      const tightest = lefts.lastIndexOf(Math.min(...lefts));
      const { period, limit } = limits[tightest]!;
      const reset = Math.max(1, Math.ceil((counters.windowStart(period, nowMs) + period.ms - nowMs) / 1_000));
      const remaining = (left: number) => (exceeded ? left : left - 1);
      if (!hidden) {
        const each = limits.map(({ limit: of, title: name }, index) => ({
          name,
          limit: of,
          remaining: remaining(lefts[index]!),
        }));
        const report: RateLimitReport = {
          limit,
          remaining: exceeded ? 0 : remaining(lefts[tightest]!),
          reset,
          each,
        };
        exchange.shared.set(REPORT, report);
      }
      exchange.debug?.(
        exceeded
          ? `the limit of ${limit} a ${period.name} is reached`
          : `${lefts[tightest]! - 1} of ${limit} a ${period.name} are left`,
        { policy: redis === null ? 'local' : 'redis', limit_by: config['limit_by'], resets_in_s: reset },
      );
      if (exceeded) exchange.fail(status, message, hidden ? {} : { 'Retry-After': String(reset) });
    };

    const countLocally = (exchange: Exchange, id: string): void => {
      const nowMs = now();
      const used = limits.map(({ period }) => counters.used(id, period, nowMs));
      if (limits.every(({ limit }, index) => used[index]! < limit))
        for (const { period } of limits) counters.add(id, period, nowMs);
      judge(exchange, used, nowMs);
    };

    const countInRedis = async (store: RedisCounters, exchange: Exchange, id: string): Promise<void> => {
      const nowMs = now();
      const windows = limits.map(({ period, limit }) => ({
        period,
        limit,
        startMs: counters.windowStart(period, nowMs),
      }));
      let used: readonly number[];
      try {
        used = await store.count(id, windows, nowMs);
      } catch (error) {
        if (!tolerant) throw error;
        exchange.log('error', `requests are not limited: Redis does not answer (${messageOf(error)})`);
        return;
      }
      judge(exchange, used, nowMs);
    };

    return {
      access(exchange) {
        const id = identify(exchange);
        if (id === null) {
          exchange.debug?.('not limited: the request has none of what it would be counted by');
          return undefined;
        }
        if (redis !== null) return countInRedis(redis, exchange, id);
        countLocally(exchange, id);
        return undefined;
      },
      ...(redis === null ? {} : { close: () => redis.close() }),
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
  readonly remaining: number;
  readonly reset: number;
  readonly each: readonly { readonly name: string; readonly limit: number; readonly remaining: number }[];
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
