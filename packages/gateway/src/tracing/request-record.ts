import type { Headers } from '@gatescope/http1';
import { type AttributeValue, type Phase, parseTraceparent } from '@gatescope/trace';
import type { PayloadCapture } from '../capture/payload-capture.ts';
import type { DebugLog, RequestLog } from '../logging/request-log.ts';
import type { TraceIdentity } from '../pipeline/exchange.ts';
import type { SpanSink } from '../pipeline/plugin.ts';
import { inLastBytes } from './span-id.ts';
import { attribute, isIo, isOwnSpan, phaseKind, pluginKind, SPAN } from './span-kinds.ts';

/** Spans one record holds; more are counted as truncated. */
export const SPANS_MAX = 160;
/** Attributes one record holds, over all spans; what the root tells of a finished request comes on top. */
export const ATTRIBUTES_MAX = 408;
/** Records kept for reuse; each takes about 12 KB without the texts it refers to, so a full pool stays below 13 MB. */
export const POOLED_RECORDS_MAX = 1_024;
/** Beyond so many spans or attributes a further try to find an upstream is not noted, nor further I/O of a plugin, nor a span of its own. */
const OPEN_ENDED_SPANS_MAX = SPANS_MAX - 56;
const OPEN_ENDED_ATTRIBUTES_MAX = ATTRIBUTES_MAX - 80;
/** What plugins cause leaves so much of that to the tries. */
const LEFT_FOR_TRIES = 24;
const LEFT_FOR_TRY_ATTRIBUTES = 110;
/** Events one record holds, over all spans. */
export const EVENTS_MAX = 64;
const INSTANCE_ID = attribute('proxy.kong.plugin.instance_id');

/** Places of what is noted of a span; its kind is the first. */
const SPAN_FIELDS = 4;
const PARENT = 1;
const FIRST_ATTRIBUTE = 2;
const LAST_ATTRIBUTE = 3;

/** Something that happened at one moment of a span. */
export interface RecordedEvent {
  readonly span: number;
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Kinds and parents of a record's spans, and which attributes they have. */
export interface RecordLayout {
  readonly spans: Int32Array;
  readonly attributes: Int32Array;
}

/**
 * What is noted of one request while it runs, in flat arrays that are used again for another. Times are performance.now() milliseconds. Span 0
 * is the root. Whoever holds a record gives it back with {@link release} exactly once.
 */
export class RequestRecord implements TraceIdentity {
  /** Of each span start and end, side by side: what is written together shares lines of the processor's cache. */
  readonly #times = new Float64Array(SPANS_MAX * 2);
  /** Of each span kind, parent, first and last attribute (-1: none). */
  readonly #spans = new Int16Array(SPANS_MAX * SPAN_FIELDS);
  /** Of each attribute its number, and the next one of its span (-1: none). */
  readonly #attributes = new Int16Array(ATTRIBUTES_MAX * 2);
  /** The same two at a time, to be compared. */
  readonly #spanPairs = new Int32Array(this.#spans.buffer);
  readonly #attributePairs = new Int32Array(this.#attributes.buffer);
  /** Plugin names. */
  readonly labels: (string | null)[] = new Array<string | null>(SPANS_MAX).fill(null);
  /** Why a span failed; null: it did not. */
  readonly errors: (string | null)[] = new Array<string | null>(SPANS_MAX).fill(null);
  readonly attributeValues: (AttributeValue | null)[] = new Array<AttributeValue | null>(ATTRIBUTES_MAX).fill(
    null,
  );
  readonly events: RecordedEvent[] = [];
  spanCount = 0;
  attributeCount = 0;
  /** Spans and attributes that did not fit. */
  truncated = 0;
  /**
   * Eight little-endian words: the trace id in four, the root's span id in two, from which the other spans count up, and the remote parent's
   * in two, where {@link hasParent}.
   */
  readonly ids = new Uint32Array(8);
  hasParent = false;
  /** Changes when the record is given back: whoever remembers another number holds the record of a request that is over. */
  generation = 0;
  /** Bits of the armed sessions that may still want the request; see the sampler. */
  candidates = 0;
  /** performance.now() when it was taken. */
  beganMs = 0;
  /** Bits of those that are sure to. */
  decided = 0;
  /** Bits of those whose rule has matched; whether the route lies in their scope is another matter. */
  matched = 0;
  /** The stage at which rules were last asked; -1: they have not been. */
  askedStage = -1;
  /** The client's header fields, where a rule will ask for them when plugins may have changed them. */
  requestHeaders: Headers | null = null;
  /** Its log lines, where a session may want them. */
  log: RequestLog | null = null;
  /** What it is on the wire, where a session may want it. */
  payload: PayloadCapture | null = null;

  /** Where its spans go besides sessions; null: nowhere. */
  sink: SpanSink | null = null;

