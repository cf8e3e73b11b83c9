import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { handleOf, type StreamHandle, streamBinding } from './stream-handle.ts';

/** A request is only taken up by a write that does not end at once; until then it serves every write of the process. */
let request = streamBinding === null ? null : new streamBinding.WriteWrap();

/**
 * Writes to the handle of a plaintext socket, past the stream in front of it, whose bookkeeping costs more than the bytes do. What the stream
 * has not been told of is one write at most: while that waits for the kernel, the stream is to be used, which queues behind it.
 */
export class DirectWriter {
  readonly #socket: Socket;
  readonly #handle: StreamHandle;
  #isPending = false;

  private constructor(socket: Socket, handle: StreamHandle) {
    this.#socket = socket;
    this.#handle = handle;
  }

  /** Null where {@link handleOf} finds no handle. */
  static of(socket: Socket): DirectWriter | null {
    const handle = handleOf(socket);
    return handle === null ? null : new DirectWriter(socket, handle);
  }

  /** Whether bytes written here still wait for the kernel to take them. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /**
   * Writes latin1 text or bytes; bytes must stay as they are while {@link isPending}. False: it is for the stream to write it. What
   * goes wrong ends the socket with an error.
   */
  write(data: string | Buffer): boolean {
    const socket = this.#socket;
    if (this.#isPending || socket.writableLength > 0 || socket.writableCorked > 0 || !socket.writable)
      return false;
    const status =
      typeof data === 'string'
        ? this.#handle.writeLatin1String(request!, data)
        : this.#handle.writeBuffer(request!, data);
    if (status < 0) socket.destroy(writeError(status));
    else if (streamBinding!.streamBaseState[streamBinding!.kLastWriteWasAsync] !== 0) this.#awaitKernel(data);
    return true;
  }

  #awaitKernel(data: string | Buffer): void {
    this.#isPending = true;
    if (typeof data !== 'string') request!.buffer = data;
    request!.oncomplete = (status) => {
      this.#isPending = false;
      if (status < 0) this.#socket.destroy(writeError(status));
    };
    request = new streamBinding!.WriteWrap();
  }
}

/** As Node's own sockets tell it. */
function writeError(status: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' });
}
