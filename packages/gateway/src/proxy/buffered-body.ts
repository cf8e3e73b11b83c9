import type { FileHandle } from 'node:fs/promises';
import { openUnnamedFile } from './unnamed-file.ts';

/** How bodies are kept that are read whole before they are sent on. */
export interface BodyBuffering {
  /** For routes that don't say. */
  readonly byDefault: boolean;
  /** Bytes of a body that stay in memory; the rest goes to a file. */
  readonly memoryBytesMax: number;
  /** Where the files are. */
  readonly directory: string;
}

/** Whom a buffered body tells how it goes. */
export interface BufferedBodyOwner {
  /** The disk has caught up, after {@link BufferedBody.add} answered false. */
  onBodyDrain(): void;
  /** Everything is kept; perhaps told before {@link BufferedBody.end} returns. */
  onBodyWhole(): void;
  /** The disk failed, while the body was kept or sent. Nothing is told behind it. */
  onBodyFailed(error: NodeJS.ErrnoException): void;
}

/** Whom a buffered body is sent to. */
export interface BodySink {
  /** The piece may be reused after the call; false asks to wait for {@link BufferedBody.resume}. */
  write(piece: Buffer): boolean;
  end(): void;
  readonly isClosed: boolean;
}

const EMPTY = Buffer.alloc(0);
/** What is written to the file, and read from it, at once, bytes. While a body is kept, a few of these are in memory. */
const PIECE_BYTES = 65_536;
/** Memory for the beginning of a body whose length is not known starts with this many bytes. */
const UNKNOWN_BYTES = 8_192;

/**
 * A body that is kept until it is whole and can then be sent, more than once where need be. Its beginning is in memory, what does not fit
 * there in a file without a name.
 */
export class BufferedBody {
  readonly #settings: BodyBuffering;
  readonly #owner: BufferedBodyOwner;
  /** Bytes that came so far. */
  bytes = 0;
  #memory: Buffer;
  #memoryBytes = 0;
  #piece: Buffer | null = null;
  #pieceBytes = 0;
  #full: Buffer[] = [];
  #file: FileHandle | null = null;
  #fileBytes = 0;
  #isWriting = false;
  #isHeld = false;
  #isEnded = false;
  #isReleased = false;
  #sink: BodySink | null = null;
  #sentBytes = 0;
  #isSinkFull = false;
  #read: Buffer = EMPTY;

  /** `bytesExpected`: negative where it is not known. */
  constructor(settings: BodyBuffering, owner: BufferedBodyOwner, bytesExpected: number) {
    this.#settings = settings;
    this.#owner = owner;
    const firstBytes = bytesExpected < 0 ? UNKNOWN_BYTES : Math.min(bytesExpected, PIECE_BYTES);
    this.#memory = Buffer.allocUnsafe(Math.min(firstBytes, settings.memoryBytesMax));
  }

  /** Bytes that found no place in memory. */
  get bytesInFile(): number {
    return this.bytes - this.#memoryBytes;
  }

