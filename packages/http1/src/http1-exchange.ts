import type { Socket } from 'node:net';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Headers } from './headers.ts';
import type { RequestHead } from './request-head.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ExchangeListener, HttpVersion, ResponseLength, ServerExchange } from './server-exchange.ts';

/** A request by HTTP/1.0 or 1.1. */
export class Http1Exchange implements ServerExchange {
  readonly #connection: ServerConnection;
  readonly head: RequestHead;
  /** 1 for the first request on its connection. */
  readonly ordinal: number;
  /** The first byte of this request came. */
  readonly firstByteMs: number;
  readonly headersCompleteMs: number;
  bodyStartMs = Number.NaN;
  bodyCompleteMs = Number.NaN;
  /** The head of the final response was given. */
  responseStartedMs = Number.NaN;
  /** The kernel has the last byte. */
  flushedMs = Number.NaN;
  /** Milliseconds the response waited for the client to read. */
  blockedMs = 0;
  /** Status with which the engine itself refused the rest of the request; null: it did not. */
  refusedStatus: number | null = null;
  requestBodyBytes = 0;
  responseHeadBytes = 0;
  responseBodyBytes = 0;
  /** Field lines behind a chunked request body, once it is complete; null where there are none. */
  trailers: Headers | null = null;
  listener: ExchangeListener | null = null;

  constructor(connection: ServerConnection, head: RequestHead, ordinal: number, firstByteMs: number) {
    this.#connection = connection;
    this.head = head;
    this.ordinal = ordinal;
    this.firstByteMs = firstByteMs;
    this.headersCompleteMs = performance.now();
    if (head.contentLength === 0) this.bodyCompleteMs = this.headersCompleteMs;
  }

  get connection(): ConnectionFacts {
    return this.#connection.facts;
  }

  get version(): HttpVersion {
    return this.head.minorVersion === 1 ? '1.1' : '1.0';
  }

  get headers(): Headers {
    return this.head.headers;
  }

  get hasBody(): boolean {
    return this.head.contentLength !== 0;
  }

  get isResponseStarted(): boolean {
    return !Number.isNaN(this.responseStartedMs);
  }

  readBody(): void {
    this.#connection.readBody(this);
  }

  pause(): void {
    this.#connection.pauseReading();
  }

  resume(): void {
    this.#connection.resumeReading();
  }

  interim(status: number, reason: string, fields: string): void {
    if (this.head.minorVersion === 1 && !this.isResponseStarted) {
      this.#connection.writeText(`HTTP/1.1 ${status} ${reason}\r\n${fields}\r\n`);
    }
  }

  start(status: number, reason: string, fields: string, length: ResponseLength): void {
    this.#connection.startResponse(this, status, reason, fields, length);
  }

  write(chunk: Buffer): boolean {
    return this.#connection.writeBody(this, chunk);
  }

  end(trailers = ''): void {
    this.#connection.endResponse(this, trailers);
  }

  abort(): void {
    this.#connection.abort('aborted');
  }

  /** No further request is served on this connection: the response says `Connection: close`. Before {@link start}. */
  closeAfterwards(): void {
    this.#connection.closeAfterResponse();
  }

  upgrade(fields: string): { socket: Socket; leftover: Buffer } {
    return this.#connection.handOver(this, fields);
  }
}
