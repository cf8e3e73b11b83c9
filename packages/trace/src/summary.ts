import { type LatencyParts, latencyRank, partsOf, type TimedSpan } from './latency-parts.ts';
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

/** Attributes of the root and of the router that are in a summary. */
export const SUMMARY_ATTRIBUTES: readonly string[] = [
  'url.full',
  'http.request.method',
  'http.request.header.host',
  'http.response.status_code',
  'proxy.kong.upstream_status_code',
  'proxy.kong.router.route_id',
  'proxy.kong.router.service_id',
  'proxy.kong.consumer_id',
  'client.address',
];

/** What a summary is made of: a span, however it is kept. Times are nanoseconds. */
export interface SpanGist extends TimedSpan {
  readonly spanId: string;
  readonly parentId: string | null;
  readonly startUnixNano: string;
  /** What it says of its failure; null: it did not fail. */
  readonly failure: string | null;
  /** Whether it has {@link EXIT_STATUS_ATTRIBUTE}. */
  readonly exits: boolean;
  /** At least those that are {@link SUMMARY_ATTRIBUTES}. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Summarises a trace; null where it has no root span called `kong`. */
export function summarise(spans: readonly Span[]): SpanSummary | null {
  return summaryOf(spans.map((span) => new GistOfSpan(span)));
}

/** Summarises a trace by the gists of its spans; null where it has no root span called `kong`. */
export function summaryOf<Gist extends SpanGist>(spans: readonly Gist[]): SpanSummary | null {
  const root = spans.find((span) => span.name === 'kong');
  if (root === undefined) return null;
  const router = spans.find((span) => span.name === 'kong.router')?.attributes;
  const { attributes } = root;
  const parts = partsOf(spans);
  const url = textOf(attributes['url.full']);
  return {
    root_span_id: root.spanId,
    start_unix_nano: root.startUnixNano,
    method: textOf(attributes['http.request.method']) ?? '',
    host: textOf(attributes['http.request.header.host']),
    path: url === null ? '' : pathOf(url),
    status_code: numberOf(attributes['http.response.status_code']),
    upstream_status_code: numberOf(attributes['proxy.kong.upstream_status_code']),
    duration_ms: parts.total_ms,
    upstream_ms: parts.upstream_ms,
    gateway_ms: parts.gateway_ms,
    client_ms: parts.client_ms,
    io_ms: parts.io_ms,
    route_id: textOf(router?.['proxy.kong.router.route_id']),
    service_id: textOf(router?.['proxy.kong.router.service_id']),
    consumer_id: textOf(attributes['proxy.kong.consumer_id']),
    client_address: textOf(attributes['client.address']),
    span_count: spans.length,
    error: errorOf(root, spans),
    slowest_plugin: slowestPlugin(spans),
    exited_by: exitedBy(spans),
  };
}

/** Divides the root span's time; all zero where there is no root. */
export function latencyParts(spans: readonly Span[]): LatencyParts {
  return partsOf(spans.map((span) => new GistOfSpan(span)));
}

class GistOfSpan implements SpanGist {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get name(): string {
    return this.#span.name;
  }

  get spanId(): string {
    return this.#span.span_id;
  }

  get parentId(): string | null {
    return this.#span.parent_span_id;
  }

  get startUnixNano(): string {
    return this.#span.start_unix_nano;
  }

  get failure(): string | null {
    const { code, message } = this.#span.status;
    return code === 'ERROR' ? message : null;
  }

  get exits(): boolean {
    return this.attributes[EXIT_STATUS_ATTRIBUTE] !== undefined;
  }

  get attributes(): Span['attributes'] {
    return this.#span.attributes;
  }

  get duration(): number {
    return this.endAfter(this);
  }

  startAfter(origin: GistOfSpan): number {
    return Number(BigInt(this.#span.start_unix_nano) - BigInt(origin.#span.start_unix_nano));
  }

  endAfter(origin: GistOfSpan): number {
    return Number(BigInt(this.#span.end_unix_nano) - BigInt(origin.#span.start_unix_nano));
  }
}

/**
 * What the root says failed, or the first span below it that says so; a message goes before a bare failure. I/O that failed is the plugin's
 * to judge: what it could not do without fails the plugin too.
 */
function errorOf(root: SpanGist, spans: readonly SpanGist[]): string | null {
  if (root.failure) return root.failure;
  let first = root.failure === null ? null : root;
  let named: ReadonlyMap<string, SpanGist> | null = null;
  for (const span of spans) {
    if (span.failure === null || latencyRank(span.name) === 0) continue;
    if (span.name === 'kong.dns') {
      named ??= byId(spans);
      const parent = named.get(span.parentId ?? '');
      // A name that was looked up for a plugin's I/O.
      if (parent !== undefined && latencyRank(parent.name) === 0) continue;
    }
    if (span.failure !== '') return span.failure;
    first ??= span;
  }
  return first === null ? null : `${first.name} failed`;
}

/** Where an id comes twice, the first span has it. */
function byId(spans: readonly SpanGist[]): ReadonlyMap<string, SpanGist> {
  const all = new Map<string, SpanGist>();
  for (const span of spans) if (!all.has(span.spanId)) all.set(span.spanId, span);
  return all;
}

function slowestPlugin(spans: readonly SpanGist[]): SpanSummary['slowest_plugin'] {
  let slowest: SpanSummary['slowest_plugin'] = null;
  for (const span of spans) {
    const match = PLUGIN_SPAN.exec(span.name);
    if (match === null) continue;
    const duration = span.duration / 1e6;
    if (slowest === null || duration > slowest.duration_ms)
      slowest = { name: match[2]!, phase: match[1]!, duration_ms: duration };
  }
  return slowest;
}

function exitedBy(spans: readonly SpanGist[]): string | null {
  const span = spans.find((one) => one.exits);
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
