import { Headers, valueEndOf } from './headers.ts';
import { CHUNK_FRAMING_BYTES_MAX, TRAILERS_BYTES_MAX } from './limits.ts';
import type { ChunkedSink, HttpParser, Trailers } from './llhttp.ts';

/** What became of the bytes given to a {@link BodyReader}. */
export interface BodyProgress {
  /** Bytes of the input that belonged to the body. */
  readonly consumed: number;
  readonly complete: boolean;
  /** Why the body is not valid, or null. */
  readonly error: string | null;
}

/**
 * Cuts one message's body out of the bytes that come, by length, by chunks or to the end of the connection. Payload goes to the sink as
 * views of the input.
 */
export class BodyReader {
  readonly #sink: ChunkedSink;
  readonly #parser: HttpParser | null;
  #remaining: number;
  #framingBytes = 0;
  #reading = false;
  #over = false;
  #released = false;
  /** Payload bytes seen. */
  payloadBytes = 0;
  /** The trailers of a chunked body that is complete; null where there are none. */
  trailers: Headers | null = null;

  private constructor(sink: ChunkedSink, parser: HttpParser | null, remaining: number) {
    this.#sink = sink;
    this.#parser = parser;
    this.#remaining = remaining;
  }

  /** A body of so many bytes; Infinity for one that ends with the connection. */
  static ofLength(bytes: number, sink: ChunkedSink): BodyReader {
    return new BodyReader(sink, null, bytes);
  }

  /** A chunked body, read on by the parser that read its head; the reader gives the parser back at the end. */
  static chunked(parser: HttpParser, sink: ChunkedSink): BodyReader {
    return new BodyReader(sink, parser, 0);
  }

  /** Reads on at `from`. */
  read(bytes: Buffer, from: number): BodyProgress {
    return this.#parser === null
      ? this.#readLength(bytes, from)
      : this.#readChunked(this.#parser, bytes, from);
  }

  /** Gives the parser back if the message ends early, once a read that goes on is done. Safe to call more than once. */
  release(): void {
    this.#over = true;
    if (this.#released || this.#reading) return;
    this.#released = true;
    this.#parser?.release();
  }

  #readLength(bytes: Buffer, from: number): BodyProgress {
    const consumed = Math.min(bytes.length - from, this.#remaining);
    this.#remaining -= consumed;
    this.payloadBytes += consumed;
    if (consumed > 0)
      this.#sink.onPayload(consumed === bytes.length ? bytes : bytes.subarray(from, from + consumed));
    return { consumed, complete: this.#remaining === 0, error: null };
  }

  #readChunked(parser: HttpParser, bytes: Buffer, from: number): BodyProgress {
    this.#reading = true;
    const progress = parser.executeChunked(bytes, from, this.#sink);
    this.#reading = false;
    // Whoever got the payload may have given the message up: the parser was still at work then.
    if (this.#over) this.release();
    this.payloadBytes += progress.payloadBytes;
    this.#framingBytes += progress.consumed - progress.payloadBytes;
    if (progress.error !== null) {
      this.release();
      return { consumed: progress.consumed, complete: false, error: progress.error.reason };
    }
    // A little framing per payload byte is every sender's right; what exceeds it is an attack on the reader's patience.
    if (this.#framingBytes > CHUNK_FRAMING_BYTES_MAX + this.payloadBytes) {
      this.release();
      return { consumed: progress.consumed, complete: false, error: 'too many bytes of chunk framing' };
    }
    const lines = parser.trailers;
    if (lines !== null && lines.bytes > TRAILERS_BYTES_MAX) {
      this.release();
      return { consumed: progress.consumed, complete: false, error: 'trailers too large' };
    }
    if (progress.complete) {
      this.release();
      if (lines !== null && lines.names.length > 0) this.trailers = readTrailers(lines);
      if (this.trailers?.has('content-length') || this.trailers?.has('transfer-encoding'))
        return { consumed: progress.consumed, complete: false, error: 'framing field among the trailers' };
    }
    return { consumed: progress.consumed, complete: progress.complete, error: null };
  }
}

function readTrailers(lines: Trailers): Headers {
  const trailers = new Headers();
  for (const [index, name] of lines.names.entries()) {
    const value = lines.values[index]!;
    trailers.append(name, value.slice(0, valueEndOf(value, 0, value.length)));
  }
  return trailers;
}
