import net from 'node:net';
import { handleOf, streamBinding } from './stream-handle.ts';

/** Bytes of the buffer that all plaintext sockets of the process read into. */
const READ_BUFFER_BYTES = 65_536;
const sharedBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
/** Views of its beginning, by the last bits of their length: reads are mostly as long as one before, and a view costs as much as a short head. */
const views: Buffer[] = new Array<Buffer>(256).fill(sharedBuffer);

/** Called with the bytes just read: a view into a buffer that the next read of any socket overwrites. */
export type OnRead = (chunk: Buffer) => void;

interface SocketWithHandle {
  _handle: unknown;
}

/** Sockets that read through their stream since their handle could not be taken; tests hold this at zero. */
export const fallbacks = { count: 0 };

/**
 * A socket that reads into the shared buffer instead of allocating one a read, made from a connection that a server accepted
 * with `pauseOnConnect`. Node offers that (`onread`) for outgoing connections alone, so the handle is moved into a socket of our
 * own; where a future Node hides the handle, the accepted socket is used as it is, with `data` events.
 */
export function adoptAccepted(accepted: net.Socket, onRead: OnRead): net.Socket {
  const holder = accepted as unknown as SocketWithHandle;
  const handle = holder._handle;
  if (handle === null || typeof handle !== 'object') {
    fallbacks.count++;
    accepted.on('data', onRead);
    return accepted;
  }
  holder._handle = null;
  const options = {
    handle,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    onread: onReadOption(onRead),
  };
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  // The husk has lost its handle: destroying it closes nothing, but tells its server that this connection is not its to count.
  accepted.destroy();
  readDirectly(socket, onRead);
  return socket;
}

/** A connection to an address (not a name) that reads into the shared buffer. */
export function connectReading(address: string, port: number, onRead: OnRead): net.Socket {
  const socket = net.connect({ host: address, port, noDelay: true, onread: onReadOption(onRead) });
  readDirectly(socket, onRead);
  return socket;
}

/** Takes what a socket reads from its handle, past its stream; the end and errors are left to the stream. */
function readDirectly(socket: net.Socket, onRead: OnRead): void {
  const handle = handleOf(socket);
  if (handle === null || streamBinding === null) {
    fallbacks.count++;
    return;
  }
  const { streamBaseState, kReadBytesOrError } = streamBinding;
  const { onread } = handle;
  handle.onread = function (memory) {
    const bytes = streamBaseState[kReadBytesOrError]!;
    if (bytes > 0 && !socket.destroyed) onRead(viewOf(bytes));
    else onread.call(this, memory);
  };
}

/** Makes a socket read into the shared buffer. */
function onReadOption(onRead: OnRead): net.OnReadOpts {
  return {
    buffer: sharedBuffer,
    callback: (bytes) => {
      onRead(viewOf(bytes));
      return true;
    },
  };
}

function viewOf(bytes: number): Buffer {
  const slot = bytes & 255;
  const view = views[slot]!;
  if (view.length === bytes) return view;
  const fresh = sharedBuffer.subarray(0, bytes);
  views[slot] = fresh;
  return fresh;
}
