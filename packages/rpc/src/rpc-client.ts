import type { IncomingMessage } from 'node:http';
import { messageOf } from '@gatescope/base';
import { type ClientOptions, WebSocket } from 'ws';
import { type RpcMethod, RpcPeer } from './rpc-peer.ts';

export interface RpcClientOptions {
  /** `wss://host:port/path`. */
  readonly url: string;
  readonly subprotocol: string;
  readonly tls: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly serverName: string;
  };
  readonly methods: Readonly<Record<string, RpcMethod>>;
  /** Called on every connection that opened; a rejection closes it and counts as a failure. */
  onOpen(peer: RpcPeer): Promise<void>;
  /** Called when a connection that was open is lost. */
  onLost(reason: string): void;
  /** Called when no connection could be had, before the next try. */
  onRetry(reason: string, waitMs: number): void;
  readonly backoffMs?: { readonly first: number; readonly max: number };
}

/** Largest message, bytes: a configuration is one message. */
export const MESSAGE_BYTES_MAX = 48 * 1_048_576;
const BACKOFF_DEFAULT = { first: 100, max: 3_000 };
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Bytes of an answer that refuses the connection that are read for its reason. */
const REFUSAL_BYTES_MAX = 4_096;

/** Holds a connection to a server and makes it anew, with growing and scattered pauses, whenever it is lost. */
export class RpcClient {
  readonly #options: RpcClientOptions;
  #peer: RpcPeer | null = null;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #closed = false;

  constructor(options: RpcClientOptions) {
    this.#options = options;
    this.#connect();
  }

  /** The connection, or null while there is none. */
  get peer(): RpcPeer | null {
    return this.#peer;
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#peer?.close();
    this.#socket?.terminate();
  }

  #connect(): void {
    const { url, subprotocol, tls } = this.#options;
    const options: ClientOptions & { servername: string } = {
      cert: tls.cert,
      key: tls.key,
      ca: tls.ca,
      servername: tls.serverName,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
    };
    const socket = new WebSocket(url, subprotocol, options);
    this.#socket = socket;
    const failed = (error: Error) => this.#retry(messageOf(error));
    socket.once('error', failed);
    socket.once('unexpected-response', (_, response) => {
      void refusalOf(response).then((reason) => {
        this.#retry(reason);
        socket.terminate();
      });
    });
    socket.once('open', () => {
      socket.off('error', failed);
      const peer = new RpcPeer(socket, {
        methods: this.#options.methods,
        onClose: (reason) => {
          const wasOpen = this.#peer === peer;
          this.#peer = null;
          if (wasOpen && !this.#closed) this.#options.onLost(reason);
          this.#retry(reason);
        },
      });
      this.#options.onOpen(peer).then(
        () => {
          if (peer.isClosed) return;
          this.#failures = 0;
          this.#peer = peer;
        },
        (error: unknown) => peer.close(messageOf(error)),
      );
    });
  }

  #retry(reason: string): void {
    if (this.#closed || this.#timer !== null) return;
    const { first, max } = this.#options.backoffMs ?? BACKOFF_DEFAULT;
    const ceiling = Math.min(max, first * 2 ** Math.min(this.#failures, 20));
    const waitMs = Math.round(ceiling / 2 + Math.random() * (ceiling / 2));
    this.#failures++;
    this.#options.onRetry(reason, waitMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#connect();
    }, waitMs);
  }
}

/** Why the other side does not take the connection, as it says itself. */
async function refusalOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > REFUSAL_BYTES_MAX) break;
    }
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return `refused (${response.statusCode}): ${message}`;
  } catch {
    // It gave no reason.
  }
  return `refused with status ${response.statusCode}`;
}
