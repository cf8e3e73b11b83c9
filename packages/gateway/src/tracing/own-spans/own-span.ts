import type { AttributeValue } from '@gatescope/trace';
import {
  type AttributeValue as ApiValue,
  type Attributes,
  type Exception,
  type Span,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api';
import type { PluginScope } from '../plugin-scope.ts';
import { OWN_ATTRIBUTE } from '../span-kinds.ts';
import { performanceMs } from './time-input.ts';

/** Bounds of what a plugin's code says of one span. */
export const OWN_ATTRIBUTES_MAX = 16;
export const OWN_EVENTS_MAX = 8;
/** Characters of a name or of one value's text. */
export const OWN_TEXT_MAX = 1_024;
const OWN_LIST_MAX = 32;

/** A span that a plugin's code made through `@opentelemetry/api`, kept in the record of its request. */
export class OwnSpan implements Span {
  readonly scope: PluginScope;
  /** Index in the record; -1: there was no room. */
  readonly index: number;
  readonly #context: SpanContext;
  readonly #attributes = new Map<string, AttributeValue>();
  #events = 0;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };
  #isEnded = false;

  constructor(scope: PluginScope, index: number) {
    this.scope = scope;
    this.index = index;
    this.#context = spanContextOf(scope, index);
    if (index >= 0) scope.settleAtEnd(this);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.#isEnded && this.scope.isOpen(this.index);
  }

  setAttribute(name: string, value: ApiValue): this {
    const kept = keptValue(value);
    if (kept === null || this.#isEnded || typeof name !== 'string' || name === '') return this;
    if (this.#attributes.size < OWN_ATTRIBUTES_MAX || this.#attributes.has(name))
      this.#attributes.set(name.slice(0, OWN_TEXT_MAX), kept);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [name, value] of Object.entries(attributes ?? {}))
      if (value !== undefined) this.setAttribute(name, value);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#isEnded || this.#events >= OWN_EVENTS_MAX) return this;
    this.#events++;
    const hasAttributes = isAttributes(attributesOrTime);
    const attributes = hasAttributes ? keptAttributes(attributesOrTime) : {};
    const at = hasAttributes ? time : attributesOrTime;
    this.scope.note(
      this.index,
      String(name).slice(0, OWN_TEXT_MAX),
      performanceMs(at as TimeInput),
      attributes,
    );
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (!this.#isEnded) this.#status = status;
    return this;
  }

  updateName(name: string): this {
    if (!this.#isEnded) this.scope.rename(this.index, ownName(name));
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { name = 'Error', message = '' } =
      typeof exception === 'string' ? { name: 'Error', message: exception } : exception;
    this.addEvent('exception', { 'exception.type': name, 'exception.message': message }, time);
  }

  end(time?: TimeInput): void {
    if (this.#isEnded) return;
    this.settle();
    this.#isEnded = true;
    const { code, message = '' } = this.#status;
    this.scope.close(
      this.index,
      performanceMs(time),
      code === SpanStatusCode.ERROR ? message.slice(0, OWN_TEXT_MAX) : null,
    );
  }

  /** Puts what was said of the span into the record. */
  settle(): void {
    if (!this.scope.isOpen(this.index)) return;
    for (const [name, value] of this.#attributes) this.scope.set(this.index, OWN_ATTRIBUTE, [name, value]);
    this.#attributes.clear();
  }
}

/** A span may be called anything but what the gateway's own are called. */
export function ownName(name: string): string {
  const text = String(name).slice(0, OWN_TEXT_MAX);
  return /^kong(\.|$)/.test(text) ? `plugin:${text}` : text;
}

/** The ids by which others refer to a span of the record, and those of the trace. */
export function spanContextOf(scope: PluginScope, index: number): SpanContext {
  const { record } = scope;
  if (record === null || index < 0) return NOT_RECORDED;
  return {
    traceId: record.traceId,
    spanId: record.spanIdOf(index),
    traceFlags: TraceFlags.SAMPLED,
  };
}

const NOT_RECORDED: SpanContext = {
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  traceFlags: TraceFlags.NONE,
};

function isAttributes(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function keptAttributes(attributes: Attributes): Record<string, AttributeValue> {
  const kept: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributes).slice(0, OWN_ATTRIBUTES_MAX)) {
    const one = value === undefined ? null : keptValue(value);
    if (one !== null) kept[name.slice(0, OWN_TEXT_MAX)] = one;
  }
  return kept;
}

/** A value as the record keeps it, its texts cut; null: nothing that can be kept. */
function keptValue(value: ApiValue): AttributeValue | null {
  if (typeof value === 'string') return value.slice(0, OWN_TEXT_MAX);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (!Array.isArray(value)) return null;
  return value
    .slice(0, OWN_LIST_MAX)
    .map((one) => (one === null || one === undefined ? '' : (keptValue(one) ?? '')));
}
