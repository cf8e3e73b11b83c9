import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import {
  type ConnectionFacts,
  Deadlined,
  type ExchangeListener,
  Headers,
  type HttpVersion,
  ProtocolError,
  type RequestHead,
  type ResponseLength,
  type ServerExchange,
  type ServerLimits,
} from '@gatescope/http1';
import { readFieldLines } from './field-lines.ts';

/** More than this unsent asks the producer to wait. */
const HIGH_WATER_BYTES = 65_536;

/** What an exchange needs of the session it belongs to. */
export interface ExchangeOwner {
  readonly limits: ServerLimits;
  readonly facts: ConnectionFacts;
  renderError(error: ProtocolError, exchange: ServerExchange | null): { fields: string; body: string };
  /** The exchange is over; `byClient`: the client gave it up before it was answered. */
  forget(exchange: Http2Exchange, byClient: boolean): void;
}

/**
 * A request on an HTTP/2 stream. The first byte of its head can't be seen through `node:http2`, which tells of complete heads alone: the
 * request begins when its head is complete.
 */
export class Http2Exchange extends Deadlined implements ServerExchange {
  readonly #owner: ExchangeOwner;
  readonly #stream: ServerHttp2Stream;
  readonly head: RequestHead;
  readonly ordinal: number;
  readonly firstByteMs: number;
  readonly headersCompleteMs: number;
  bodyStartMs = Number.NaN;
  bodyCompleteMs = Number.NaN;
  responseStartedMs = Number.NaN;
  flushedMs = Number.NaN;
  refusedStatus: number | null = null;
  requestBodyBytes = 0;
  responseHeadBytes = 0;
  responseBodyBytes = 0;
  trailers: Headers | null = null;
  listener: ExchangeListener | null = null;
  #reading = false;
  #paused = false;
  #over = false;
  /** Bytes of a body by length that are still to be written; NaN: its length is not known. */
  #unwrittenBytes = 0;
  #bodyless = false;
  #responseEnded = false;
  #closedBy = 'the client closed the connection';
  #trailerLines = '';

