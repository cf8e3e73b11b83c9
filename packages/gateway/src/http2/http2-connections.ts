import http2, {
  constants,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import {
  type ConnectionFacts,
  DeadlineSweep,
  ProtocolError,
  type ServerExchange,
  type ServerLimits,
} from '@gatescope/http1';
import { readFieldLines } from './field-lines.ts';
import { type ExchangeOwner, Http2Exchange } from './http2-exchange.ts';
import { readHttp2Head } from './request-head.ts';

/** Whom the connections tell of requests and ask for error answers. */
export interface Http2Handler {
  onRequest(exchange: ServerExchange): void;
  renderError(error: ProtocolError, exchange: ServerExchange | null): { fields: string; body: string };
  /** A connection was given up for what its client did. */
  onMisuse(message: string, client: string): void;
}

/** Requests that one connection may have open at once. */
export const STREAMS_MAX = 128;
/** Requests that the client of a connection may give up unanswered before the connection is given up, where they are the greater part. */
export const RESETS_MAX = 100;
/** PING and SETTINGS frames that a client may send within {@link CONTROL_WINDOW_MS}. */
export const CONTROL_FRAMES_MAX = 500;
const CONTROL_WINDOW_MS = 10_000;
/** Memory that one connection may take, megabytes. */
const MEMORY_MAX_MB = 10;
/** Bytes that HTTP/2 counts for a field beside its name and value (RFC 9113 §6.5.2). */
const FIELD_OVERHEAD_BYTES = 32;

/** The HTTP/2 connections of a listener, over `node:http2`. */
export class Http2Connections {
  readonly #handler: Http2Handler;
  readonly #limits: ServerLimits;
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Connection>();
  readonly #sweep = new DeadlineSweep();
  #accepted: ConnectionFacts | null = null;
  #onIdle: (() => void) | null = null;

  constructor(handler: Http2Handler, limits: ServerLimits) {
    this.#handler = handler;
    this.#limits = limits;
    this.#server = http2.createServer({
      settings: {
        maxConcurrentStreams: STREAMS_MAX,
        maxHeaderListSize: limits.headBytesMax + limits.headerCountMax * FIELD_OVERHEAD_BYTES,
        enablePush: false,
      },
      maxHeaderListPairs: limits.headerCountMax + 8,
      maxSessionMemory: MEMORY_MAX_MB,
    });
    this.#server.on('session', (session) => this.#onSession(session));
    // Told by the session.
    this.#server.on('sessionError', () => undefined);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Speaks HTTP/2 on a socket whose handshake is done. */
  accept(socket: TLSSocket, facts: ConnectionFacts): void {
    // A TLS server clears it once the handshake is done; this socket had none, and a session would wait for it.
    (socket as unknown as { secureConnecting: boolean }).secureConnecting = false;
    this.#accepted = facts;
    this.#server.emit('connection', socket);
    this.#accepted = null;
  }

  /** Lets every open request end, then its connection; what is left after `timeoutMs` is cut. */
  async close(timeoutMs: number): Promise<void> {
    for (const session of this.#sessions.keys()) session.close();
    if (this.#sessions.size > 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const session of this.#sessions.keys()) session.destroy();
  }

  #onSession(session: ServerHttp2Session): void {
    const facts = this.#accepted;
    if (facts === null) {
      session.destroy();
      return;
    }
    const connection = new Connection(session, facts, this.#limits, this.#handler, this.#sweep);
    this.#sessions.set(session, connection);
    session.on('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#onIdle?.();
    });
  }
}

/** One connection and the requests on it. */
class Connection implements ExchangeOwner {
  readonly limits: ServerLimits;
  readonly facts: ConnectionFacts;
  readonly #session: ServerHttp2Session;
  readonly #handler: Http2Handler;
  readonly #sweep: DeadlineSweep;
  #ordinal = 0;
  #open = 0;
  #resets = 0;
  #controlFrames = 0;
  #controlWindowMs = 0;

  constructor(
    session: ServerHttp2Session,
    facts: ConnectionFacts,
    limits: ServerLimits,
    handler: Http2Handler,
    sweep: DeadlineSweep,
  ) {
    this.#session = session;
    this.facts = facts;
    this.limits = limits;
    this.#handler = handler;
    this.#sweep = sweep;
    session.on('stream', (stream, _, __, ...rest: unknown[]) =>
      this.#onStream(stream, (rest[0] ?? []) as string[]),
    );
    session.on('ping', () => this.#countControlFrame());
    session.on('remoteSettings', () => this.#countControlFrame());
    session.on('error', (error: Error) => handler.onMisuse(error.message, facts.remoteAddress));
    session.setTimeout(limits.keepAliveTimeoutMs, () => {
      if (this.#open === 0) session.close();
    });
  }

  renderError(error: ProtocolError, exchange: ServerExchange | null): { fields: string; body: string } {
    return this.#handler.renderError(error, exchange);
  }

  forget(exchange: Http2Exchange, byClient: boolean): void {
    this.#sweep.delete(exchange);
    this.#open--;
    // A client that opens requests only to give them up makes work and is never slowed down (CVE-2023-44487).
    if (byClient && ++this.#resets > RESETS_MAX && this.#resets * 2 > this.#ordinal)
      this.#giveUp('too many requests were given up by the client');
    else if (this.#ordinal >= this.limits.requestsPerConnectionMax) this.#session.close();
  }

  #onStream(stream: ServerHttp2Stream, fields: readonly string[]): void {
    this.#ordinal++;
    this.#open++;
    const hasEnded =
      stream.readableEnded || (stream as unknown as { endAfterHeaders: boolean }).endAfterHeaders;
    let exchange: Http2Exchange;
    try {
      const head = readHttp2Head(fields, hasEnded, this.limits);
      exchange = new Http2Exchange(this, stream, head, this.#ordinal);
      this.#sweep.add(exchange);
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.#open--;
      this.#refuse(stream, thrown);
      return;
    }
    this.#handler.onRequest(exchange);
  }

  /** Answers what is no request to be served. */
  #refuse(stream: ServerHttp2Stream, error: ProtocolError): void {
    stream.on('error', () => undefined);
    const { fields, body } = this.#handler.renderError(error, null);
    stream.respond({ ...readFieldLines(fields), ':status': error.status });
    stream.end(body);
    stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #countControlFrame(): void {
    const nowMs = performance.now();
    if (nowMs - this.#controlWindowMs > CONTROL_WINDOW_MS) {
      this.#controlWindowMs = nowMs;
      this.#controlFrames = 0;
    }
    if (++this.#controlFrames > CONTROL_FRAMES_MAX) this.#giveUp('too many PING or SETTINGS frames');
  }

  #giveUp(message: string): void {
    if (this.#session.destroyed) return;
    this.#handler.onMisuse(message, this.facts.remoteAddress);
    this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
