import type { Headers } from '@gatescope/http1';
import { parseTraceparent } from '@gatescope/trace';
import { contextOf, decimalOf, flagOf, hexOf, type TraceContext, type TraceFormat } from './trace-context.ts';

const bit = ({ sampled }: TraceContext) => (sampled === true ? '1' : '0');

const w3c: TraceFormat = {
  extract(headers) {
    const parent = parseTraceparent(headers.get('traceparent') ?? '');
    return parent === null ? null : contextOf(parent.traceId, parent.parentId, parent.isSampled);
  },
  inject(headers, context) {
    headers.set('traceparent', `00-${context.traceId}-${context.spanId}-0${bit(context)}`);
  },
};

/** https://github.com/openzipkin/b3-propagation: one field, or several. */
const b3Single: TraceFormat = {
  extract(headers) {
    const [traceId, spanId, sampled] = (headers.get('b3') ?? '').split('-');
    return contextOf(traceId, spanId, flagOf(sampled));
  },
  inject(headers, context) {
    headers.set('b3', `${context.traceId}-${context.spanId}-${bit(context)}`);
  },
};
const b3: TraceFormat = {
  extract(headers) {
    const isDebug = headers.get('x-b3-flags') === '1';
    const sampled = isDebug ? true : flagOf(headers.get('x-b3-sampled'));
    return (
      contextOf(headers.get('x-b3-traceid'), headers.get('x-b3-spanid'), sampled) ?? b3Single.extract(headers)
    );
  },
  inject(headers, context) {
    headers.set('X-B3-TraceId', context.traceId);
    headers.set('X-B3-SpanId', context.spanId);
    headers.set('X-B3-Sampled', bit(context));
    for (const stale of ['x-b3-parentspanid', 'x-b3-flags']) headers.remove(stale);
  },
};

/** https://www.jaegertracing.io/sdk-migration/#propagation-format */
const jaeger: TraceFormat = {
  extract(headers) {
    const [traceId, spanId, , flags] = (headers.get('uber-trace-id') ?? '').replaceAll('%3A', ':').split(':');
    const known = flags !== undefined && /^[0-9a-f]{1,2}$/i.test(flags);
    return contextOf(traceId, spanId, known ? (Number.parseInt(flags, 16) & 1) === 1 : null);
  },
  inject(headers, context) {
    headers.set('uber-trace-id', `${context.traceId}:${context.spanId}:0:${bit(context)}`);
  },
};

const ot: TraceFormat = {
  extract: (headers) =>
    contextOf(
      headers.get('ot-tracer-traceid'),
      headers.get('ot-tracer-spanid'),
      flagOf(headers.get('ot-tracer-sampled')),
    ),
  inject(headers, context) {
    headers.set('ot-tracer-traceid', context.traceId);
    headers.set('ot-tracer-spanid', context.spanId);
    headers.set('ot-tracer-sampled', bit(context));
  },
};

/** Datadog's ids are decimal and of 64 bits: of a longer one the end is told. */
const datadog: TraceFormat = {
  extract(headers) {
    const priority = Number(headers.get('x-datadog-sampling-priority') ?? Number.NaN);
    return contextOf(
      hexOf(headers.get('x-datadog-trace-id')),
      hexOf(headers.get('x-datadog-parent-id')),
      Number.isNaN(priority) ? null : priority > 0,
    );
  },
  inject(headers, context) {
    headers.set('x-datadog-trace-id', decimalOf(context.traceId));
    headers.set('x-datadog-parent-id', decimalOf(context.spanId));
    headers.set('x-datadog-sampling-priority', bit(context));
  },
};

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
const aws: TraceFormat = {
  extract(headers) {
    const parts = new Map(
      (headers.get('x-amzn-trace-id') ?? '').split(';').map((pair) => {
        const equals = pair.indexOf('=');
        return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const;
      }),
    );
    const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(parts.get('Root') ?? '');
    return root === null
      ? null
      : contextOf(`${root[1]}${root[2]}`, parts.get('Parent'), flagOf(parts.get('Sampled')));
  },
  inject(headers, context) {
    const { traceId, spanId } = context;
    headers.set(
      'X-Amzn-Trace-Id',
      `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${bit(context)}`,
    );
  },
};

/** https://cloud.google.com/trace/docs/trace-context#legacy-http-header */
const gcp: TraceFormat = {
  extract(headers) {
    const matched = /^([0-9a-f]{32})\/(\d+)(?:;o=(\d))?$/i.exec(headers.get('x-cloud-trace-context') ?? '');
    return matched === null ? null : contextOf(matched[1], hexOf(matched[2]), flagOf(matched[3]));
  },
  inject(headers, context) {
    headers.set('X-Cloud-Trace-Context', `${context.traceId}/${decimalOf(context.spanId)};o=${bit(context)}`);
  },
};

/** By Kong's names. */
export const FORMATS: Readonly<Record<string, TraceFormat>> = {
  w3c,
  b3,
  'b3-single': b3Single,
  jaeger,
  ot,
  datadog,
  aws,
  gcp,
};

/** What is looked for where the configuration does not say: Kong's order. */
export const EXTRACTED: readonly string[] = ['w3c', 'b3', 'jaeger', 'ot', 'datadog', 'aws', 'gcp'];

/** The first context that one of these formats finds, and the format to answer in. */
export function extract(
  headers: Headers,
  formats: readonly string[],
): { readonly context: TraceContext; readonly format: string } | null {
  for (const format of formats) {
    const context = FORMATS[format]!.extract(headers);
    if (context === null) continue;
    return { context, format: format === 'b3' && !headers.has('x-b3-traceid') ? 'b3-single' : format };
  }
  return null;
}
