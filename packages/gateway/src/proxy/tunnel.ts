import type { Socket } from 'node:net';
import { CloseCodeReader } from './close-code.ts';

interface TunnelEnd {
  readonly socket: Socket;
  /** Bytes already read from it. */
  readonly leftover: Buffer;
}

/** Bytes that passed, each way. */
export interface TunnelBytes {
  fromClient: number;
  fromUpstream: number;
  /** Of the WebSocket close frame that came first; null: none came, or none was looked for. */
  closeCode: number | null;
}

/** The tunnels of a worker. */
export class Tunnels {
  readonly #ends = new Set<() => void>();
  #onLast: (() => void) | null = null;

  /**
   * Carries bytes both ways between two sockets whose handlers were taken off, with back-pressure, until one side is done; the other is closed
   * then. `readsCodes` looks for WebSocket close frames in what passes. `done` is called once.
   */
  open(
    client: TunnelEnd,
    upstream: TunnelEnd,
    readsCodes: boolean,
    done: (bytes: TunnelBytes) => void,
  ): void {
    const bytes: TunnelBytes = { fromClient: 0, fromUpstream: 0, closeCode: null };
    const end = () => {
      if (!this.#ends.delete(end)) return;
      client.socket.destroySoon();
      upstream.socket.destroySoon();
      done(bytes);
      if (this.#ends.size === 0) this.#onLast?.();
    };
    this.#ends.add(end);
    const fromClient = readsCodes ? new CloseCodeReader() : null;
    const fromUpstream = readsCodes ? new CloseCodeReader() : null;
    carry(
      client,
      upstream.socket,
      (chunk) => {
        bytes.fromClient += chunk.length;
        if (fromClient !== null) bytes.closeCode ??= codeIn(fromClient, chunk);
      },
      end,
    );
    carry(
      upstream,
      client.socket,
      (chunk) => {
        bytes.fromUpstream += chunk.length;
        if (fromUpstream !== null) bytes.closeCode ??= codeIn(fromUpstream, chunk);
      },
      end,
    );
  }

  /** Resolves when every tunnel has ended. What is left after `timeoutMs` is cut. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#ends.size > 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onLast = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const end of [...this.#ends]) end();
  }
}

function codeIn(reader: CloseCodeReader, chunk: Buffer): number | null {
  reader.read(chunk);
  return reader.code;
}

function carry(from: TunnelEnd, to: Socket, note: (chunk: Buffer) => void, end: () => void): void {
  const pass = (chunk: Buffer) => {
    note(chunk);
    if (!to.write(Buffer.from(chunk))) from.socket.pause();
  };
  if (from.leftover.length > 0) pass(from.leftover);
  from.socket.on('data', pass);
  to.on('drain', () => from.socket.resume());
  from.socket.on('end', end);
  from.socket.on('error', end);
  from.socket.on('close', end);
  from.socket.resume();
}
