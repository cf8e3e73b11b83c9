import { messageOf } from '@gatescope/base';
import type { RawData, WebSocket } from 'ws';
import { RpcError } from './rpc-error.ts';
import { RPC_ERROR, type RpcMessage, readMessage, writeMessage } from './rpc-message.ts';

/** Answers a call; what it throws goes to the caller as an error with its message. A notification's result is dropped. */
export type RpcMethod = (params: unknown) => unknown | Promise<unknown>;

/** The reason that a side gives which ends in good order. */
export const GOING_AWAY = 'going away';

export interface RpcPeerOptions {
  readonly methods: Readonly<Record<string, RpcMethod>>;
  /** Called once, when the connection is over for whatever reason. */
  onClose(reason: string): void;
}

/** How long a call may take, milliseconds. */
export const CALL_TIMEOUT_MS = 5_000;
/** Calls that wait for an answer, at most. */
const PENDING_CALLS_MAX = 4_096;
/** Bytes the socket may hold for a peer that does not read; beyond it the connection is cut. */
const BUFFERED_BYTES_MAX = 64 * 1_048_576;
/** The other side is asked for a sign of life this often. */
const PING_INTERVAL_MS = 3_000;
/** Asked so often without one, it is dead: after 9 s at the earliest. Pauses of this process count once, however long. */
const SILENT_PINGS_MAX = 3;

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: RpcError): void;
  readonly timer: NodeJS.Timeout;
}

/** One end of a JSON-RPC 2.0 connection over a WebSocket. Either end may call the other. */
export class RpcPeer {
  readonly #socket: WebSocket;
  readonly #options: RpcPeerOptions;
  readonly #pending = new Map<number, PendingCall>();
  readonly #heartbeat: NodeJS.Timeout;
  #nextId = 1;
  #silentPings = 0;
  #pingedAt: number | null = null;
  #roundTripMs: number | null = null;
  #closed = false;

  constructor(socket: WebSocket, options: RpcPeerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => {
      this.#silentPings = 0;
      if (this.#pingedAt !== null) this.#roundTripMs = performance.now() - this.#pingedAt;
      this.#pingedAt = null;
    });
    socket.on('ping', () => {
      this.#silentPings = 0;
    });
    socket.on('close', (code, reason) =>
      this.#onClose(reason.length > 0 ? reason.toString() : `closed with ${code}`),
    );
    socket.on('error', (error) => this.#onClose(messageOf(error)));
    this.#heartbeat = setInterval(() => this.#beat(), PING_INTERVAL_MS);
    this.#heartbeat.unref();
    this.#ping();
  }

  /** From here to the other side and back, as last measured, or null. */
  get roundTripMs(): number | null {
    return this.#roundTripMs === null ? null : Math.round(this.#roundTripMs * 1_000) / 1_000;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Calls a method of the other side. Rejects with {@link RpcError}. */
  call(method: string, params: unknown, timeoutMs = CALL_TIMEOUT_MS): Promise<unknown> {
    if (this.#closed) return Promise.reject(new RpcError('closed', `${method}: the connection is closed`));
    if (this.#pending.size >= PENDING_CALLS_MAX)
      return Promise.reject(new RpcError('overload', `${method}: too many calls wait for an answer`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new RpcError('timeout', `${method} was not answered within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#send({ kind: 'request', id, method, params });
    });
  }

  /** Tells the other side something; nobody learns whether it arrived. */
  notify(method: string, params: unknown): void {
    if (!this.#closed) this.#send({ kind: 'notification', method, params });
  }

  close(reason = GOING_AWAY): void {
    if (this.#closed) return;
    this.#socket.close(1001, reason.slice(0, 120));
    this.#onClose(reason);
  }

  #beat(): void {
    if (this.#silentPings >= SILENT_PINGS_MAX) {
      this.#socket.terminate();
      this.#onClose('no sign of life');
      return;
    }
    this.#silentPings++;
    this.#ping();
  }

  #ping(): void {
    if (this.#closed || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#pingedAt ??= performance.now();
    this.#socket.ping();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#silentPings = 0;
    const message = isBinary ? 'binary frames are not spoken' : readMessage(String(data));
    if (typeof message === 'string') {
      this.#socket.close(1002, message);
      this.#onClose(message);
      return;
    }
    switch (message.kind) {
      case 'request':
        void this.#answer(message.id, message.method, message.params);
        break;
      case 'notification':
        void this.#run(message.method, message.params).catch(() => undefined);
        break;
      case 'result':
        this.#take(message.id)?.resolve(message.result);
        break;
      case 'error':
        this.#take(message.id)?.reject(new RpcError(message.error.code, message.error.message));
        break;
    }
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (call === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(call.timer);
    return call;
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    if (!Object.hasOwn(this.#options.methods, method)) {
      this.#send({
        kind: 'error',
        id,
        error: { code: RPC_ERROR.methodNotFound, message: `${method} is not offered here` },
      });
      return;
    }
    try {
      const result = await this.#run(method, params);
      this.#send({ kind: 'result', id, result: result ?? null });
    } catch (error) {
      this.#send({ kind: 'error', id, error: { code: RPC_ERROR.refused, message: messageOf(error) } });
    }
  }

  async #run(method: string, params: unknown): Promise<unknown> {
    if (!Object.hasOwn(this.#options.methods, method)) return undefined;
    return await this.#options.methods[method]!(params);
  }

  #send(message: RpcMessage): void {
    if (this.#closed) return;
    if (this.#socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      this.#socket.terminate();
      this.#onClose('the other side does not read');
      return;
    }
    this.#socket.send(writeMessage(message), () => {
      // A failed write closes the socket, and that is told.
    });
  }

  #onClose(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    for (const call of this.#pending.values()) {
      clearTimeout(call.timer);
      call.reject(new RpcError('closed', `the connection closed before the answer: ${reason}`));
    }
    this.#pending.clear();
    this.#options.onClose(reason);
  }
}
