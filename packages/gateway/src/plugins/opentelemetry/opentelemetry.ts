import { randomHex } from '@gatescope/base';
import { isFieldName, isFieldValue } from '@gatescope/http1';
import { encodeResource } from '@gatescope/trace';
import type { Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { DeliveryClient } from '../delivery-client.ts';
import { DeliveryQueue } from '../delivery-queue.ts';
import { queueFields, queueLimitsOf } from '../queue-fields.ts';
import { otlpBody } from './otlp-body.ts';
import type { TraceContext } from './trace-context.ts';
import { EXTRACTED, extract, FORMATS } from './trace-formats.ts';

interface Propagation {
  readonly extract: readonly string[] | null;
  readonly clear: readonly string[] | null;
  readonly inject: readonly string[] | null;
  readonly default_format: string;
}

const format = { type: 'string', oneOf: Object.keys(FORMATS) } as const;
const timeout = (value: number) => ({ type: 'integer', min: 1, max: 2_147_483_646, default: value }) as const;
/** Kong's fields that this gateway has nothing for. */
const UNSUPPORTED = [
  'logs_endpoint',
  'access_logs_endpoint',
  'metrics',
  'batch_span_count',
  'batch_flush_delay',
  'header_type',
];
/** Kong samples so much where nothing else is set. */
const RATE = 0.01;
const TRACE_ID = 'opentelemetry:trace-id';

/** Sends the spans of requests to an OTLP server, at a rate and without a session, and hands traces on to the upstream. */
export const opentelemetry: PluginDefinition = {
  name: 'opentelemetry',
  schema: {
    traces_endpoint: { type: 'string', check: whatAddressLacks },
    endpoint: { type: 'string', check: whatAddressLacks },
    headers: { type: 'map', of: { type: 'string' } },
    resource_attributes: { type: 'map', of: { type: 'string' } },
    connect_timeout: timeout(1_000),
    send_timeout: timeout(5_000),
    read_timeout: timeout(5_000),
    ssl_verify: { type: 'boolean', default: true },
    sampling_rate: { type: 'number', min: 0, max: 1, default: RATE },
    sampling_strategy: {
      type: 'string',
      oneOf: ['parent_drop_probability_fallback', 'parent_probability_fallback'],
      default: 'parent_drop_probability_fallback',
    },
    http_response_header_for_traceid: { type: 'string' },
    propagation: {
      type: 'record',
      fields: {
        extract: { type: 'list', of: { type: 'string', oneOf: EXTRACTED } },
        clear: { type: 'list', of: { type: 'string' } },
        inject: { type: 'list', of: { type: 'string', oneOf: ['preserve', ...Object.keys(FORMATS)] } },
        default_format: { ...format, default: 'w3c' },
      },
    },
    ...queueFields(200),
    ...Object.fromEntries(UNSUPPORTED.map((name) => [name, { type: 'any' } as const])),
  },
  check: (config) => [
    ...UNSUPPORTED.filter((name) => config[name] !== null).map((name) => ({
      path: [name],
      message:
        name === 'header_type'
          ? 'header_type is Kong’s older field: use propagation.inject'
          : 'not supported by this gateway, which sends traces alone: leave it out',
    })),
    ...(config['traces_endpoint'] === null && config['endpoint'] === null
      ? [
          {
            path: ['traces_endpoint'],
            message: 'the address of an OTLP server, http://localhost:4318/v1/traces',
          },
        ]
      : []),
    ...Object.entries((config['headers'] ?? {}) as Record<string, string>)
      .filter(([name, value]) => !isFieldName(name) || !isFieldValue(value))
      .map(([name]) => ({ path: ['headers', name], message: 'no name or value that a header may have' })),
    ...[config['http_response_header_for_traceid']]
      .filter((name) => typeof name === 'string' && !isFieldName(name))
      .map(() => ({ path: ['http_response_header_for_traceid'], message: 'no name that a header may have' })),
  ],
  create(config, { log, instanceId }) {
    const propagation = config['propagation'] as Propagation;
    const formats = propagation.extract ?? EXTRACTED;
    const isSampled = samplerOf(config);
    const traceIdHeader = config['http_response_header_for_traceid'] as string | null;
    const client = new DeliveryClient({
      url: (config['traces_endpoint'] ?? config['endpoint']) as string,
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        ...(config['headers'] as Record<string, string> | null),
      },
      connectTimeoutMs: config['connect_timeout'] as number,
      timeoutMs: (config['send_timeout'] as number) + (config['read_timeout'] as number),
      keepAliveMs: 60_000,
      verify: config['ssl_verify'] as boolean,
    });
    const resource = encodeResource({
      'service.name': 'kong',
      'service.instance.id': instanceId,
      ...(config['resource_attributes'] as Record<string, string> | null),
    });
    const queue = new DeliveryQueue<Uint8Array>(queueLimitsOf(config), {
      deliver: (traces) => client.send(otlpBody(resource, traces)),
      log,
    });

    return {
      spans: {
        wants: (headers) => isSampled(extract(headers, formats)?.context ?? null),
        take: (scopeSpans) => queue.push(Uint8Array.from(scopeSpans), scopeSpans.length),
      },
      access(exchange) {
        const { headers } = exchange.request;
        const found = extract(headers, formats);
        const context = contextFor(exchange, found?.context ?? null);
        const names = new Set(
          (propagation.inject ?? ['preserve']).map((name) =>
            name === 'preserve' ? (found?.format ?? propagation.default_format) : name,
          ),
        );
        for (const name of propagation.clear ?? []) headers.remove(name.toLowerCase());
        for (const name of names) FORMATS[name]!.inject(headers, context);
        exchange.debug?.(
          found === null
            ? 'the request begins a trace'
            : `the request is part of a trace, told as ${found.format}`,
          { trace_id: context.traceId, sampled: context.sampled, injected: [...names].join(', ') },
        );
        if (traceIdHeader !== null) exchange.shared.set(TRACE_ID, context.traceId);
      },
      ...(traceIdHeader === null
        ? {}
        : {
            headerFilter(exchange) {
              const traceId = exchange.shared.get(TRACE_ID);
              if (typeof traceId === 'string') exchange.response?.headers.set(traceIdHeader, traceId);
            },
          }),
      close: () => queue.close(),
    };
  },
};

/** What the upstream is told: the gateway's own root span where the request is recorded, the caller's span or none otherwise. */
function contextFor({ trace }: Exchange, caller: TraceContext | null): TraceContext {
  if (trace === null)
    return {
      traceId: caller?.traceId ?? randomHex(16),
      spanId: caller?.spanId ?? randomHex(8),
      sampled: false,
    };
  if (caller !== null) trace.join(caller.traceId, caller.spanId);
  return { traceId: trace.traceId, spanId: trace.spanId, sampled: trace.isExported };
}

/** Whether a request's spans are sent: what callers decided counts, as the strategy says, and the rate where they left it open. */
function samplerOf(config: Readonly<Record<string, unknown>>): (caller: TraceContext | null) => boolean {
  const rate = config['sampling_rate'] as number;
  const follows = config['sampling_strategy'] === 'parent_probability_fallback';
  return (caller) => {
    if (caller?.sampled === false) return false;
    if (caller?.sampled === true && follows) return true;
    // Gateways that see the same trace decide the same: its id is as random as anything.
    const chance = caller === null ? Math.random() : Number.parseInt(caller.traceId.slice(-13), 16) / 2 ** 52;
    return chance < rate;
  };
}

function whatAddressLacks(value: string): string | null {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? null
    : 'expected an address that begins with http:// or https://';
}
