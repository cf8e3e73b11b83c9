import type { TraceEncoding } from './encode-trace.ts';
import type { Masking } from './masking.ts';
import type { RequestFacts } from './request-facts.ts';
import type { RecordLayout, RequestRecord } from './request-record.ts';
import { rootReadersOf } from './root-attributes.ts';
import type { ShapeNotes } from './shape-notes.ts';
import { inLastBytes } from './span-id.ts';
import { SPAN_AT, TIMES_AT } from './span-writer.ts';
import { StencilPlan } from './stencil-plan.ts';
import { TraceClock } from './trace-clock.ts';
import { ValueSlots } from './value-slots.ts';

/** Where in a fill stand the ids, and the high word of all times. */
const FILL = { traceId: 0, rootId: 16, parentId: 24, high: 32, spans: 36 } as const;
/** Bytes of an id that the spans of a trace have in common; and of the rest. */
const COMMON_BYTES = 6;
const OWN_BYTES = 2;
/** Bytes in a fill of what each span has: the low words of its times and the rest of its id. */
const SPAN_BYTES = 10;
const WORD = 0x1_0000_0000;

const clock = new TraceClock();

/**
 * What traces of requests that went the same way have in common: spans, attributes and most of the values. It knows the trace it was made of
 * as a stencil, and holds the fill of the one that it was last found to fit.
 */
export class TraceShape {
  /** The stencil, as an element of a body in the stencil coding. */
  readonly element: Uint8Array;
  /** Bytes of a trace of this shape as it is decoded. */
  readonly decodedBytes: number;
  readonly fill: Buffer;
  /** The batch that its stencil was last put in, while traces are added to it, and its number there. */
  batch: object | null = null;
  number = 0;
  readonly #view: DataView;
  readonly #sessionIds: readonly string[];
  readonly #layout: RecordLayout;
  readonly #hasParent: boolean;
  readonly #labels: readonly (string | null)[];
  readonly #errors: readonly (string | null)[];
  readonly #attributes = new ValueSlots();
  readonly #root = new ValueSlots();

  /** Of a trace as it was just encoded, with the notes of that; it has neither events nor spans without a parent but for the root. */
  constructor(
    facts: RequestFacts,
    { sessionIds, masking }: TraceEncoding,
    bytes: Uint8Array,
    notes: ShapeNotes,
  ) {
    const { record } = facts;
    const plan = new StencilPlan(bytes);
    plan.room(FILL.spans + record.spanCount * SPAN_BYTES);
    for (let index = 0; index < record.spanCount; index++) planSpan(plan, record, index, notes);
    for (let index = 0; index < record.attributeCount; index++)
      this.#attributes.add(
        record.keyOf(index),
        record.attributeValues[index]!,
        notes.attributes[index]!,
        plan,
        masking,
      );
    for (const [index, { key, read }] of rootReadersOf(facts).entries())
      this.#root.add(key, read(facts), notes.root[index]!, plan, masking);
    this.element = plan.element();
    this.decodedBytes = bytes.length;
    this.fill = Buffer.alloc(plan.fillBytes);
    this.#view = new DataView(this.fill.buffer, this.fill.byteOffset, this.fill.length);
    this.#sessionIds = [...sessionIds];
    this.#layout = record.layout();
    this.#hasParent = record.hasParent;
    this.#labels = record.labels.slice(0, record.spanCount);
    this.#errors = record.errors.slice(0, record.spanCount);
  }

  /** Whether a trace can be told as a fill of this shape: if so, that is what the fill is now. */
  fits(facts: RequestFacts, { sessionIds, masking, wallOffsetMs }: TraceEncoding): boolean {
    const { record } = facts;
    return (
      sessionIds.length === this.#sessionIds.length &&
      areSame(sessionIds, this.#sessionIds, sessionIds.length) &&
      record.hasLayout(this.#layout) &&
      record.hasParent === this.#hasParent &&
      record.events.length === 0 &&
      areSame(record.labels, this.#labels, record.spanCount) &&
      areSame(record.errors, this.#errors, record.spanCount) &&
      this.#putAttributes(record, masking) &&
      this.#putRoot(facts, masking) &&
      this.#putTimes(record, wallOffsetMs)
    );
  }

  #putAttributes({ attributeValues }: RequestRecord, masking: Masking): boolean {
    const slots = this.#attributes;
    for (let index = 0; index < slots.length; index++)
      if (!slots.put(index, attributeValues[index], this.fill, this.#view, masking)) return false;
    return true;
  }

  #putRoot(facts: RequestFacts, masking: Masking): boolean {
    const slots = this.#root;
    const readers = rootReadersOf(facts);
    if (readers.length !== slots.length) return false;
    for (let index = 0; index < readers.length; index++)
      if (!slots.put(index, readers[index]!.read(facts), this.fill, this.#view, masking)) return false;
    return true;
  }

  /** False where not all times have the same high word. */
  #putTimes(record: RequestRecord, wallOffsetMs: number): boolean {
    const view = this.#view;
    const { ids } = record;
    clock.of(wallOffsetMs, record.startOf(0));
    const { low } = clock;
    for (let word = 0; word < ids.length; word++) view.setUint32(word * 4, ids[word]!, true);
    view.setUint32(FILL.high, clock.high, true);
    for (let index = 0; index < record.spanCount; index++) {
      const start = clock.since(record.startOf(index));
      const end = Math.max(start, clock.since(record.endOf(index)));
      if (low + end >= WORD) return false;
      const at = FILL.spans + index * SPAN_BYTES;
      view.setUint32(at, low + start, true);
      view.setUint32(at + 4, low + end, true);
      view.setUint16(at + 8, (ids[5]! ^ inLastBytes(index)) >>> 16, true);
    }
    return true;
  }
}

function planSpan(plan: StencilPlan, record: RequestRecord, index: number, notes: ShapeNotes): void {
  const fields = notes.spans[index]!;
  const times = notes.times[index]!;
  const own = FILL.spans + index * SPAN_BYTES;
  plan.copy(FILL.traceId, fields + SPAN_AT.traceId, 16);
  planId(plan, index, fields + SPAN_AT.spanId);
  const parent = record.parentOf(index);
  if (parent >= 0) planId(plan, parent, fields + SPAN_AT.parentId);
  else if (record.hasParent) plan.copy(FILL.parentId, fields + SPAN_AT.parentId, 8);
  plan.copy(own, times + TIMES_AT.startLow, 4);
  plan.copy(FILL.high, times + TIMES_AT.startHigh, 4);
  plan.copy(own + 4, times + TIMES_AT.endLow, 4);
  plan.copy(FILL.high, times + TIMES_AT.endHigh, 4);
}

/** The id of a span. */
function planId(plan: StencilPlan, index: number, to: number): void {
  plan.copy(FILL.rootId, to, COMMON_BYTES);
  plan.copy(FILL.spans + index * SPAN_BYTES + 8, to + COMMON_BYTES, OWN_BYTES);
}

function areSame(
  some: readonly (string | null)[],
  others: readonly (string | null)[],
  count: number,
): boolean {
  for (let index = 0; index < count; index++) if (some[index] !== others[index]) return false;
  return true;
}
