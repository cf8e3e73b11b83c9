import { decodeStencils, fieldKey, literalElement, ProtoWriter, STENCIL_ELEMENT } from '@gatescope/trace';
import type { ArmedSession } from './armed-session.ts';
import { TraceShape } from './trace-shape.ts';

/** What a batch holds for one session. */
export interface BatchShare {
  readonly session: ArmedSession;
  traces: number;
  spans: number;
}

const RESOURCE_SPANS = fieldKey(1, 2);
/** What an element has at most besides its bytes: a tag and a varint. */
const LEAD_BYTES_MAX = 6;

/**
 * Traces that are sent together, put one behind the other in the stencil coding into memory of a fixed size, which is used again: traces
 * that wait in buffers of their own would keep the garbage collector busier than the requests they tell of.
 */
export class TraceBatch {
  readonly capacity: number;
  readonly #buffer: Buffer;
  readonly #resource: Uint8Array;
  readonly #decodedMax: number;
  /** Where the traces begin: before it is room for what leads them. */
  readonly #from: number;
  #to: number;
  /** Bytes of the traces when they are decoded. */
  #decodedBytes = 0;
  #traces = 0;
  readonly #shares: BatchShare[] = [];
  /** Shapes whose stencils it has. */
  readonly #shapes: TraceShape[] = [];

  /**
   * `resource` is the Resource as a field of ResourceSpans; `capacity` the bytes of the traces as they are coded, and `decodedMax` as they are
   * decoded: a single one may have more.
   */
  constructor(resource: Uint8Array, capacity: number, decodedMax: number) {
    this.capacity = capacity;
    this.#resource = resource;
    this.#decodedMax = decodedMax;
    this.#from = resource.length + 24;
    this.#to = this.#from;
    this.#buffer = Buffer.allocUnsafeSlow(this.#from + capacity);
  }

  /** Bytes that a batch needs at most for this trace alone. */
  static bytesFor(trace: TraceShape | Uint8Array): number {
    return trace instanceof TraceShape
      ? trace.element.length + LEAD_BYTES_MAX + trace.fill.length
      : LEAD_BYTES_MAX + trace.length;
  }

  /** How many traces it holds; one for several sessions counts once. */
  get traces(): number {
    return this.#traces;
  }

  /** What it holds, by session. */
  get shares(): readonly Readonly<BatchShare>[] {
    return this.#shares;
  }

  /**
   * Takes a trace of so many spans, as the fill of a shape or encoded as a ScopeSpans field of ResourceSpans; false where there is no room.
   */
  add(trace: TraceShape | Uint8Array, sessions: readonly ArmedSession[], spans: number): boolean {
    const decoded = trace instanceof TraceShape ? trace.decodedBytes : trace.length;
    if (
      this.#to + TraceBatch.bytesFor(trace) > this.#buffer.length ||
      (this.#traces > 0 && this.#decodedBytes + decoded > this.#decodedMax)
    )
      return false;
    if (trace instanceof TraceShape) this.#addFill(trace);
    else this.#addLiteral(trace);
    this.#decodedBytes += decoded;
    this.#traces++;
    for (let index = 0; index < sessions.length; index++) {
      const share = this.#shareOf(sessions[index]!);
      share.traces++;
      share.spans += spans;
    }
    return true;
  }

  /** The batch as an ExportTraceServiceRequest (OTLP 1.x) in the stencil coding: a view that is valid until the batch is cleared. */
  coded(): Uint8Array {
    const message = new ProtoWriter(this.#from);
    message.varint(RESOURCE_SPANS, this.#resource.length + this.#decodedBytes);
    message.raw(this.#resource);
    const lead = literalElement(message.view());
    const start = this.#from - lead.length;
    this.#buffer.set(lead, start);
    return this.#buffer.subarray(start, this.#to);
  }

  /** The batch as an ExportTraceServiceRequest. */
  decoded(): Uint8Array {
    return decodeStencils(this.coded(), Number.POSITIVE_INFINITY);
  }

  clear(): void {
    for (const shape of this.#shapes) if (shape.batch === this) shape.batch = null;
    this.#shapes.length = 0;
    this.#to = this.#from;
    this.#decodedBytes = 0;
    this.#traces = 0;
    this.#shares.length = 0;
  }

  #addFill(shape: TraceShape): void {
    if (shape.batch !== this) {
      this.#put(shape.element);
      shape.batch = this;
      shape.number = this.#shapes.push(shape) - 1;
    }
    this.#to = this.#lead(this.#to, STENCIL_ELEMENT.fill, shape.number);
    this.#put(shape.fill);
  }

  #addLiteral(bytes: Uint8Array): void {
    this.#to = this.#lead(this.#to, STENCIL_ELEMENT.literal, bytes.length);
    this.#put(bytes);
  }

  #put(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Writes what leads an element, and answers where it ends. */
  #lead(start: number, element: number, number: number): number {
    const buffer = this.#buffer;
    let at = start;
    buffer[at++] = element;
    let rest = number;
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
    return at;
  }

  /** There are no more of them than sessions are armed. */
  #shareOf(session: ArmedSession): BatchShare {
    const shares = this.#shares;
    for (let index = 0; index < shares.length; index++)
      if (shares[index]!.session === session) return shares[index]!;
    const share = { session, traces: 0, spans: 0 };
    shares.push(share);
    return share;
  }
}