  /** Keeps a chunk, which may be reused after the call; false asks to wait for `onBodyDrain`. */
  add(chunk: Buffer): boolean {
    if (this.#isReleased) return true;
    this.bytes += chunk.length;
    let from = this.#keepInMemory(chunk);
    while (from < chunk.length) {
      this.#piece ??= Buffer.allocUnsafe(PIECE_BYTES);
      const copied = chunk.copy(this.#piece, this.#pieceBytes, from);
      this.#pieceBytes += copied;
      from += copied;
      if (this.#pieceBytes === PIECE_BYTES) this.#queuePiece();
    }
    if (this.#full.length === 0) return true;
    this.#isHeld = this.#isWriting;
    void this.#write();
    return !this.#isHeld;
  }

  /** There is no more. */
  end(): void {
    this.#isEnded = true;
    if (!this.#isWriting) void this.#write();
  }

  /** Sends the whole body, from its beginning; whoever it was being sent to gets no more. */
  sendTo(sink: BodySink): void {
    this.#sink = sink;
    this.#sentBytes = 0;
    this.#isSinkFull = false;
    // A new one: the old may be being read into still.
    this.#read = Buffer.allocUnsafe(Math.min(PIECE_BYTES, this.bytesInFile));
    void this.#send(sink, this.#read);
  }

  /** Goes on with sending after the sink was full. */
  resume(): void {
    const sink = this.#sink;
    if (sink === null || !this.#isSinkFull) return;
    this.#isSinkFull = false;
    void this.#send(sink, this.#read);
  }

  /** Lets go of memory and file. Safe to call again. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#sink = null;
    this.#memory = EMPTY;
    this.#read = EMPTY;
    this.#piece = null;
    this.#full = [];
    // What the handle is at is waited for.
    this.#file?.close().catch(() => undefined);
  }

  /** Answers how much of the chunk found place. */
  #keepInMemory(chunk: Buffer): number {
    const room = this.#settings.memoryBytesMax - this.#memoryBytes;
    if (room === 0) return 0;
    const bytes = this.#memoryBytes + Math.min(chunk.length, room);
    if (bytes > this.#memory.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#settings.memoryBytesMax, Math.max(bytes, this.#memory.length * 2)),
      );
      this.#memory.copy(grown, 0, 0, this.#memoryBytes);
      this.#memory = grown;
    }
    const copied = chunk.copy(this.#memory, this.#memoryBytes, 0, Math.min(chunk.length, room));
    this.#memoryBytes = bytes;
    return copied;
  }

  #queuePiece(): void {
    this.#full.push(this.#piece!);
    this.#piece = null;
    this.#pieceBytes = 0;
  }

  /** Writes what is queued, and what is left once the body has ended. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      for (let piece = this.#nextPiece(); piece !== null; piece = this.#nextPiece()) {
        this.#file ??= await this.#open();
        if (this.#isReleased) return;
        await writeWhole(this.#file, piece, this.#fileBytes);
        if (this.#isReleased) return;
        this.#fileBytes += piece.length;
        this.#full.shift();
        this.#piece ??= piece.length === PIECE_BYTES ? piece : null;
        this.#drain();
      }
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
      return;
    } finally {
      this.#isWriting = false;
    }
    if (this.#isEnded && !this.#isReleased) this.#owner.onBodyWhole();
  }

  /** The piece to be written now, which stays in the queue until it is. */
  #nextPiece(): Buffer | null {
    const [first] = this.#full;
    if (first !== undefined) return first;
    if (!this.#isEnded || this.#pieceBytes === 0) return null;
    const last = this.#piece!.subarray(0, this.#pieceBytes);
    this.#piece = null;
    this.#pieceBytes = 0;
    this.#full.push(last);
    return last;
  }

  async #open(): Promise<FileHandle> {
    const file = await openUnnamedFile(this.#settings.directory);
    if (this.#isReleased) file.close().catch(() => undefined);
    return file;
  }

  #drain(): void {
    if (!this.#isHeld || this.#full.length > 0) return;
    this.#isHeld = false;
    this.#owner.onBodyDrain();
  }

  async #send(sink: BodySink, piece: Buffer): Promise<void> {
    try {
      while (this.#sink === sink && this.#sentBytes < this.bytes) {
        const bytes =
          this.#sentBytes < this.#memoryBytes ? this.#sliceOfMemory() : await this.#readPiece(piece);
        if (this.#sink !== sink) return;
        if (sink.isClosed) {
          this.#sink = null;
          return;
        }
        this.#sentBytes += bytes.length;
        if (!sink.write(bytes)) {
          this.#isSinkFull = true;
          return;
        }
      }
    } catch (error) {
      if (this.#sink === sink) this.#fail(error as NodeJS.ErrnoException);
      return;
    }
    if (this.#sink !== sink) return;
    this.#sink = null;
    sink.end();
  }

  #sliceOfMemory(): Buffer {
    return this.#memory.subarray(this.#sentBytes, Math.min(this.#sentBytes + PIECE_BYTES, this.#memoryBytes));
  }

  async #readPiece(piece: Buffer): Promise<Buffer> {
    const { bytesRead } = await this.#file!.read(piece, 0, piece.length, this.#sentBytes - this.#memoryBytes);
    if (bytesRead === 0) throw new Error('the file has become shorter than what was written to it');
    return piece.subarray(0, bytesRead);
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isReleased) return;
    this.release();
    this.#owner.onBodyFailed(error);
  }
}

/** A write may take less than it was given: then the rest follows. */
async function writeWhole(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let written = 0; written < piece.length; ) {
    const { bytesWritten } = await file.write(piece, written, piece.length - written, position + written);
    written += bytesWritten;
  }
}
