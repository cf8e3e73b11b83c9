import type { Socket } from 'node:net';

interface TunnelEnd {
  readonly socket: Socket;
  /** Bytes already read from it. */
  readonly leftover: Buffer;
}

/** Bytes that passed, each way. */
export interface TunnelBytes {
  fromClient: number;
  fromUpstream: number;
}

/**
 * Carries bytes both ways between two sockets whose handlers were taken off, with back-pressure, until one side is done; the other is closed
 * then. `done` is called once.
 */
export function tunnel(client: TunnelEnd, upstream: TunnelEnd, done: (bytes: TunnelBytes) => void): void {
  const bytes: TunnelBytes = { fromClient: 0, fromUpstream: 0 };
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    client.socket.destroySoon();
    upstream.socket.destroySoon();
    done(bytes);
  };
  carry(client, upstream.socket, (count) => (bytes.fromClient += count), finish);
  carry(upstream, client.socket, (count) => (bytes.fromUpstream += count), finish);
}

function carry(from: TunnelEnd, to: Socket, count: (bytes: number) => void, finish: () => void): void {
  const pass = (chunk: Buffer) => {
    count(chunk.length);
    if (!to.write(Buffer.from(chunk))) from.socket.pause();
  };
  if (from.leftover.length > 0) pass(from.leftover);
  from.socket.on('data', pass);
  to.on('drain', () => from.socket.resume());
  from.socket.on('end', finish);
  from.socket.on('error', finish);
  from.socket.on('close', finish);
  from.socket.resume();
}
