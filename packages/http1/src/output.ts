import type { Socket } from 'node:net';

/** Text and small chunks are gathered up to this many bytes before they are written. */
const GATHER_BYTES_MAX = 16_384;
/** A chunk up to this size is gathered; a larger one is written by itself. */
const GATHER_CHUNK_BYTES_MAX = 8_192;
/** More than this unsent asks the producer to wait. */
const HIGH_WATER_BYTES = 65_536;

/**
 * Writes to a socket with as few system calls as it takes: what is written within one turn of the event loop leaves in one
 * piece. Chunks given are copied if the socket does not take them at once, so the caller may reuse their memory.
 */
export class Output {
  readonly #socket: Socket;
  #gathered = '';
  #scheduled = false;
  readonly #flushLater = () => {
    this.#scheduled = false;
    this.flush();
  };
  /** Milliseconds spent waiting for the peer to read, without a wait still going on. */
  #blockedMs = 0;
  #blockedSinceMs = -1;
  /** Bytes given to {@link text} and {@link chunk} since the output was made. */
  bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Queues latin1 text. */
  text(text: string): void {
    this.bytes += text.length;
    this.#gathered = this.#gathered === '' ? text : this.#gathered + text;
    this.#schedule();
  }

  /** Queues bytes; they may be a view into memory that is reused after the call. */
  chunk(chunk: Buffer): void {
    if (chunk.length <= GATHER_CHUNK_BYTES_MAX) {
      this.text(chunk.latin1Slice(0, chunk.length));
      if (this.#gathered.length > GATHER_BYTES_MAX) this.flush();
      return;
    }
    this.bytes += chunk.length;
    if (this.#gathered !== '') {
      this.#socket.cork();
      this.flush();
      this.#socket.write(Buffer.from(chunk));
      this.#socket.uncork();
      return;
    }
    this.#socket.write(Buffer.from(chunk));
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#socket.write(text, 'latin1');
  }

  /** Whether the producer should wait for the socket's `drain`; remembers since when. */
  isBlocked(): boolean {
    if (this.#socket.writableLength + this.#gathered.length <= HIGH_WATER_BYTES) return false;
    this.flush();
    if (this.#socket.writableLength <= HIGH_WATER_BYTES) return false;
    if (this.#blockedSinceMs < 0) this.#blockedSinceMs = performance.now();
    return true;
  }

  /** Ends a wait; to be called on `drain`. */
  unblock(): void {
    if (this.#blockedSinceMs < 0) return;
    this.#blockedMs += performance.now() - this.#blockedSinceMs;
    this.#blockedSinceMs = -1;
  }

  /** Milliseconds waited since the last call, which starts the count anew. */
  takeBlockedMs(): number {
    const blockedMs = this.#blockedMs;
    this.#blockedMs = 0;
    return blockedMs;
  }

  /** Whether the kernel has everything. */
  get isFlushed(): boolean {
    return this.#gathered === '' && this.#socket.writableLength === 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#flushLater);
  }
}
