import type { RequestRecord } from '../tracing/request-record.ts';
import { SPAN } from '../tracing/span-kinds.ts';

/** Stretches that lie closer together than this are one, milliseconds: a slow reader drains its buffers in many small steps. */
const MERGE_MS = 5;
/** Spans of one response's stretches; what comes after lengthens the last. */
const SPANS_OF_WAITS_MAX = 16;

/** The stretches in which a response waited for its client to read. Times are performance.now() milliseconds. */
export class ClientWaits {
  #sinceMs = Number.NaN;
  #span = -1;
  #count = 0;

  /** The client is to read before anything more is written. */
  begin(nowMs: number): void {
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs;
  }

  /** The client has read. */
  end(record: RequestRecord, nowMs: number): void {
    if (Number.isNaN(this.#sinceMs)) return;
    this.add(record, this.#sinceMs, nowMs);
    this.#sinceMs = Number.NaN;
  }

  /** Notes a stretch. */
  add(record: RequestRecord, startMs: number, endMs: number): void {
    const isClose = this.#span >= 0 && startMs - record.endOf(this.#span) <= MERGE_MS;
    if (isClose || this.#count === SPANS_OF_WAITS_MAX) {
      record.close(this.#span, endMs);
      return;
    }
    this.#count++;
    this.#span = record.add(SPAN.waitForClient, 0, startMs, endMs);
  }
}
