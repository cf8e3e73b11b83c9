import { readSync } from 'node:fs';
import type { Socket } from 'node:net';

const probe = Buffer.alloc(1);

/**
 * Whether something waits in the kernel that the event loop has not told yet: bytes, the end, or an error. An idle connection
 * of which that is true must not be used: what waits would be taken for the answer to a request not yet sent. A byte may be
 * lost by asking, so close the connection then. False where the platform gives no descriptor (Windows).
 */
export function hasUnread(socket: Socket): boolean {
  const fd = (socket as unknown as { _handle: { fd?: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0) return false;
  // Sockets are never blocking, so "nothing there" is an exception: the common case, hence without a stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    readSync(fd, probe, 0, 1, null);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'EAGAIN';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
