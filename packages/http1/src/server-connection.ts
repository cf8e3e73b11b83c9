import type { Socket } from 'node:net';
import { BodyReader } from './body-reader.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import { hasBareLineFeed, headEnd } from './head-end.ts';
import { ProtocolError } from './http-error.ts';
import { Http1Exchange } from './http1-exchange.ts';
import type { ServerLimits } from './limits.ts';
import type { ChunkedSink, HttpParser } from './llhttp.ts';
import { Output, type OutputOwner } from './output.ts';
import { parseRequestHead } from './request-head.ts';
import type { ResponseLength } from './server-exchange.ts';
import { Deadlined } from './sweep.ts';

/** What a connection needs of its server. */
export interface ConnectionOwner {
  readonly limits: ServerLimits;
  /** True while the server drains: connections close after the answer they are at. */
  readonly isDraining: boolean;
  onRequest(exchange: Http1Exchange): void;
  /** Field lines and body of the answer to a request that can't be served. */
  renderError(error: ProtocolError, exchange: Http1Exchange | null): { fields: string; body: string };
  forget(connection: ServerConnection): void;
}

const EMPTY = Buffer.alloc(0);
/** Bytes of further requests kept while one is answered; beyond it the connection is not read. */
const PIPELINED_BYTES_MAX = 65_536;
/** A client that half-closes its connection gets its answer if it comes this soon; later it counts as gone. */
const HALF_CLOSE_GRACE_MS = 100;
/** How long the remains of a refused request are read and dropped, so that the client sees the answer. */
const LINGER_MS = 2_000;

type BodyState = 'none' | 'waiting' | 'reading' | 'complete';
type ResponseFraming = 'none' | 'length' | 'chunked' | 'close';

/**
 * One client connection: finds the requests in its bytes, one at a time and in order, and writes the answers. A request that
 * comes while another is answered waits as bytes.
 */
export class ServerConnection extends Deadlined implements ChunkedSink, OutputOwner {
  readonly facts: ConnectionFacts;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #output: Output;
  #ordinal = 0;
  /** Bytes read but not used yet: an unfinished head, or further requests. */
  #pending: Buffer = EMPTY;
  #firstByteMs = Number.NaN;
  #exchange: Http1Exchange | null = null;
  #body: BodyReader | null = null;
  #bodyState: BodyState = 'none';
  #chunkedParser: HttpParser | null = null;
  #framing: ResponseFraming = 'none';
  /** Bytes of a body by length that are still to be written. */
  #unwrittenBytes = 0;
  #keepAlive = true;
  #responseEnded = false;
  #paused = false;
  #backlogged = false;
  #halfClosed = false;
  #isNextScheduled = false;
  #lingering = false;
  #closed = false;
  #handedOver = false;

