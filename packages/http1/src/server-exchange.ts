import type { Socket } from 'node:net';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Headers } from './headers.ts';
import type { RequestHead } from './request-head.ts';
import type { ServerConnection } from './server-connection.ts';

/** Whom an exchange tells what happens to it. Methods are called in the order of events and never after `onClosed`. */
export interface ExchangeListener {
  /** A piece of the request's body: a view that is valid during the call alone. */
  onRequestData(chunk: Buffer): void;
  /** The request's body is complete; called at once for a request without one. */
  onRequestEnd(): void;
  /** The client reads again after {@link ServerExchange.write} answered false. */
  onDrain(): void;
  /** The kernel has the last byte of the response: the exchange is over. */
  onFlushed(): void;
  /** The connection was lost, or given up, before that: the exchange is over. */
  onClosed(reason: string): void;
}

/** How the body of a response is framed: by its length (bytes), or unknown before it ends. */
export type ResponseLength = number | 'unknown';

/**
 * One request on a connection and the answer to it. Times are performance.now() milliseconds, NaN until reached. The response is
 * begun with {@link start}, continued with {@link write} and finished with {@link end}; what is written within one turn of the event loop
 * leaves in one piece.
 */
export class ServerExchange {
  readonly #connection: ServerConnection;
  readonly head: RequestHead;
  /** 1 for the first request on its connection. */
  readonly ordinal: number;
  /** The first byte of this request came. */
  readonly firstByteMs: number;
  readonly headersCompleteMs: number;
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

  get headers(): Headers {
    return this.head.headers;
  }

  get hasBody(): boolean {
    return this.head.contentLength !== 0;
  }

  get isResponseStarted(): boolean {
    return !Number.isNaN(this.responseStartedMs);
  }

  /** Lets the body come; a client that waits for 100 Continue is told so first. Called once, after {@link listener} is set. */
  readBody(): void {
    this.#connection.readBody(this);
  }

  /** Stops reading the connection until {@link resume}: the client is slowed down by TCP. */
  pause(): void {
    this.#connection.pauseReading();
  }

  resume(): void {
    this.#connection.resumeReading();
  }

  /** Sends an interim response (1xx); `fields` are complete field lines. Ignored for HTTP/1.0 clients. */
  interim(status: number, reason: string, fields: string): void {
    if (this.head.minorVersion === 1 && !this.isResponseStarted) {
      this.#connection.writeText(`HTTP/1.1 ${status} ${reason}\r\n${fields}\r\n`);
    }
  }

  /**
   * Begins the response. `fields` are complete field lines (`Name: value\r\n`, checked by the caller) without Content-Length,
   * Transfer-Encoding and Connection, which the engine writes. Where the answer can have no body (HEAD, 204, 304), what is
   * written is dropped. For HEAD and 304 `length` is what Content-Length says.
   */
  start(status: number, reason: string, fields: string, length: ResponseLength): void {
    this.#connection.startResponse(this, status, reason, fields, length);
  }

  /** Writes a piece of the body; false asks to wait for `onDrain`. The chunk may be reused after the call. */
  write(chunk: Buffer): boolean {
    return this.#connection.writeBody(this, chunk);
  }

  /** Ends the response; `trailers` are complete field lines and go out with a chunked body alone. */
  end(trailers = ''): void {
    this.#connection.endResponse(this, trailers);
  }

  /** Gives the connection up without finishing the response, so that the client can't take it for complete. */
  abort(): void {
    this.#connection.abort('aborted');
  }

  /** No further request is served on this connection: the response says `Connection: close`. Before {@link start}. */
  closeAfterwards(): void {
    this.#connection.closeAfterResponse();
  }

  /**
   * Answers 101 and hands the socket over with the bytes that came behind the request. The engine is done with the
   * connection; the listener is not called any more.
   */
  upgrade(fields: string): { socket: Socket; leftover: Buffer } {
    return this.#connection.handOver(this, fields);
  }
}
