import { latencyParts, latencyRank } from './latency-parts.ts';
import type { AttributeValue, Span } from './span.ts';

/** What the spans of a trace say in one row. Durations are milliseconds. */
export interface SpanSummary {
  readonly root_span_id: string;
  readonly start_unix_nano: string;
  readonly method: string;
  readonly host: string | null;
  readonly path: string;
  readonly status_code: number | null;
  readonly upstream_status_code: number | null;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly gateway_ms: number;
  readonly client_ms: number;
  readonly io_ms: number;
  readonly route_id: string | null;
  readonly service_id: string | null;
  readonly consumer_id: string | null;
  readonly client_address: string | null;
  readonly span_count: number;
  readonly error: string | null;
  readonly slowest_plugin: {
    readonly name: string;
    readonly phase: string;
    readonly duration_ms: number;
  } | null;
  readonly exited_by: string | null;
}

/** Attribute by which a plugin's span says that the plugin ended the request, and with which status. */
export const EXIT_STATUS_ATTRIBUTE = 'proxy.kong.plugin.exit_status';

/** Summarises a trace; null where it has no root span called `kong`. */
export function summarise(spans: readonly Span[]): SpanSummary | null {
  const root = spans.find((span) => span.name === 'kong');
  if (root === undefined) return null;
  const router = spans.find((span) => span.name === 'kong.router');
  const parts = latencyParts(spans);
  const url = textOf(root.attributes['url.full']);
  return {
    root_span_id: root.span_id,
    start_unix_nano: root.start_unix_nano,
    method: textOf(root.attributes['http.request.method']) ?? '',
    host: textOf(root.attributes['http.request.header.host']),
    path: url === null ? '' : pathOf(url),
    status_code: numberOf(root.attributes['http.response.status_code']),
    upstream_status_code: numberOf(root.attributes['proxy.kong.upstream_status_code']),
    duration_ms: parts.total_ms,
    upstream_ms: parts.upstream_ms,
    gateway_ms: parts.gateway_ms,
    client_ms: parts.client_ms,
    io_ms: parts.io_ms,
    route_id: textOf(router?.attributes['proxy.kong.router.route_id']),
    service_id: textOf(router?.attributes['proxy.kong.router.service_id']),
    consumer_id: textOf(root.attributes['proxy.kong.consumer_id']),
    client_address: textOf(root.attributes['client.address']),
    span_count: spans.length,
    error: errorOf(root, spans),
    slowest_plugin: slowestPlugin(spans),
    exited_by: exitedBy(spans),
  };
}

/**
 * What the root says failed, or the first span below it that says so; a message goes before a bare failure. I/O that failed is the plugin's
 * to judge: what it could not do without fails the plugin too.
 */
function errorOf(root: Span, spans: readonly Span[]): string | null {
  const failed = [root, ...spans].filter(
    (span) => span.status.code === 'ERROR' && latencyRank(span.name) !== 0 && !isBelowIo(span, spans),
  );
  const told = failed.find((span) => span.status.message !== '');
  if (told !== undefined) return told.status.message;
  return failed[0] === undefined ? null : `${failed[0].name} failed`;
}

/** A name that was looked up for a plugin's I/O. */
function isBelowIo({ name, parent_span_id }: Span, spans: readonly Span[]): boolean {
  if (name !== 'kong.dns') return false;
  const parent = spans.find((one) => one.span_id === parent_span_id);
  return parent !== undefined && latencyRank(parent.name) === 0;
}

function slowestPlugin(spans: readonly Span[]): SpanSummary['slowest_plugin'] {
  let slowest: SpanSummary['slowest_plugin'] = null;
  for (const span of spans) {
    const match = PLUGIN_SPAN.exec(span.name);
    if (match === null) continue;
    const duration = Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6;
    if (slowest === null || duration > slowest.duration_ms)
      slowest = { name: match[2]!, phase: match[1]!, duration_ms: duration };
  }
  return slowest;
}

function exitedBy(spans: readonly Span[]): string | null {
  const span = spans.find((one) => one.attributes[EXIT_STATUS_ATTRIBUTE] !== undefined);
  return span === undefined ? null : (PLUGIN_SPAN.exec(span.name)?.[2] ?? null);
}

const PLUGIN_SPAN = /^kong\.([a-z_]+)\.plugin\.(.+)$/;

function pathOf(url: string): string {
  const authority = url.indexOf('://');
  const slash = url.indexOf('/', authority < 0 ? 0 : authority + 3);
  return slash < 0 ? '/' : url.slice(slash);
}

function textOf(value: AttributeValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: AttributeValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
