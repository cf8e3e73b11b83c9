import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type tls from 'node:tls';
import type { ConnectionFacts, TlsFacts } from './connection-facts.ts';
import type { ProtocolError } from './http-error.ts';
import { SERVER_LIMITS_DEFAULT, type ServerLimits } from './limits.ts';
import { adoptAccepted } from './plain-socket.ts';
import { type ConnectionOwner, ServerConnection } from './server-connection.ts';
import type { ServerExchange } from './server-exchange.ts';
import { type SecuredSocket, type ServerTlsOptions, secure } from './server-tls.ts';
import { DeadlineSweep } from './sweep.ts';

/** What a server tells and asks its owner. */
export interface ServerHandler {
  /** A request whose head is complete. The handler sets the listener and answers, now or later. */
  onRequest(exchange: ServerExchange): void;
  /**
   * Field lines (without Content-Length and Connection) and body of the answer to a request that can't be served; the exchange where its
   * head was complete.
   */
  renderError?(error: ProtocolError, exchange: ServerExchange | null): { fields: string; body: string };
  /** A connection on which ALPN chose something else than HTTP/1.1: it is the handler's from then on. */
  onOtherProtocol?(protocol: string, socket: tls.TLSSocket, facts: ConnectionFacts): void;
  /** A handshake failed. */
  onHandshakeError?(message: string, remoteAddress: string): void;
}

export interface ServerOptions {
  readonly limits?: Partial<ServerLimits>;
  /** Speaks TLS where given. */
  readonly tls?: ServerTlsOptions;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket, instead of host and port. */
  readonly path?: string | null;
  readonly backlog?: number;
}

/** The address of peers behind a Unix socket, as nginx has it. */
const UNIX_PEER = 'unix:';

const DEFAULT_ERROR = (error: ProtocolError) => ({
  fields: 'Content-Type: text/plain; charset=utf-8\r\n',
  body: `${error.message}\n`,
});

/** An HTTP/1.1 server over one listening socket. */
export class HttpServer implements ConnectionOwner {
  readonly limits: ServerLimits;
  readonly #handler: ServerHandler;
  readonly #options: ServerOptions;
  readonly #listener: net.Server;
  readonly #sweep = new DeadlineSweep();
  readonly #handshakes = new Set<Duplex>();
  /** Connections of another protocol that were handed over. */
  #handedOver = 0;
  #draining = false;
  #isUnix = false;
  #refusedConnections = 0;
  #onIdle: (() => void) | null = null;

  constructor(handler: ServerHandler, options: ServerOptions = {}) {
    this.limits = { ...SERVER_LIMITS_DEFAULT, ...options.limits };
    this.#handler = handler;
    this.#options = options;
    this.#listener = net.createServer(
      { pauseOnConnect: true, allowHalfOpen: true, noDelay: true },
      (socket) => this.#accept(socket),
    );
    this.#listener.on('error', () => {
      // Told through listen(); later ones (out of descriptors) leave the listener working.
    });
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Connections open, handshakes and those of another protocol included. */
  get connections(): number {
    return this.#sweep.size + this.#handshakes.size + this.#handedOver;
  }

  /** Connections closed at once since there were too many. */
  get refusedConnections(): number {
    return this.#refusedConnections;
  }

  /** Binds; resolves with the address (of a Unix socket its path, with port 0), rejects where it can't be had. */
  listen(options: ListenOptions): Promise<AddressInfo> {
    const { host, port, path = null, backlog = 511 } = options;
    this.#isUnix = path !== null;
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(path === null ? { host, port, backlog } : { path, backlog }, () => {
        this.#listener.off('error', reject);
        resolve(
          path === null
            ? (this.#listener.address() as AddressInfo)
            : { address: path, family: 'unix', port: 0 },
        );
      });
    });
  }

  /**
   * Stops accepting and resolves when every connection has ended: idle ones at once, the others after the answer they are at.
   * What is left after `timeoutMs` is cut.
   */
  async close(timeoutMs = 0): Promise<void> {
    this.#draining = true;
    this.#listener.close();
    for (const socket of this.#handshakes) socket.destroy();
    for (const connection of [...this.#sweep.values()]) (connection as ServerConnection).drain();
    if (this.#sweep.size > 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of [...this.#sweep.values()]) (connection as ServerConnection).destroy();
  }

  onRequest(exchange: ServerExchange): void {
    this.#handler.onRequest(exchange);
  }

  renderError(error: ProtocolError, exchange: ServerExchange | null): { fields: string; body: string } {
    return this.#handler.renderError?.(error, exchange) ?? DEFAULT_ERROR(error);
  }

  forget(connection: ServerConnection): void {
    this.#sweep.delete(connection);
    if (this.#sweep.size === 0) this.#onIdle?.();
  }

  #accept(accepted: net.Socket): void {
    const acceptedMs = performance.now();
    if (this.connections >= this.limits.connectionsMax) {
      this.#refusedConnections++;
      accepted.destroy();
      return;
    }
    const facts = {
      remoteAddress: this.#isUnix ? UNIX_PEER : unmapped(accepted.remoteAddress ?? ''),
      remotePort: accepted.remotePort ?? 0,
      localAddress: this.#isUnix ? UNIX_PEER : unmapped(accepted.localAddress ?? ''),
      localPort: accepted.localPort ?? 0,
      acceptedMs,
      tls: null,
    };
    const tlsOptions = this.#options.tls;
    if (tlsOptions === undefined) {
      let connection: ServerConnection | null = null;
      const socket = adoptAccepted(accepted, (chunk) => connection?.onRead(chunk));
      socket.setNoDelay(true);
      connection = this.#open(socket, facts);
      socket.resume();
      return;
    }
    this.#handshakes.add(accepted);
    const timer = setTimeout(() => accepted.destroy(), this.limits.handshakeTimeoutMs);
    secure(accepted, tlsOptions, (secured, error) => {
      clearTimeout(timer);
      this.#handshakes.delete(accepted);
      if (secured === null) this.#handler.onHandshakeError?.(error, facts.remoteAddress);
      else this.#openSecured(secured, { ...facts, tls: secured.facts });
    });
    accepted.resume();
  }

  #openSecured(secured: SecuredSocket, facts: ConnectionFacts & { tls: TlsFacts }): void {
    const { socket, alpnProtocol } = secured;
    if (alpnProtocol !== null && alpnProtocol !== 'http/1.1' && this.#handler.onOtherProtocol !== undefined) {
      this.#handedOver++;
      socket.once('close', () => this.#handedOver--);
      this.#handler.onOtherProtocol(alpnProtocol, socket, facts);
      return;
    }
    const connection = this.#open(socket, facts);
    socket.on('data', (chunk: Buffer) => connection.onRead(chunk));
  }

  #open(socket: net.Socket, facts: ConnectionFacts): ServerConnection {
    const connection = new ServerConnection(this, socket, facts);
    this.#sweep.add(connection);
    return connection;
  }
}

/** An IPv4 address that a dual-stack socket shows as IPv6 (`::ffff:1.2.3.4`), as IPv4. */
function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
