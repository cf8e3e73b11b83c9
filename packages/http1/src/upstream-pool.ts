import net from 'node:net';
import tls from 'node:tls';
import { UpstreamError, type UpstreamErrorKind } from './http-error.ts';
import { CLIENT_LIMITS_DEFAULT, type ClientLimits } from './limits.ts';
import { connectReading } from './plain-socket.ts';
import { DeadlineSweep } from './sweep.ts';
import { afterLook } from './turn-end.ts';
import { type ConnectionHome, UpstreamConnection } from './upstream-connection.ts';
import { targetKey, type UpstreamTarget } from './upstream-target.ts';

/** Whom an attempt to get a connection tells how it went; exactly one of the two is called, perhaps before `connect` returns. */
export interface ConnectListener {
  onConnected(connection: UpstreamConnection): void;
  onConnectFailed(error: UpstreamError): void;
}

export interface PoolOptions {
  /** Idle connections kept per target. */
  readonly idlePerTargetMax: number;
  /** How long an idle connection is kept. */
  readonly idleTimeoutMs: number;
  /** Requests on one connection before it is closed. */
  readonly requestsPerConnectionMax: number;
  readonly limits: Partial<ClientLimits>;
}

export const POOL_DEFAULT: PoolOptions = {
  idlePerTargetMax: 512,
  idleTimeoutMs: 60_000,
  requestsPerConnectionMax: 10_000,
  limits: {},
};

/** Keeps connections to upstreams and hands them out, the one used last first. */
export class UpstreamPool implements ConnectionHome {
  readonly limits: ClientLimits;
  readonly #options: PoolOptions;
  readonly #idle = new Map<string, UpstreamConnection[]>();
  readonly #sweep = new DeadlineSweep();
  readonly #sessions = new Map<string, Buffer>();
  #closed = false;

