import type { Socket } from 'node:net';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Headers } from './headers.ts';
import type { RequestHead } from './request-head.ts';

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

/** Versions of HTTP that clients speak. */
export type HttpVersion = '1.0' | '1.1' | '2';

/**
 * One request and the answer to it, whatever version of HTTP it came by. Times are performance.now() milliseconds, NaN until reached. The
 * response is begun with {@link start}, continued with {@link write} and finished with {@link end}; what is written within one turn of the
 * event loop leaves in one piece.
 */
export interface ServerExchange {
  readonly connection: ConnectionFacts;
  readonly version: HttpVersion;
  readonly head: RequestHead;
  readonly headers: Headers;
  /** 1 for the first request on its connection. */
  readonly ordinal: number;
  /** The first byte of this request came. */
  readonly firstByteMs: number;
  readonly headersCompleteMs: number;
  /** The body was asked for. */
  readonly bodyStartMs: number;
  readonly bodyCompleteMs: number;
  /** The head of the final response was given. */
  readonly responseStartedMs: number;
  /** The kernel has the last byte. Whoever took the socket over by {@link upgrade} says when. */
  flushedMs: number;
  /** Status with which the engine itself refused the rest of the request; null: it did not. */
  readonly refusedStatus: number | null;
  requestBodyBytes: number;
  readonly responseHeadBytes: number;
  responseBodyBytes: number;
  /** Field lines behind a request body without a length, once it is complete; null where there are none. */
  readonly trailers: Headers | null;
  listener: ExchangeListener | null;
  readonly hasBody: boolean;
  readonly isResponseStarted: boolean;
  /** Lets the body come; a client that waits for 100 Continue is told so first. Called once, after {@link listener} is set. */
  readBody(): void;
  /** Reads no more of the body until {@link resume}: the client is slowed down. */
  pause(): void;
  resume(): void;
  /** Sends an interim response (1xx); `fields` are complete field lines. Ignored for HTTP/1.0 clients. */
  interim(status: number, reason: string, fields: string): void;
  /**
   * Begins the response. `fields` are complete field lines (`Name: value\r\n`, checked by the caller) without Content-Length,
   * Transfer-Encoding and Connection, which the engine writes. Where the answer can have no body (HEAD, 204, 304), what is
   * written is dropped. For HEAD and 304 `length` is what Content-Length says.
   */
  start(status: number, reason: string, fields: string, length: ResponseLength): void;
  /** Writes a piece of the body; false asks to wait for `onDrain`. The chunk may be reused after the call. */
  write(chunk: Buffer): boolean;
  /** Ends the response; `trailers` are complete field lines and go out behind a body without a length alone. */
  end(trailers?: string): void;
  /** Gives the response up without finishing it, so that the client can't take it for complete. */
  abort(): void;
  /**
   * Answers 101 and hands the socket over with the bytes that came behind the request. The engine is done with the
   * connection; the listener is not called any more. HTTP/1.1 alone knows it, where the head says `upgrade`.
   */
  upgrade(fields: string): { socket: Socket; leftover: Buffer };
}
