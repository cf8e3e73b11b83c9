import type { Socket } from 'node:net';
import { BodyReader } from './body-reader.ts';
import { hasBareLineFeed, headEnd } from './head-end.ts';
import type { Headers } from './headers.ts';
import { UpstreamError, type UpstreamErrorKind } from './http-error.ts';
import type { ClientLimits } from './limits.ts';
import type { ChunkedSink } from './llhttp.ts';
import { Output, type OutputOwner } from './output.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import { Deadlined } from './sweep.ts';

/** Whom a request to an upstream tells what happens to it. `onEnd`, `onError` and `onUpgrade` are the last call. */
export interface UpstreamListener {
  /** An interim (1xx) response other than 101. */
  onInterim(head: ResponseHead): void;
  onResponse(head: ResponseHead): void;
  /** A piece of the body: a view that is valid during the call alone. */
  onResponseData(chunk: Buffer): void;
  /** The response is complete; `trailers` are the field lines behind a chunked body, null where there are none. */
  onResponseEnd(trailers: Headers | null): void;
  /** The upstream answered 101 to a request that asked for it: the socket is the listener's, with the bytes behind the answer. */
  onUpgrade(head: ResponseHead, socket: Socket, leftover: Buffer): void;
  /** The upstream reads again after {@link UpstreamConnection.write} answered false. */
  onUpstreamDrain(): void;
  onError(error: UpstreamError): void;
}

/** Times of one request to an upstream, performance.now() milliseconds, NaN until reached. */
export class UpstreamTimes {
  startedMs = Number.NaN;
  /** The kernel has the last byte of the request. */
  requestFlushedMs = Number.NaN;
  firstByteMs = Number.NaN;
  headersMs = Number.NaN;
  lastByteMs = Number.NaN;
}

export interface UpstreamTimeouts {
  /** Between two writes that the upstream does not take. */
  readonly sendMs: number;
  /** Between two reads. */
  readonly readMs: number;
}

/** What a connection needs of its pool. */
export interface ConnectionHome {
  readonly limits: ClientLimits;
  /** The connection can serve another request. */
  release(connection: UpstreamConnection): void;
  /** The connection is gone. */
  forget(connection: UpstreamConnection): void;
}

const EMPTY = Buffer.alloc(0);

/** One connection to an upstream, serving one request at a time. */
export class UpstreamConnection extends Deadlined implements ChunkedSink, OutputOwner {
  readonly key: string;
  readonly socket: Socket;
  readonly #home: ConnectionHome;
  readonly #output: Output;
  /** Requests begun on it. */
  requests = 0;
  connectStartMs = Number.NaN;
  connectedMs = Number.NaN;
  /** End of the TLS handshake; NaN on plaintext. */
  securedMs = Number.NaN;
  #listener: UpstreamListener | null = null;
  #method = '';
  #asksUpgrade = false;
  #timeouts: UpstreamTimeouts | null = null;
  #times: UpstreamTimes | null = null;
  #pending: Buffer = EMPTY;
  #interims = 0;
  #head: ResponseHead | null = null;
  #body: BodyReader | null = null;
  #requestChunked = false;
  #requestEnded = false;
  #responseEnded = false;
  #paused = false;
  #closed = false;
  #handedOver = false;
  #sawEnd = false;

  constructor(home: ConnectionHome, key: string, socket: Socket) {
    super();
    this.#home = home;
    this.key = key;
    this.socket = socket;
    this.#output = new Output(socket, this);
  }