  constructor(owner: ConnectionOwner, socket: Socket, facts: ConnectionFacts) {
    super();
    this.#owner = owner;
    this.#socket = socket;
    this.facts = facts;
    this.#output = new Output(socket, this);
    this.deadlineMs = performance.now() + owner.limits.headersTimeoutMs;
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#lose(error.message));
    socket.on('close', () => this.#lose('connection closed'));
    socket.on('drain', () => this.#onDrain());
  }

  /** Bytes from the client, a view that is valid during the call alone. */
  onRead(chunk: Buffer): void {
    if (this.#handedOver) {
      // A socket that reads into the shared buffer emits no `data` by itself.
      this.#socket.emit('data', chunk);
      return;
    }
    if (this.#lingering || this.#closed) return;
    if (this.#bodyState === 'reading') {
      this.#readBody(chunk, 0);
      return;
    }
    if (this.#exchange !== null) {
      this.#keepForLater(chunk);
      return;
    }
    if (this.#pending.length > 0) {
      const joined = Buffer.concat([this.#pending, chunk]);
      this.#pending = EMPTY;
      this.#readHead(joined, 0);
      return;
    }
    this.#firstByteMs = performance.now();
    this.#readHead(chunk, 0);
  }

  onPayload(chunk: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.requestBodyBytes += chunk.length;
    exchange.listener?.onRequestData(chunk);
  }

  onDeadline(nowMs: number): void {
    const { limits } = this.#owner;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#lingering) this.#socket.destroy();
    else if (this.#halfClosed) this.#lose('client closed the connection');
    else if (this.#exchange === null) {
      if (this.#pending.length === 0) this.#socket.destroy();
      else this.#refuse(new ProtocolError('headers_timeout', 'the head of the request took too long'));
    } else if (this.#output.isUnsent) this.#lose('the client does not read');
    else if (this.#bodyState === 'reading' && !this.#paused) {
      if (this.#exchange.isResponseStarted) this.#lose('the body of the request took too long');
      else this.#refuse(new ProtocolError('body_timeout', 'the body of the request took too long'));
    } else this.deadlineMs = nowMs + limits.bodyTimeoutMs;
  }

  /** Closes the connection at once if it is idle, otherwise after the answer it is at. */
  drain(): void {
    if (this.#lingering) return;
    if (this.#exchange === null && this.#pending.length === 0) this.#socket.destroy();
    else this.#keepAlive = false;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readBody(exchange: Http1Exchange): void {
    if (this.#bodyState === 'none') {
      exchange.listener?.onRequestEnd();
      return;
    }
    if (this.#bodyState !== 'waiting') return;
    const { head } = exchange;
    this.#body =
      this.#chunkedParser === null
        ? BodyReader.ofLength(head.contentLength, this)
        : BodyReader.chunked(this.#chunkedParser, this);
    this.#chunkedParser = null;
    this.#bodyState = 'reading';
    exchange.bodyStartMs = performance.now();
    this.deadlineMs = exchange.bodyStartMs + this.#owner.limits.bodyTimeoutMs;
    if (this.#pending.length > 0) {
      const pending = this.#pending;
      this.#pending = EMPTY;
      this.#readBody(pending, 0);
      if (this.#halfClosed && this.#bodyState === 'reading') this.#lose('client closed the connection');
    } else if (head.expectContinue) exchange.interim(100, 'Continue', '');
    this.#readOn();
  }

  pauseReading(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#renewBodyDeadline();
    this.#readOn();
  }

  writeText(text: string): void {
    if (!this.#closed) this.#output.text(text);
  }

  closeAfterResponse(): void {
    this.#keepAlive = false;
  }

  startResponse(
    exchange: Http1Exchange,
    status: number,
    reason: string,
    fields: string,
    length: ResponseLength,
  ): void {
    if (this.#closed || exchange !== this.#exchange || exchange.isResponseStarted) return;
    const { head } = exchange;
    exchange.responseStartedMs = performance.now();
    let lines = fields;
    const bodyless = status === 204 || status === 304 || head.method === 'HEAD';
    if (length !== 'unknown') {
      if (status !== 204) lines += `Content-Length: ${length}\r\n`;
      this.#framing = bodyless ? 'none' : 'length';
      this.#unwrittenBytes = length;
    } else if (bodyless) this.#framing = 'none';
    else if (head.minorVersion === 1) {
      lines += 'Transfer-Encoding: chunked\r\n';
      this.#framing = 'chunked';
    } else {
      this.#framing = 'close';
      this.#keepAlive = false;
    }
    // A body that was never asked for, or is not read to its end, can't be told from the next request.
    if (this.#bodyState === 'waiting' || this.#owner.isDraining) this.#keepAlive = false;
    lines += this.#keepAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
    const text = `HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`;
    exchange.responseHeadBytes = text.length;
    this.#output.text(text);
  }

  writeBody(exchange: Http1Exchange, chunk: Buffer): boolean {
    if (this.#closed || exchange !== this.#exchange || this.#responseEnded) return true;
    if (this.#framing === 'none' || chunk.length === 0) return true;
    if (this.#framing === 'length' && (this.#unwrittenBytes -= chunk.length) < 0) {
      // The client would take the rest for the beginning of its next answer.
      this.#lose('the answer is longer than its Content-Length');
      return true;
    }
    exchange.responseBodyBytes += chunk.length;
    if (this.#framing === 'chunked') {
      this.#output.text(`${chunk.length.toString(16)}\r\n`);
      this.#output.chunk(chunk);
      this.#output.text('\r\n');
    } else this.#output.chunk(chunk);
    if (!this.#output.isBlocked()) return true;
    this.deadlineMs = performance.now() + this.#owner.limits.sendTimeoutMs;
    return false;
  }

  endResponse(exchange: Http1Exchange, trailers: string): void {
    if (this.#closed || exchange !== this.#exchange || this.#responseEnded) return;
    if (this.#framing === 'length' && this.#unwrittenBytes > 0) {
      this.#lose('the answer is shorter than its Content-Length');
      return;
    }
    this.#responseEnded = true;
    if (this.#framing === 'chunked') this.#output.text(`0\r\n${trailers}\r\n`);
    if (this.#bodyState === 'waiting' || this.#bodyState === 'reading') {
      // Nobody wants the rest of the body, so where it ends is not looked for.
      this.#keepAlive = false;
      this.#releaseBody();
    }
    this.deadlineMs = performance.now() + this.#owner.limits.sendTimeoutMs;
    this.#output.tellFlushed();
  }

  onOutputFlushed(error: Error | null): void {
    if (this.#closed) return;
    if (error === null) this.#onFlushed();
    else this.#lose(error.message);
  }

  abort(reason: string): void {
    this.#lose(reason);
  }

  handOver(exchange: Http1Exchange, fields: string): { socket: Socket; leftover: Buffer } {
    exchange.responseStartedMs = performance.now();
    const text = `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`;
    exchange.responseHeadBytes = text.length;
    this.#output.text(text);
    this.#output.flush();
    const leftover = this.#pending;
    this.#pending = EMPTY;
    this.#closed = true;
    this.#handedOver = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#owner.forget(this);
    for (const event of ['data', 'end', 'error', 'close', 'drain']) this.#socket.removeAllListeners(event);
    return { socket: this.#socket, leftover };
  }

  #readHead(bytes: Buffer, from: number): void {
    const { limits } = this.#owner;
    try {
      // Empty lines before a request line are ignored (RFC 9112 §2.2).
      while (bytes[from] === 13 && bytes[from + 1] === 10) from += 2;
      const end = headEnd(bytes, from);
      if (end < 0) {
        this.#checkUnfinished(bytes, from, limits);
        this.#pending = from === bytes.length ? EMPTY : Buffer.from(bytes.subarray(from));
        // Counted from the first byte, so that a head that dribbles in does not earn itself time.
        if (this.#pending.length > 0) this.#armHeadersDeadline();
        return;
      }
      if (end - from > limits.headBytesMax) throw tooLarge(bytes, from, limits);
      const { head, parser } = parseRequestHead(bytes, from, end, limits);
      this.#begin(new Http1Exchange(this, head, ++this.#ordinal, this.#firstByteMs), parser, bytes, end);
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.#refuse(thrown);
    }
  }

  #checkUnfinished(bytes: Buffer, from: number, limits: ServerLimits): void {
    if (hasBareLineFeed(bytes, from))
      throw new ProtocolError('bad_request', 'line feed without carriage return');
    if (bytes.length - from > limits.headBytesMax) throw tooLarge(bytes, from, limits);
    if (isLineTooLong(bytes, from, limits))
      throw new ProtocolError('target_too_long', 'request line too long');
    // What can't begin a request line (a TLS handshake, binary noise) is answered at once instead of waited for.
    const first = bytes[from];
    if (first !== undefined && first !== 13 && (first < 33 || first > 126))
      throw new ProtocolError('bad_request', 'this is not HTTP');
  }

  #begin(exchange: Http1Exchange, parser: HttpParser | null, bytes: Buffer, end: number): void {
    const { limits } = this.#owner;
    const { head } = exchange;
    this.#exchange = exchange;
    this.#responseEnded = false;
    this.#framing = 'none';
    this.#keepAlive =
      head.keepAlive && this.#ordinal < limits.requestsPerConnectionMax && !this.#owner.isDraining;
    this.#chunkedParser = parser;
    this.#bodyState = head.contentLength === 0 ? 'none' : 'waiting';
    this.deadlineMs = this.#halfClosed ? performance.now() + HALF_CLOSE_GRACE_MS : Number.POSITIVE_INFINITY;
    if (end < bytes.length) this.#pending = Buffer.from(bytes.subarray(end));
    if (this.#bodyState === 'waiting' || this.#pending.length > 0) this.#holdReading();
    else if (this.#backlogged) this.#readOn();
    this.#owner.onRequest(exchange);
  }

  #readBody(bytes: Buffer, from: number): void {
    const exchange = this.#exchange;
    const body = this.#body;
    if (exchange === null || body === null) return;
    const { limits } = this.#owner;
    const progress = body.read(bytes, from);
    // The handler may have answered, or given up, while it got the payload.
    if (this.#closed || this.#body !== body) return;
    if (progress.error !== null) {
      this.#breakOff(new ProtocolError('bad_request', progress.error));
      return;
    }
    if (limits.bodyBytesMax > 0 && body.payloadBytes > limits.bodyBytesMax) {
      this.#breakOff(new ProtocolError('body_too_large', 'body too large'));
      return;
    }
    if (!progress.complete) {
      this.#renewBodyDeadline();
      return;
    }
    this.#bodyState = 'complete';
    this.#body = null;
    exchange.trailers = body.trailers;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    exchange.bodyCompleteMs = performance.now();
    const rest = from + progress.consumed;
    if (rest < bytes.length) this.#keepForLater(bytes.subarray(rest));
    exchange.listener?.onRequestEnd();
  }

  /** A body that breaks off: answered if no answer has begun, cut otherwise. */
  #breakOff(error: ProtocolError): void {
    const exchange = this.#exchange;
    if (exchange?.isResponseStarted === true) this.#lose(error.message);
    else this.#refuse(error);
  }

  #keepForLater(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length > PIPELINED_BYTES_MAX) this.#holdReading();
  }

  #holdReading(): void {
    this.#backlogged = true;
    this.#socket.pause();
  }

  #readOn(): void {
    this.#backlogged = false;
    if (!this.#paused && !this.#closed) this.#socket.resume();
  }

  #onFlushed(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.flushedMs = performance.now();
    this.#output.unblock();
    exchange.blockedMs = this.#output.takeBlockedMs();
    this.#exchange = null;
    const { listener } = exchange;
    exchange.listener = null;
    listener?.onFlushed();
    if (this.#closed) return;
    const isOver = this.#halfClosed && this.#pending.length === 0;
    if (!this.#keepAlive || isOver || this.#owner.isDraining) {
      this.#finish();
      return;
    }
    this.deadlineMs = exchange.flushedMs + this.#owner.limits.keepAliveTimeoutMs;
    const isHeld = this.#backlogged || this.#paused;
    this.#paused = false;
    if (this.#pending.length > 0) {
      // In a turn of its own: an answer given at once would otherwise recurse as deep as a client pipelines.
      this.#isNextScheduled = true;
      setImmediate(() => this.#readPipelined());
      return;
    }
    if (isHeld) this.#readOn();
  }

  #readPipelined(): void {
    this.#isNextScheduled = false;
    if (this.#closed || this.#exchange !== null) return;
    const pending = this.#pending;
    this.#pending = EMPTY;
    this.#firstByteMs = performance.now();
    this.#armHeadersDeadline();
    this.#readHead(pending, 0);
    if (this.#exchange !== null) return;
    if (this.#halfClosed) this.#socket.destroySoon();
    else this.#readOn();
  }

  /** Answers a request that can't be served, and closes. */
  #refuse(error: ProtocolError): void {
    const exchange = this.#exchange;
    const { fields, body } = this.#owner.renderError(error, exchange);
    this.#output.text(
      `HTTP/1.1 ${error.status} ${REASONS[error.kind]}\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`,
    );
    if (exchange?.head.method !== 'HEAD') this.#output.text(Buffer.from(body).latin1Slice());
    this.#output.flush();
    this.#exchange = null;
    this.#releaseBody();
    this.#finish();
    const listener = exchange?.listener ?? null;
    if (exchange !== null) {
      exchange.listener = null;
      exchange.refusedStatus = error.status;
    }
    listener?.onClosed(error.message);
  }

  /** Closes after everything written was sent; what still comes is read and dropped for a while, so that the answer is not lost. */
  #finish(): void {
    this.#pending = EMPTY;
    this.#lingering = true;
    this.deadlineMs = performance.now() + LINGER_MS;
    if (this.#halfClosed) {
      this.#socket.destroySoon();
      return;
    }
    this.#socket.end();
    this.#socket.resume();
  }

  #onEnd(): void {
    this.#halfClosed = true;
    // Requests that came before the end are answered still.
    if (this.#isNextScheduled) return;
    if (this.#lingering || this.#exchange === null) this.#socket.destroySoon();
    else if (this.#bodyState === 'reading' || this.#bodyState === 'waiting')
      this.#lose('client closed the connection');
    else this.deadlineMs = performance.now() + HALF_CLOSE_GRACE_MS;
  }

  #onDrain(): void {
    this.#output.unblock();
    if (this.#exchange !== null && !this.#responseEnded && !this.#halfClosed)
      this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#exchange?.listener?.onDrain();
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#socket.destroy();
    this.#owner.forget(this);
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#releaseBody();
    if (exchange === null) return;
    this.#output.unblock();
    exchange.blockedMs = this.#output.takeBlockedMs();
    const { listener } = exchange;
    exchange.listener = null;
    listener?.onClosed(reason);
  }

  #releaseBody(): void {
    this.#body?.release();
    this.#body = null;
    this.#chunkedParser?.release();
    this.#chunkedParser = null;
    this.#bodyState = 'none';
  }

  #renewBodyDeadline(): void {
    if (this.#bodyState === 'reading') this.deadlineMs = performance.now() + this.#owner.limits.bodyTimeoutMs;
  }

  #armHeadersDeadline(): void {
    this.deadlineMs = this.#firstByteMs + this.#owner.limits.headersTimeoutMs;
  }
}

/** Whether the request line, complete or not, is longer than it may be. */
function isLineTooLong(bytes: Buffer, from: number, limits: ServerLimits): boolean {
  if (bytes.length - from <= limits.requestLineBytesMax) return false;
  const end = bytes.indexOf('\r', from);
  return (end < 0 ? bytes.length : end) - from > limits.requestLineBytesMax;
}

function tooLarge(bytes: Buffer, from: number, limits: ServerLimits): ProtocolError {
  return isLineTooLong(bytes, from, limits)
    ? new ProtocolError('target_too_long', 'request line too long')
    : new ProtocolError('headers_too_large', 'request head too large');
}

const REASONS = {
  bad_request: 'Bad Request',
  target_too_long: 'URI Too Long',
  headers_too_large: 'Request Header Fields Too Large',
  body_too_large: 'Content Too Large',
  unsupported_version: 'HTTP Version Not Supported',
  method_not_allowed: 'Method Not Allowed',
  headers_timeout: 'Request Timeout',
  body_timeout: 'Request Timeout',
  expectation_failed: 'Expectation Failed',
} as const;
