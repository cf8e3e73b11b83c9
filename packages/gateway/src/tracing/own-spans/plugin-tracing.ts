import {
  type Context,
  type ContextManager,
  context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { currentPlace, type PluginPlace, runInPlace } from '../plugin-context.ts';
import { ownSpanKind } from '../span-kinds.ts';
import { OwnSpan, ownName, spanContextOf } from './own-span.ts';
import { performanceMs } from './time-input.ts';

const NOT_RECORDED = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Spans of a plugin's code: below the plugin's span while its request is recorded, nothing otherwise. */
const tracer: Tracer = {
  startSpan(name: string, options: SpanOptions = {}, active?: Context): Span {
    const place = currentPlace();
    if (place === null) return NOT_RECORDED;
    const { scope } = place;
    const parent = options.root === true ? scope.span : parentIn(place, active ?? place.context);
    const startMs = Math.min(performanceMs(options.startTime), performance.now());
    const index = scope.open(ownSpanKind(otlpKindOf(options)), ownName(name), parent, startMs);
    const span = new OwnSpan(scope, index);
    if (options.attributes !== undefined) span.setAttributes(options.attributes);
    return span;
  },
  startActiveSpan(name: string, ...rest: unknown[]): never {
    const run = rest.at(-1) as (span: Span) => unknown;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const active = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, active);
    return context.with(trace.setSpan(active, span), run, undefined, span) as never;
  },
};

/** Where in a plugin's code one is, as `@opentelemetry/api` wants to know it. */
const contexts: ContextManager = {
  active() {
    const place = currentPlace();
    if (place === null) return ROOT_CONTEXT;
    return (
      (place.context as Context | null) ??
      trace.setSpanContext(ROOT_CONTEXT, spanContextOf(place.scope, place.parent))
    );
  },
  with(active, code, thisArg, ...values) {
    const place = currentPlace();
    if (place === null) return code.call(thisArg as never, ...values);
    const next = { scope: place.scope, parent: parentIn(place, active), context: active };
    return runInPlace(next, () => code.call(thisArg as never, ...values));
  },
  bind(active, target) {
    if (typeof target !== 'function') return target;
    const code = target as unknown as (...values: unknown[]) => unknown;
    return ((...values: unknown[]) =>
      contexts.with(active, code as never, undefined, ...(values as never[]))) as never;
  },
  enable() {
    return this;
  },
  disable() {
    return this;
  },
};

/** The span that a context says one is in, as far as it is of the same run; the plugin's span otherwise. */
function parentIn({ scope }: PluginPlace, active: unknown): number {
  const span = active === null || active === undefined ? undefined : trace.getSpan(active as Context);
  return span instanceof OwnSpan && span.scope === scope && span.index >= 0 ? span.index : scope.span;
}

/** The API numbers the kinds of spans from 0, OTLP from 1. */
function otlpKindOf({ kind = 0 }: SpanOptions): 1 | 2 | 3 | 4 | 5 {
  return (kind >= 0 && kind <= 4 ? kind + 1 : 1) as 1;
}

let isRegistered = false;

/** Makes `@opentelemetry/api` work in the code of plugins, once a process. */
export function registerPluginTracing(): void {
  if (isRegistered) return;
  isRegistered = true;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  context.setGlobalContextManager(contexts);
}
