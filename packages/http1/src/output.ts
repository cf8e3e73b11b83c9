import type { Socket } from 'node:net';
import { putText } from './bytes-text.ts';
import { DirectWriter } from './direct-writer.ts';
import { atTurnEnd, type TurnEndTask } from './turn-end.ts';

/** Text and small chunks are gathered up to this many bytes before they are written. */
const GATHER_BYTES_MAX = 16_384;
/** A chunk up to this size is gathered; a larger one is written by itself. */
const GATHER_CHUNK_BYTES_MAX = 8_192;
/** More than this unsent asks the producer to wait. */
const HIGH_WATER_BYTES = 65_536;

/** Memory of that size kept for use again: one is needed for each answer with a body that leaves at the end of a turn. */
const SCRATCHES_MAX = 64;

const scratches: Buffer[] = [];

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
  readonly #direct: DirectWriter | null;
  /** What is gathered: the first so many bytes of this, and text behind them. */
  #bytes: Buffer | null = null;
  #length = 0;
  #text = '';
  #scheduled = false;
  #tells = false;
  /** Milliseconds spent waiting for the peer to read, without a wait still going on. */
  #blockedMs = 0;
  #blockedSinceMs = -1;

  constructor(socket: Socket, owner: OutputOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#direct = DirectWriter.of(socket);
  }

  /** Queues latin1 text. */
  text(text: string): void {
    this.#text = this.#text === '' ? text : this.#text + text;
    this.#schedule();
  }

  /** Writes latin1 text at once, behind what is queued, and tells the owner once the kernel has it. */
  textNow(text: string): void {
    this.#text += text;
    this.flush();
    this.#tell();
  }

  /** Queues bytes; they may be a view into memory that is reused after the call. */
  chunk(chunk: Buffer): void {
    if (chunk.length <= GATHER_CHUNK_BYTES_MAX) {
      this.#gather(chunk);
      return;
    }
    if (this.#gatheredBytes > 0) {
      this.#socket.cork();
      this.flush();
      this.#socket.write(Buffer.from(chunk));
      this.#socket.uncork();
      return;
    }
    this.#socket.write(Buffer.from(chunk));
  }

  #gather(chunk: Buffer): void {
    if (this.#gatheredBytes + chunk.length > GATHER_BYTES_MAX) this.flush();
    this.#bytes ??= scratches.pop() ?? Buffer.allocUnsafeSlow(GATHER_BYTES_MAX);
    this.#gatherText(this.#bytes);
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
    this.#schedule();
  }

  #gatherText(bytes: Buffer): void {
    if (this.#text === '') return;
    this.#length += putText(bytes, this.#length, this.#text);
    this.#text = '';
  }

  get #gatheredBytes(): number {
    return this.#length + this.#text.length;
  }

  /** Writes what was gathered, now. */
  flush(): void {
    const bytes = this.#bytes;
    if (bytes !== null) {
      if (this.#gatheredBytes <= GATHER_BYTES_MAX) this.#gatherText(bytes);
      this.#bytes = null;
      this.#writeBytes(bytes, this.#length);
      this.#length = 0;
    }
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (this.#direct?.write(text) !== true) this.#socket.write(text, 'latin1');
  }

  /** What the kernel takes at once can be used again; a stream that keeps it for later gets memory of its own. */
  #writeBytes(scratch: Buffer, length: number): void {
    const bytes = scratch.subarray(0, length);
    const isDirect = this.#direct?.write(bytes) === true;
    if (!isDirect) this.#socket.write(Buffer.from(bytes));
    else if (this.#direct?.isPending === true) return;
    if (scratches.length < SCRATCHES_MAX) scratches.push(scratch);
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
    if (!this.isUnsent) this.#owner.onOutputFlushed(null);
    // An empty write is called back behind everything before it.
    else this.#socket.write('', (error) => this.#owner.onOutputFlushed(error ?? null));
  }

  /** Whether the kernel has not taken all that was written, which says nothing of what is gathered. */
  get isUnsent(): boolean {
    return this.#socket.writableLength > 0 || this.#direct?.isPending === true;
  }

  /** Whether the producer should wait for the socket's `drain`; remembers since when. */
  isBlocked(): boolean {
    if (this.#socket.writableLength + this.#gatheredBytes <= HIGH_WATER_BYTES) return false;
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