  constructor(owner: ExchangeOwner, stream: ServerHttp2Stream, head: RequestHead, ordinal: number) {
    super();
    this.#owner = owner;
    this.#stream = stream;
    this.head = head;
    this.ordinal = ordinal;
    this.firstByteMs = performance.now();
    this.headersCompleteMs = this.firstByteMs;
    if (head.contentLength === 0) this.bodyCompleteMs = this.firstByteMs;
    else stream.on('trailers', (_, __, ...rest: unknown[]) => this.#onTrailers(rest));
    stream.on('error', (error) => (this.#closedBy = error.message));
    stream.on('close', () => this.#onClose());
    stream.on('drain', () => this.#onDrain());
    stream.on('finish', () => this.#onFinish());
  }

  get connection(): ConnectionFacts {
    return this.#owner.facts;
  }

  get version(): HttpVersion {
    return '2';
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
    if (!this.hasBody) {
      this.listener?.onRequestEnd();
      return;
    }
    if (this.#reading || this.#over) return;
    this.#reading = true;
    this.bodyStartMs = performance.now();
    if (this.head.expectContinue && !this.isResponseStarted) this.interim(100, 'Continue', '');
    // A body without a byte has ended before anybody listens.
    if (this.#stream.readableEnded) {
      this.#onEnd();
      return;
    }
    this.#stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#stream.on('end', () => this.#onEnd());
    this.#renewBodyDeadline();
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stream.resume();
    this.#renewBodyDeadline();
  }

  interim(status: number, _reason: string, fields: string): void {
    // 101 has no meaning here (RFC 9113 §8.6).
    if (this.#over || this.isResponseStarted || status === 101 || this.#stream.destroyed) return;
    this.#stream.additionalHeaders({ ...readFieldLines(fields), ':status': status });
  }

  start(status: number, _reason: string, fields: string, length: ResponseLength): void {
    if (this.#over || this.isResponseStarted) return;
    this.responseStartedMs = performance.now();
    this.responseHeadBytes = fields.length;
    const headers = readFieldLines(fields);
    headers[':status'] = status;
    if (length !== 'unknown' && status !== 204) headers['content-length'] = String(length);
    this.#bodyless = status === 204 || status === 304 || this.head.method === 'HEAD' || length === 0;
    this.#unwrittenBytes = length === 'unknown' ? Number.NaN : length;
    const hasTrailers = length === 'unknown' && !this.#bodyless;
    if (hasTrailers)
      this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(readFieldLines(this.#trailerLines)));
    if (this.#stream.destroyed) return;
    this.#stream.respond(headers, { endStream: this.#bodyless, waitForTrailers: hasTrailers });
  }

  write(chunk: Buffer): boolean {
    if (this.#over || this.#bodyless || this.#responseEnded || chunk.length === 0) return true;
    if ((this.#unwrittenBytes -= chunk.length) < 0) {
      this.#lose('the answer is longer than its Content-Length');
      return true;
    }
    this.responseBodyBytes += chunk.length;
    // The stream keeps the piece until it is sent, and its memory is used again after the call.
    this.#stream.write(Buffer.from(chunk));
    if (this.#stream.writableLength <= HIGH_WATER_BYTES) return true;
    this.deadlineMs = performance.now() + this.#owner.limits.sendTimeoutMs;
    return false;
  }

  end(trailers = ''): void {
    if (this.#over || this.#responseEnded) return;
    if (!this.#bodyless && this.#unwrittenBytes > 0) {
      this.#lose('the answer is shorter than its Content-Length');
      return;
    }
    this.#responseEnded = true;
    this.#trailerLines = trailers;
    this.deadlineMs = performance.now() + this.#owner.limits.sendTimeoutMs;
    this.#stream.end();
  }

  abort(): void {
    this.#lose('aborted');
  }

  upgrade(): { socket: Socket; leftover: Buffer } {
    throw new Error('HTTP/2 has no upgrade');
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#stream.writableLength > 0 || this.#responseEnded) this.#lose('the client does not read');
    else if (this.isResponseStarted) this.#lose('the body of the request took too long');
    else this.refuse(new ProtocolError('body_timeout', 'the body of the request took too long'));
  }

  /** Answers a request that can't be served, or whose rest can't. */
  refuse(error: ProtocolError): void {
    const { fields, body } = this.#owner.renderError(error, this.listener === null ? null : this);
    const bytes = Buffer.from(body);
    this.start(error.status, '', fields, bytes.length);
    this.refusedStatus = error.status;
    this.write(bytes);
    this.#stream.end();
    this.#conclude(false)?.onClosed(error.message);
    this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #onData(chunk: Buffer): void {
    if (this.#over) return;
    this.requestBodyBytes += chunk.length;
    const { bodyBytesMax } = this.#owner.limits;
    if (bodyBytesMax > 0 && this.requestBodyBytes > bodyBytesMax) {
      if (this.isResponseStarted) this.#lose('body too large');
      else this.refuse(new ProtocolError('body_too_large', 'body too large'));
      return;
    }
    this.#renewBodyDeadline();
    this.listener?.onRequestData(chunk);
  }

  #onEnd(): void {
    if (this.#over || this.#stream.aborted) return;
    this.bodyCompleteMs = performance.now();
    if (!this.#responseEnded) this.deadlineMs = Number.POSITIVE_INFINITY;
    this.listener?.onRequestEnd();
  }

  /** Trailers come as names and values by turns behind the arguments that older versions of Node know. */
  #onTrailers([fields]: unknown[]): void {
    if (!Array.isArray(fields)) return;
    const trailers = new Headers();
    for (let index = 0; index + 1 < fields.length; index += 2)
      trailers.append(fields[index] as string, fields[index + 1] as string);
    if (trailers.length > 0) this.trailers = trailers;
  }

  #onDrain(): void {
    if (this.#over) return;
    if (!this.#responseEnded) this.deadlineMs = Number.POSITIVE_INFINITY;
    this.listener?.onDrain();
  }

  /** Every piece was taken by the kernel. */
  #onFinish(): void {
    if (this.#over || this.#stream.aborted) return;
    this.flushedMs = performance.now();
    this.#conclude(false)?.onFlushed();
    // The rest of a body that nobody wants (RFC 9113 §8.1).
    if (Number.isNaN(this.bodyCompleteMs)) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #onClose(): void {
    if (this.#over) return;
    const { rstCode } = this.#stream;
    const reason = rstCode === constants.NGHTTP2_CANCEL ? 'the client gave the request up' : this.#closedBy;
    this.#conclude(true)?.onClosed(reason);
  }

  #lose(reason: string): void {
    if (this.#over) return;
    const listener = this.#conclude(false);
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    listener?.onClosed(reason);
  }

  /** Ends the exchange and answers whom to tell. */
  #conclude(byClient: boolean): ExchangeListener | null {
    if (this.#over) return null;
    this.#over = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { listener } = this;
    this.listener = null;
    this.#owner.forget(this, byClient);
    return listener;
  }

  #renewBodyDeadline(): void {
    if (this.#reading && !this.#paused && Number.isNaN(this.bodyCompleteMs))
      this.deadlineMs = performance.now() + this.#owner.limits.bodyTimeoutMs;
  }
}
