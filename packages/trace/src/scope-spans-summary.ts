import { ChosenAttributes } from './chosen-attributes.ts';
import { readEachSpan, readStatus } from './otlp-reader.ts';
import { hex, passKeyValue } from './otlp-values.ts';
import { ProtoError, type ProtoReader } from './proto-reader.ts';
import type { AttributeValue } from './span.ts';
import {
  EXIT_STATUS_ATTRIBUTE,
  type SpanGist,
  type SpanSummary,
  SUMMARY_ATTRIBUTES,
  summaryOf,
} from './summary.ts';

const HALF = 2 ** 32;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const EXIT_STATUS = new TextEncoder().encode(EXIT_STATUS_ATTRIBUTE);
const CHOSEN = new ChosenAttributes(SUMMARY_ATTRIBUTES);

/**
 * What `readScopeSpans()` and `summarise()` say together, without making spans: the attributes of root and router are read, the others only
 * checked. Null where there is no root. `traceId` is the first span's. Throws {@link ProtoError} where reading the spans would.
 */
export function summariseScopeSpans(bytes: Uint8Array): { traceId: string; summary: SpanSummary } | null {
  const spans = readEachSpan(bytes, (reader) => new GistInBytes(bytes, reader));
  const summary = summaryOf(spans);
  return summary === null ? null : { traceId: spans[0]!.traceId, summary };
}

/** A span that was passed over: what is asked for of it is read where it lies. */
class GistInBytes implements SpanGist {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  name = '';
  failure: string | null = null;
  exits = false;
  #traceIdAt = 0;
  #spanIdAt = 0;
  #parentAt = 0;
  #parentBytes = 0;
  /** Halves of unsigned nanoseconds since the epoch: differences of numbers are exact to what one holds, and cost nothing. */
  #startLow = 0;
  #startHigh = 0;
  #endLow = 0;
  #endHigh = 0;

  /** Passes over the span that the reader is at. */
  constructor(bytes: Uint8Array, reader: ProtoReader) {
    this.#bytes = bytes;
    let traceIdBytes = 0;
    let spanIdBytes = 0;
    const outer = reader.enter();
    this.#from = reader.position;
    while (!reader.isAtEnd) {
      const key = reader.key();
      if (key === 0x4a) {
        if (passKeyValue(reader, 0, EXIT_STATUS)) this.exits = true;
      } else if (key === 0x0a) {
        this.#traceIdAt = reader.passBytes();
        traceIdBytes = reader.position - this.#traceIdAt;
      } else if (key === 0x12) {
        this.#spanIdAt = reader.passBytes();
        spanIdBytes = reader.position - this.#spanIdAt;
      } else if (key === 0x22) {
        this.#parentAt = reader.passBytes();
        this.#parentBytes = reader.position - this.#parentAt;
      } else if (key === 0x2a) this.name = reader.term();
      else if (key === 0x39) {
        this.#startLow = reader.fixed32();
        this.#startHigh = reader.fixed32();
      } else if (key === 0x41) {
        this.#endLow = reader.fixed32();
        this.#endHigh = reader.fixed32();
      } else if (key === 0x5a) passEvent(reader);
      else if (key === 0x7a) {
        const { code, message } = readStatus(reader);
        this.failure = code === 'ERROR' ? message : null;
      } else reader.skip(key);
    }
    this.#to = reader.position;
    reader.leave(outer);
    if (spanIdBytes !== SPAN_ID_BYTES || traceIdBytes !== TRACE_ID_BYTES)
      throw new ProtoError('span without a valid id');
  }

  get traceId(): string {
    return this.#hex(this.#traceIdAt, TRACE_ID_BYTES);
  }

  get spanId(): string {
    return this.#hex(this.#spanIdAt, SPAN_ID_BYTES);
  }

  get parentId(): string | null {
    return this.#hex(this.#parentAt, this.#parentBytes) || null;
  }

  get startUnixNano(): string {
    return ((BigInt(this.#startHigh) << 32n) | BigInt(this.#startLow)).toString();
  }

  get attributes(): Readonly<Record<string, AttributeValue>> {
    return CHOSEN.read(this.#bytes, this.#from, this.#to, 0x4a);
  }

  get duration(): number {
    return this.endAfter(this);
  }

  startAfter(origin: GistInBytes): number {
    return (this.#startHigh - origin.#startHigh) * HALF + (this.#startLow - origin.#startLow);
  }

  endAfter(origin: GistInBytes): number {
    return (this.#endHigh - origin.#startHigh) * HALF + (this.#endLow - origin.#startLow);
  }

  #hex(at: number, length: number): string {
    return hex(this.#bytes.subarray(at, at + length));
  }
}

function passEvent(reader: ProtoReader): void {
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x1a) passKeyValue(reader, 0, EXIT_STATUS);
    else reader.skip(key);
  }
  reader.leave(outer);
}