  /** Takes over the socket's events once it is connected. */
  begin(): void {
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('error', (error) => this.#fail('reset', error.message, error));
    this.socket.on('close', () =>
      this.#fail(this.#head === null ? 'closed_before_response' : 'closed_in_response', 'connection closed'),
    );
    this.socket.on('drain', () => this.#onDrain());
  }

  get isReused(): boolean {
    return this.requests > 1;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a request whose `head` is complete (request line to empty line, latin1). A body follows by {@link write} and {@link end} where
   * `hasBody`; `chunked` frames it here.
   */
  send(
    listener: UpstreamListener,
    request: { method: string; head: string; hasBody: boolean; chunked: boolean; upgrade: boolean },
    timeouts: UpstreamTimeouts,
  ): UpstreamTimes {
    const times = new UpstreamTimes();
    times.startedMs = performance.now();
    this.#listener = listener;
    this.#method = request.method;
    this.#asksUpgrade = request.upgrade;
    this.#timeouts = timeouts;
    this.#times = times;
    this.#interims = 0;
    this.#head = null;
    this.#requestChunked = request.chunked;
    this.#requestEnded = !request.hasBody;
    this.#responseEnded = false;
    this.deadlineMs = times.startedMs + timeouts.readMs;
    if (request.hasBody) this.#output.text(request.head);
    else this.#output.textNow(request.head);
    return times;
  }

  /** Writes a piece of the body, which may be reused after the call; false asks to wait for `onUpstreamDrain`. */
  write(chunk: Buffer): boolean {
    if (this.#closed || this.#requestEnded || chunk.length === 0) return true;
    if (this.#requestChunked) {
      this.#output.text(`${chunk.length.toString(16)}\r\n`);
      this.#output.chunk(chunk);
      this.#output.text('\r\n');
    } else this.#output.chunk(chunk);
    if (this.#timeouts !== null) this.deadlineMs = performance.now() + this.#timeouts.readMs;
    if (!this.#output.isBlocked()) return true;
    if (this.#timeouts !== null) this.deadlineMs = performance.now() + this.#timeouts.sendMs;
    return false;
  }

  /** Ends the body; `trailers` are complete field lines and go out with a chunked body alone. */
  end(trailers = ''): void {
    if (this.#closed || this.#requestEnded) return;
    this.#requestEnded = true;
    if (this.#requestChunked) this.#output.text(`0\r\n${trailers}\r\n`);
    this.#output.tellFlushed();
    if (this.#responseEnded) this.#complete();
  }

  pause(): void {
    this.#paused = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#timeouts !== null) this.deadlineMs = performance.now() + this.#timeouts.readMs;
    this.socket.resume();
  }

  onOutputFlushed(): void {
    if (this.#times !== null) this.#times.requestFlushedMs = performance.now();
  }

  /** Gives the request up and closes the connection; the listener is not called any more. */
  abort(): void {
    this.#listener = null;
    this.#close();
  }

  /** Bytes from the upstream, a view that is valid during the call alone. */
  onRead(chunk: Buffer): void {
    if (this.#handedOver) {
      this.socket.emit('data', chunk);
      return;
    }
    if (this.#closed) return;
    if (this.#listener === null || this.#responseEnded) {
      // Bytes that answer no request: they must never be taken for the next answer.
      this.#closeQuietly();
      return;
    }
    const nowMs = performance.now();
    const times = this.#times!;
    if (Number.isNaN(times.firstByteMs)) times.firstByteMs = nowMs;
    if (this.#timeouts !== null) this.deadlineMs = nowMs + this.#timeouts.readMs;
    if (this.#body !== null) {
      this.#readBody(chunk, 0, nowMs);
      return;
    }
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = EMPTY;
    this.#readHead(bytes, nowMs);
  }

  onPayload(chunk: Buffer): void {
    this.#listener?.onResponseData(chunk);
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#listener === null) this.#closeQuietly();
    else if (this.#output.isUnsent) this.#fail('send_timeout', 'the upstream does not read the request');
    else this.#fail('read_timeout', 'the upstream does not answer');
  }

  /** Closes an idle connection. */
  destroy(): void {
    this.#closeQuietly();
  }

  #readHead(bytes: Buffer, nowMs: number): void {
    let from = 0;
    for (;;) {
      const end = headEnd(bytes, from);
      const { limits } = this.#home;
      if ((end < 0 ? bytes.length : end) - from > limits.headBytesMax) {
        this.#fail('invalid_response', 'invalid response: head too large');
        return;
      }
      if (end < 0) {
        if (
          bytes.length > from &&
          !'HTTP/'.startsWith(bytes.latin1Slice(from, Math.min(from + 5, bytes.length)))
        ) {
          this.#fail('invalid_response', 'invalid response: this is not HTTP');
          return;
        }
        if (hasBareLineFeed(bytes, from)) {
          this.#fail('invalid_response', 'invalid response: line feed without carriage return');
          return;
        }
        this.#pending = Buffer.from(bytes.subarray(from));
        return;
      }
      let parsed: ReturnType<typeof parseResponseHead>;
      try {
        parsed = parseResponseHead(bytes, from, end, this.#method, limits);
      } catch (thrown) {
        if (!(thrown instanceof UpstreamError)) throw thrown;
        this.#fail(thrown.kind, thrown.message);
        return;
      }
      const { head, parser } = parsed;
      from = end;
      if (head.status === 101) {
        this.#onUpgrade(head, bytes.subarray(from));
        return;
      }
      if (head.status < 200) {
        if (++this.#interims > limits.interimResponsesMax) {
          this.#fail('invalid_response', 'invalid response: too many interim responses');
          return;
        }
        this.#listener?.onInterim(head);
        if (this.#closed) return;
        continue;
      }
      this.#head = head;
      this.#times!.headersMs = nowMs;
      if (parser !== null) this.#body = BodyReader.chunked(parser, this);
      else if (head.framing === 'length') this.#body = BodyReader.ofLength(head.contentLength, this);
      else if (head.framing === 'close') this.#body = BodyReader.ofLength(Number.POSITIVE_INFINITY, this);
      this.#listener?.onResponse(head);
      if (this.#closed || this.#listener === null) return;
      if (this.#body === null) this.#onResponseEnd(bytes.length > from, nowMs);
      else if (from < bytes.length) this.#readBody(bytes, from, nowMs);
      return;
    }
  }

  #readBody(bytes: Buffer, from: number, nowMs: number): void {
    const progress = this.#body!.read(bytes, from);
    if (this.#closed || this.#listener === null) return;
    if (progress.error !== null) this.#fail('invalid_response', `invalid response: ${progress.error}`);
    else if (progress.complete) this.#onResponseEnd(from + progress.consumed < bytes.length, nowMs);
  }

  #onResponseEnd(surplus: boolean, nowMs: number): void {
    this.#times!.lastByteMs = nowMs;
    this.#responseEnded = true;
    const trailers = this.#body?.trailers ?? null;
    this.#body = null;
    if (surplus || this.#sawEnd || !this.#head!.keepAlive) this.#requestEnded = false;
    const listener = this.#listener;
    const reusable = this.#requestEnded;
    if (reusable) this.#complete();
    else {
      // Surplus bytes, a request still being sent, or an end that was announced: not to be used again.
      this.#listener = null;
      this.#close();
    }
    listener?.onResponseEnd(trailers);
  }

  #complete(): void {
    this.#listener = null;
    this.#timeouts = null;
    this.#times = null;
    if (this.#paused) {
      this.#paused = false;
      this.socket.resume();
    }
    this.#home.release(this);
  }

  #onUpgrade(head: ResponseHead, leftover: Buffer): void {
    const listener = this.#listener;
    if (!this.#asksUpgrade || listener === null) {
      this.#fail('invalid_response', 'invalid response: 101 that nobody asked for');
      return;
    }
    this.#times!.headersMs = performance.now();
    this.#listener = null;
    this.#closed = true;
    this.#handedOver = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#home.forget(this);
    for (const event of ['data', 'end', 'error', 'close', 'drain']) this.socket.removeAllListeners(event);
    listener.onUpgrade(head, this.socket, Buffer.from(leftover));
  }

  #onEnd(): void {
    this.#sawEnd = true;
    if (this.#listener === null) this.#closeQuietly();
    else if (this.#head !== null && this.#head.framing === 'close' && this.#body !== null) {
      this.#body = null;
      this.#onResponseEnd(false, performance.now());
    } else if (this.#head === null)
      this.#fail('closed_before_response', 'the upstream closed the connection before it answered');
    else this.#fail('closed_in_response', 'the upstream closed the connection in the middle of its answer');
  }

  #onDrain(): void {
    this.#output.unblock();
    if (this.#timeouts !== null) this.deadlineMs = performance.now() + this.#timeouts.readMs;
    this.#listener?.onUpstreamDrain();
  }

  #fail(kind: UpstreamErrorKind, message: string, cause?: unknown): void {
    if (this.#closed) return;
    const listener = this.#listener;
    this.#listener = null;
    this.#close();
    listener?.onError(new UpstreamError(kind, message, cause));
  }

  #closeQuietly(): void {
    this.#listener = null;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#body?.release();
    this.#body = null;
    this.socket.destroy();
    this.#home.forget(this);
  }
}
