import type { Socket } from 'node:net';

/** One write of a handle that the kernel has not taken whole. */
export interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Keeps the memory alive until then. */
  buffer?: Buffer;
}

/** What is beneath a plaintext socket. */
export interface StreamHandle {
  /** Called after each read. What was read is told by {@link StreamBinding.streamBaseState}. */
  onread: (this: StreamHandle, memory: ArrayBuffer | undefined) => void;
  /** Answers 0 or a negative error number. */
  writeLatin1String(request: WriteRequest, text: string): number;
  /** Answers 0 or a negative error number. */
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
}

/** Node's binding of streams, as far as it is used here. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** What the last call of any handle did, at the indexes beside. */
  readonly streamBaseState: ArrayLike<number>;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

/**
 * Node's binding of streams, which has no public counterpart; null in a Node that does not give it, or not as it is known. What a socket's
 * own stream does beyond it costs a tenth of an untraced request.
 */
export const streamBinding: StreamBinding | null = findBinding();

/** The handle beneath a plaintext socket; null for TLS, and where none is to be found. */
export function handleOf(socket: Socket): StreamHandle | null {
  const { _handle: handle, encrypted } = socket as Partial<{ _handle: StreamHandle; encrypted: boolean }>;
  if (streamBinding === null || encrypted === true) return null;
  const isKnown =
    typeof handle?.onread === 'function' &&
    typeof handle.writeLatin1String === 'function' &&
    typeof handle.writeBuffer === 'function';
  return isKnown ? handle : null;
}

function findBinding(): StreamBinding | null {
  try {
    const { binding } = process as unknown as { binding(name: string): Partial<StreamBinding> };
    const found = binding('stream_wrap');
    const isState = (index: number | undefined) => typeof found.streamBaseState?.[index ?? -1] === 'number';
    const isKnown =
      typeof found.WriteWrap === 'function' &&
      isState(found.kReadBytesOrError) &&
      isState(found.kLastWriteWasAsync);
    return isKnown ? (found as StreamBinding) : null;
  } catch {
    return null;
  }
}