  constructor(options: Partial<PoolOptions> = {}) {
    this.#options = { ...POOL_DEFAULT, ...options };
    this.limits = { ...CLIENT_LIMITS_DEFAULT, ...this.#options.limits };
  }

  /** Connections open, idle or busy. */
  get connections(): number {
    return this.#sweep.size;
  }

  /**
   * Gives an idle connection to the target, or opens one. With `fresh` none that idled is used: for a retry of a request that
   * an idle connection lost. Answers a function that gives the attempt up.
   */
  connect(
    target: UpstreamTarget,
    timeoutMs: number,
    listener: ConnectListener,
    fresh = false,
  ): (() => void) | null {
    const key = targetKey(target);
    if (!fresh && (this.#idle.get(key)?.length ?? 0) > 0)
      return this.#takeAfterLook(target, key, timeoutMs, listener);
    return this.#open(target, key, timeoutMs, listener);
  }

  release(connection: UpstreamConnection): void {
    const idle = this.#idle.get(connection.key);
    const full = (idle?.length ?? 0) >= this.#options.idlePerTargetMax;
    if (this.#closed || full || connection.requests >= this.#options.requestsPerConnectionMax) {
      connection.destroy();
      return;
    }
    connection.deadlineMs = performance.now() + this.#options.idleTimeoutMs;
    if (idle === undefined) this.#idle.set(connection.key, [connection]);
    else idle.push(connection);
  }

  forget(connection: UpstreamConnection): void {
    this.#sweep.delete(connection);
    const idle = this.#idle.get(connection.key);
    if (idle === undefined) return;
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(connection.key);
  }

  /** Closes the idle connections; busy ones close when their request is done. */
  close(): void {
    this.#closed = true;
    for (const idle of [...this.#idle.values()]) for (const connection of [...idle]) connection.destroy();
  }

  /**
   * What came to an idle connection unasked would be taken for the answer to the next request. So the event loop looks at all of them
   * once more before one is taken, and those to which something came are gone by then.
   */
  #takeAfterLook(
    target: UpstreamTarget,
    key: string,
    timeoutMs: number,
    listener: ConnectListener,
  ): () => void {
    let isGivenUp = false;
    let giveUp: (() => void) | null = null;
    afterLook({
      onTurnEnd: () => {
        if (isGivenUp) return;
        const connection = this.#takeIdle(key);
        if (connection === null) giveUp = this.#open(target, key, timeoutMs, listener);
        else listener.onConnected(connection);
      },
    });
    return () => {
      isGivenUp = true;
      giveUp?.();
    };
  }

  #takeIdle(key: string): UpstreamConnection | null {
    const idle = this.#idle.get(key);
    if (idle === undefined) return null;
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (connection.isClosed || connection.socket.destroyed || !connection.socket.writable) continue;
      connection.requests++;
      connection.deadlineMs = Number.POSITIVE_INFINITY;
      return connection;
    }
    return null;
  }

  #open(target: UpstreamTarget, key: string, timeoutMs: number, listener: ConnectListener): () => void {
    const connectStartMs = performance.now();
    let connection: UpstreamConnection | null = null;
    let settled = false;
    const onRead = (chunk: Buffer) => connection?.onRead(chunk);
    const socket =
      target.tls === null
        ? connectReading(target.address, target.port, onRead)
        : this.#secured(target, target.tls, key);
    const timer = setTimeout(
      () => fail('connect_timeout', `no connection within ${timeoutMs} ms`),
      timeoutMs,
    );
    const fail = (kind: UpstreamErrorKind, message: string, cause?: unknown) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      socket.destroy();
      listener.onConnectFailed(new UpstreamError(kind, message, cause));
    };
    let connectedMs = Number.NaN;
    const onError = (error: NodeJS.ErrnoException) =>
      fail(kindOf(error, !Number.isNaN(connectedMs)), error.message, error);
    const onClose = () => fail('reset', 'connection closed while it was opened');
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once('connect', () => {
      connectedMs = performance.now();
    });
    socket.once(target.tls === null ? 'connect' : 'secureConnect', () => {
      if (settled) return;
      if (target.tls !== null && isChainTooLong(socket as tls.TLSSocket, target.tls)) {
        fail('tls', `certificate chain is longer than ${target.tls.verifyDepth} below the authority`);
        return;
      }
      settled = true;
      clearTimeout(timer);
      socket.off('close', onClose);
      connection = new UpstreamConnection(this, key, socket);
      connection.connectStartMs = connectStartMs;
      connection.connectedMs = connectedMs;
      connection.requests = 1;
      connection.begin();
      socket.off('error', onError);
      this.#sweep.add(connection);
      if (target.tls !== null) {
        connection.securedMs = performance.now();
        socket.on('data', onRead);
      }
      listener.onConnected(connection);
    });
    return () => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      socket.destroy();
    };
  }

  #secured(target: UpstreamTarget, options: NonNullable<UpstreamTarget['tls']>, key: string): tls.TLSSocket {
    const session = this.#sessions.get(key);
    const socket = tls.connect({
      host: target.address,
      port: target.port,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: options.verify,
      ...(options.serverName === null || net.isIP(options.serverName) !== 0
        ? {}
        : { servername: options.serverName }),
      ...(options.secureContext === undefined ? {} : { secureContext: options.secureContext }),
      ...(session === undefined ? {} : { session }),
    });
    socket.setNoDelay(true);
    socket.on('session', (ticket: Buffer) => {
      if (this.#sessions.size >= SESSIONS_MAX) this.#sessions.clear();
      this.#sessions.set(key, ticket);
    });
    return socket;
  }
}

/** Whether more certificates than allowed stand between the upstream's own and the authority. A resumed session was looked at when it began. */
function isChainTooLong(socket: tls.TLSSocket, options: NonNullable<UpstreamTarget['tls']>): boolean {
  const { verify, verifyDepth } = options;
  if (!verify || verifyDepth === undefined || verifyDepth === null || socket.isSessionReused()) return false;
  let between = -1;
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && certificate.issuerCertificate !== undefined) {
    // An authority is its own issuer.
    if (certificate.issuerCertificate.raw.equals(certificate.raw)) break;
    between++;
    certificate = certificate.issuerCertificate;
  }
  return between > verifyDepth;
}

/** TLS sessions kept for resumption. */
const SESSIONS_MAX = 1_024;

function kindOf(error: NodeJS.ErrnoException, connected: boolean): UpstreamErrorKind {
  if (error.code === 'ECONNREFUSED') return 'refused';
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return connected ? 'tls' : 'reset';
  if (error.code === 'ETIMEDOUT') return 'connect_timeout';
  return connected ? 'tls' : 'unreachable';
}
