import { fieldKey, ProtoWriter } from '@gatescope/trace';
import type { ArmedSession } from './armed-session.ts';

/** Whom a trace in a batch is for, and how much it holds. */
export interface BatchedTrace {
  readonly sessions: readonly ArmedSession[];
  readonly spans: number;
}

const RESOURCE_SPANS = fieldKey(1, 2);

/**
 * Traces that are sent together, copied one behind the other into memory of a fixed size, which is used again: traces that wait in buffers
 * of their own would keep the garbage collector busier than the requests they tell of.
 */
export class TraceBatch {
  readonly capacity: number;
  readonly #buffer: Buffer;
  readonly #resource: Uint8Array;
  /** Where the traces begin: before it is room for what leads them. */
  readonly #from: number;
  #to: number;
  #traces: BatchedTrace[] = [];

  /** `resource` is the Resource as a field of ResourceSpans; `capacity` the bytes of the traces. */
  constructor(resource: Uint8Array, capacity: number) {
    this.capacity = capacity;
    this.#resource = resource;
    this.#from = resource.length + 16;
    this.#to = this.#from;
    this.#buffer = Buffer.allocUnsafeSlow(this.#from + capacity);
  }

  get traces(): readonly BatchedTrace[] {
    return this.#traces;
  }

  /** Takes a trace, encoded as a ScopeSpans field of ResourceSpans; false where there is no room. */
  add(bytes: Uint8Array, trace: BatchedTrace): boolean {
    if (this.#to + bytes.length > this.#buffer.length) return false;
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
    this.#traces.push(trace);
    return true;
  }

  /** The batch as an ExportTraceServiceRequest (OTLP 1.x): a view that is valid until the batch is cleared. */
  body(): Uint8Array {
    const lead = new ProtoWriter(this.#from);
    lead.varint(RESOURCE_SPANS, this.#resource.length + this.#to - this.#from);
    lead.raw(this.#resource);
    const start = this.#from - lead.length;
    this.#buffer.set(lead.view(), start);
    return this.#buffer.subarray(start, this.#to);
  }

  clear(): void {
    this.#to = this.#from;
    this.#traces = [];
  }
}
