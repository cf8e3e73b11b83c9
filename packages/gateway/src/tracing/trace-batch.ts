import { fieldKey, ProtoWriter } from '@gatescope/trace';
import type { ArmedSession } from './armed-session.ts';

/** What a batch holds for one session. */
export interface BatchShare {
  readonly session: ArmedSession;
  traces: number;
  spans: number;
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
  #traces = 0;
  readonly #shares: BatchShare[] = [];

  /** `resource` is the Resource as a field of ResourceSpans; `capacity` the bytes of the traces. */
  constructor(resource: Uint8Array, capacity: number) {
    this.capacity = capacity;
    this.#resource = resource;
    this.#from = resource.length + 16;
    this.#to = this.#from;
    this.#buffer = Buffer.allocUnsafeSlow(this.#from + capacity);
  }

  /** How many traces it holds; one for several sessions counts once. */
  get traces(): number {
    return this.#traces;
  }

  /** What it holds, by session. */
  get shares(): readonly Readonly<BatchShare>[] {
    return this.#shares;
  }

  /** Takes a trace of so many spans, encoded as a ScopeSpans field of ResourceSpans; false where there is no room. */
  add(bytes: Uint8Array, sessions: readonly ArmedSession[], spans: number): boolean {
    if (this.#to + bytes.length > this.#buffer.length) return false;
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
    this.#traces++;
    for (let index = 0; index < sessions.length; index++) {
      const share = this.#shareOf(sessions[index]!);
      share.traces++;
      share.spans += spans;
    }
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
    this.#traces = 0;
    this.#shares.length = 0;
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