  /** Takes a record from the pool and opens its root span. */
  static take(startMs: number, traceparent: string | undefined): RequestRecord {
    const record = pool.pop() ?? new RequestRecord();
    record.#begin(startMs, traceparent);
    return record;
  }

  #begin(startMs: number, traceparent: string | undefined): void {
    const words = this.ids;
    for (let word = 0; word < 6; word++) words[word] = Math.random() * 0x1_0000_0000;
    // No id is all zero (https://www.w3.org/TR/trace-context/#trace-id).
    words[0]! |= 1;
    words[4]! |= 1;
    if (traceparent !== undefined) this.#adopt(traceparent);
    this.open(SPAN.root, -1, startMs);
  }

  /** The trace id as 32 hexadecimal digits. */
  get traceId(): string {
    return hexOf(this.ids.subarray(0, 4));
  }

  /** The id of the root span. */
  get spanId(): string {
    return this.spanIdOf(0);
  }

  get isExported(): boolean {
    return this.sink !== null;
  }

  /** The id of a span as 16 hexadecimal digits. */
  spanIdOf(index: number): string {
    return hexOf(Uint32Array.of(this.ids[4]!, this.ids[5]! ^ inLastBytes(index)));
  }

  /** Begins a span and answers its index; -1 where the record is full, or the parent did not fit (which every method takes for nothing). */
  open(kind: number, parent: number, startMs: number): number {
    if (this.spanCount === SPANS_MAX || (parent < 0 && this.spanCount > 0) || this.#isOneTooMany(kind)) {
      this.truncated++;
      return -1;
    }
    const index = this.spanCount++;
    this.#times[index * 2] = startMs;
    this.#times[index * 2 + 1] = Number.NaN;
    const spans = this.#spans;
    const at = index * SPAN_FIELDS;
    spans[at] = kind;
    spans[at + PARENT] = parent;
    spans[at + FIRST_ATTRIBUTE] = -1;
    spans[at + LAST_ATTRIBUTE] = -1;
    return index;
  }

