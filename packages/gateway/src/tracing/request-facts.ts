import { normalizePath, pathSegments, textOfBytes } from '@gatescope/base';
import type { Headers } from '@gatescope/http1';
import { type Latencies, latenciesOf } from './latencies.ts';
import type { RequestRecord } from './request-record.ts';
import type { TracedRequest } from './traced-request.ts';

/** A request and its record as rules and the root span read them. One instance serves a worker, pointed at one request after the other. */
export class RequestFacts {
  request!: TracedRequest;
  record!: RequestRecord;
  #latencies: Latencies | null = null;
  #rawPath = '';
  #path = '';
  /** Null: nobody has asked for those of this path. */
  #segments: readonly string[] | null = null;

  /** Points it at a request. */
  of(record: RequestRecord, request: TracedRequest): this {
    this.request = request;
    this.record = record;
    this.#latencies = null;
    return this;
  }

  /** As the client sent them, whatever plugins have done since. */
  get requestHeaders(): Headers {
    return this.record.requestHeaders ?? this.request.requestHeaders;
  }

  /** The normalised path as text. */
  get path(): string {
    this.#readPath();
    return this.#path;
  }

  get segments(): readonly string[] {
    this.#readPath();
    this.#segments ??= pathSegments(this.#path);
    return this.#segments;
  }

  /** Once every span has ended. */
  get latencies(): Latencies {
    this.#latencies ??= latenciesOf(this.record);
    return this.#latencies;
  }

  /** Many rules ask for the same path. */
  #readPath(): void {
    const { rawPath } = this.request;
    if (rawPath === this.#rawPath) return;
    this.#rawPath = rawPath;
    this.#path = textOfBytes(normalizePath(rawPath));
    this.#segments = null;
  }
}
