import type { Socket } from 'node:net';
import { textOf } from './bytes-text.ts';
import { atTurnEnd, type TurnEndTask } from './turn-end.ts';

/** Text and small chunks are gathered up to this many bytes before they are written. */
const GATHER_BYTES_MAX = 16_384;
/** A chunk up to this size is gathered; a larger one is written by itself. */
const GATHER_CHUNK_BYTES_MAX = 8_192;
/** More than this unsent asks the producer to wait. */
const HIGH_WATER_BYTES = 65_536;

/** Whom an output tells that the kernel has everything. */
export interface OutputOwner {
  /** `error`: what kept the socket from taking it; null where it was taken. */
  onOutputFlushed(error: Error | null): void;
}

/**
 * Writes to a socket with as few system calls as it takes: what is written within one turn of the event loop leaves in one piece, at its
 * end. By then the peers that the first writes have woken are awake for the others. Chunks given are copied if the socket does not take
 * them at once, so the caller may reuse their memory.
 */
export class Output implements TurnEndTask {
  readonly #socket: Socket;
  readonly #owner: OutputOwner;
  #gathered = '';
  #scheduled = false;
  #tells = false;
  /** Milliseconds spent waiting for the peer to read, without a wait still going on. */
  #blockedMs = 0;
  #blockedSinceMs = -1;

  constructor(socket: Socket, owner: OutputOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  /** Queues latin1 text. */
  text(text: string): void {
    this.#gathered = this.#gathered === '' ? text : this.#gathered + text;
    this.#schedule();
  }

  /** Writes latin1 text at once, behind what is queued, and tells the owner once the kernel has it. */
  textNow(text: string): void {
    this.#gathered += text;
    this.flush();
    this.#tell();
  }

  /** Queues bytes; they may be a view into memory that is reused after the call. */
  chunk(chunk: Buffer): void {
    if (chunk.length <= GATHER_CHUNK_BYTES_MAX) {
      this.text(textOf(chunk, 0, chunk.length));
      if (this.#gathered.length > GATHER_BYTES_MAX) this.flush();
      return;
    }
    if (this.#gathered !== '') {
      this.#socket.cork();
      this.flush();
      this.#socket.write(Buffer.from(chunk));
      this.#socket.uncork();
      return;
    }
    this.#socket.write(Buffer.from(chunk));
  }

  /** Writes what was gathered, now. */
  flush(): void {
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#socket.write(text, 'latin1');
  }

  /** Tells the owner, not before this call has returned, once the kernel has everything given so far. */
  tellFlushed(): void {
    this.#tells = true;
    this.#schedule();
  }

  onTurnEnd(): void {
    this.#scheduled = false;
    this.flush();
    if (!this.#tells) return;
    this.#tells = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#socket.writableLength === 0) this.#owner.onOutputFlushed(null);
    // An empty write is called back behind everything before it.
    else this.#socket.write('', (error) => this.#owner.onOutputFlushed(error ?? null));
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

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    atTurnEnd(this);
  }
}