  /** Tries and I/O can be without number; what comes behind them, and the root, need their room. */
  #isOneTooMany(kind: number): boolean {
    const isOfPlugin = isIo(kind) || isOwnSpan(kind);
    if (kind !== SPAN.findUpstream && kind !== SPAN.dns && !isOfPlugin) return false;
    return (
      this.spanCount >= OPEN_ENDED_SPANS_MAX - (isOfPlugin ? LEFT_FOR_TRIES : 0) ||
      this.attributeCount >= OPEN_ENDED_ATTRIBUTES_MAX - (isOfPlugin ? LEFT_FOR_TRY_ATTRIBUTES : 0)
    );
  }

  /** Begins and ends a span. */
  add(kind: number, parent: number, startMs: number, endMs: number): number {
    const index = this.open(kind, parent, startMs);
    this.close(index, endMs);
    return index;
  }

  openPhase(phase: Phase, startMs: number): number {
    return this.open(phaseKind(phase), 0, startMs);
  }

  openPlugin(phase: Phase, parent: number, name: string, instanceId: string, startMs: number): number {
    const index = this.open(pluginKind(phase), parent, startMs);
    if (index < 0) return index;
    this.labels[index] = name;
    this.set(index, INSTANCE_ID, instanceId);
    return index;
  }

  close(index: number, endMs: number): void {
    if (index >= 0) this.#times[index * 2 + 1] = endMs;
  }

  /** When a span began. */
  startOf(index: number): number {
    return this.#times[index * 2]!;
  }

  /** When a span ended; NaN: it has not. */
  endOf(index: number): number {
    return this.#times[index * 2 + 1]!;
  }

  kindOf(index: number): number {
    return this.#spans[index * SPAN_FIELDS]!;
  }

  /** The span that a span is below; -1: none. */
  parentOf(index: number): number {
    return this.#spans[index * SPAN_FIELDS + PARENT]!;
  }

  /** Whether a span has begun and not ended. */
  isOpen(index: number): boolean {
    return index >= 0 && Number.isNaN(this.endOf(index));
  }

  /** Puts a span below another. */
  move(index: number, parent: number): void {
    if (index >= 0) this.#spans[index * SPAN_FIELDS + PARENT] = parent;
  }

  /** Makes a span one of another kind. */
  change(index: number, kind: number): void {
    if (index >= 0) this.#spans[index * SPAN_FIELDS] = kind;
  }

  /** Lets a span have begun earlier. */
  beginBy(index: number, startMs: number): void {
    if (index >= 0) this.#times[index * 2] = Math.min(this.startOf(index), startMs);
  }

  set(span: number, key: number, value: AttributeValue): void {
    if (span < 0) return;
    if (this.attributeCount === ATTRIBUTES_MAX) {
      this.truncated++;
      return;
    }
    const index = this.attributeCount++;
    const attributes = this.#attributes;
    const spans = this.#spans;
    const at = span * SPAN_FIELDS;
    if (spans[at + FIRST_ATTRIBUTE] === -1) spans[at + FIRST_ATTRIBUTE] = index;
    else attributes[spans[at + LAST_ATTRIBUTE]! * 2 + 1] = index;
    spans[at + LAST_ATTRIBUTE] = index;
    attributes[index * 2] = key;
    attributes[index * 2 + 1] = -1;
    this.attributeValues[index] = value;
  }

  /** A span's first attribute; -1: it has none. */
  firstAttributeOf(span: number): number {
    return this.#spans[span * SPAN_FIELDS + FIRST_ATTRIBUTE]!;
  }

  /** The attribute of the same span that was set after this one; -1: none. */
  nextAttributeOf(attribute: number): number {
    return this.#attributes[attribute * 2 + 1]!;
  }

  /** The number of an attribute's name. */
  keyOf(attribute: number): number {
    return this.#attributes[attribute * 2]!;
  }

  /** An attribute of a span; null: it has none of that name. */
  get(span: number, key: number): AttributeValue | null {
    for (let index = this.firstAttributeOf(span); index >= 0; index = this.nextAttributeOf(index))
      if (this.keyOf(index) === key) return this.attributeValues[index]!;
    return null;
  }

  /** Notes that something happened in a span. */
  addEvent(
    span: number,
    name: string,
    atMs: number,
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    if (span < 0) return;
    if (this.events.length < EVENTS_MAX) this.events.push({ span, name, atMs, attributes });
    else this.truncated++;
  }

  /** Marks a span as failed. */
  fail(span: number, message: string): void {
    if (span >= 0 && this.errors[span] === null) this.errors[span] = message;
  }

  /** What it holds, but for times, values and texts. */
  layout(): RecordLayout {
    return {
      spans: this.#spanPairs.slice(0, (this.spanCount * SPAN_FIELDS) / 2),
      attributes: this.#attributePairs.slice(0, this.attributeCount),
    };
  }

  /** Whether it holds the same spans, one below the other, with the same attributes. */
  hasLayout({ spans, attributes }: RecordLayout): boolean {
    return (
      (this.spanCount * SPAN_FIELDS) / 2 === spans.length &&
      this.attributeCount === attributes.length &&
      beginsWith(this.#spanPairs, spans) &&
      beginsWith(this.#attributePairs, attributes)
    );
  }

  /** Ends every span that is still open. */
  closeOpen(endMs: number): void {
    for (let index = 0; index < this.spanCount; index++) {
      if (this.isOpen(index)) this.close(index, Math.max(endMs, this.startOf(index)));
    }
  }

  /** Gives the record back to the pool; texts it refers to are let go, since one may hold the whole head it was cut from. */
  release(): void {
    this.generation++;
    for (let index = 0; index < this.spanCount; index++) {
      this.labels[index] = null;
      this.errors[index] = null;
    }
    for (let index = 0; index < this.attributeCount; index++) this.attributeValues[index] = null;
    if (this.events.length > 0) this.events.length = 0;
    this.spanCount = 0;
    this.attributeCount = 0;
    this.truncated = 0;
    this.hasParent = false;
    this.candidates = 0;
    this.decided = 0;
    this.matched = 0;
    this.askedStage = -1;
    this.requestHeaders = null;
    this.log = null;
    this.sink = null;
    this.dropPayload();
    if (pool.length < POOLED_RECORDS_MAX) pool.push(this);
  }

  /** Its log, where it takes lines of level debug. */
  get debug(): DebugLog | null {
    return this.log?.takesDebug === true ? this.log : null;
  }

  /** No session wants headers and bodies any more. */
  dropPayload(): void {
    this.payload?.release();
    this.payload = null;
  }

  /** Takes trace id and parent from a W3C traceparent, if it is valid. */
  #adopt(traceparent: string): void {
    const parent = parseTraceparent(traceparent);
    if (parent !== null) this.join(parent.traceId, parent.parentId);
  }

  join(traceId: string, parentSpanId: string): void {
    const bytes = Buffer.from(traceId + parentSpanId, 'hex');
    for (let word = 0; word < 4; word++) this.ids[word] = bytes.readUInt32LE(word * 4);
    for (let word = 4; word < 6; word++) this.ids[word + 2] = bytes.readUInt32LE(word * 4);
    this.hasParent = true;
  }
}

const pool: RequestRecord[] = [];

function beginsWith(numbers: Int32Array, first: Int32Array): boolean {
  for (let index = 0; index < first.length; index++) if (numbers[index] !== first[index]) return false;
  return true;
}

function hexOf(words: Uint32Array): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4);
  return bytes.toString('hex');
}
