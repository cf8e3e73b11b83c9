import type { LogLevel } from '@gatescope/base';
import type { Headers, ServerExchange } from '@gatescope/http1';
import { Headers as HeaderList, isHopByHop } from '@gatescope/http1';
import type { Consumer, Route, Service } from '../config/entities.ts';
import type { DebugLog } from '../logging/request-log.ts';
import type {
  Credential,
  Exchange,
  ExchangeOutcome,
  ExchangeRequest,
  ExchangeResponse,
  PluginLog,
  TraceIdentity,
  UpstreamRequest,
} from '../pipeline/exchange.ts';
import type { ClientAddress } from './client-ip.ts';
import { errorBody } from './error-response.ts';

const NO_CERTIFICATES: readonly Buffer[] = [];

/** An answer that a plugin, or the gateway, gave instead of an upstream. */
export interface ExitAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Headers;
}

/** Whose exchange it is: takes its lines, and knows how it went. */
export interface ExchangeOwner {
  /** `span` is an index in the request's record. */
  log(
    level: LogLevel,
    type: string,
    message: string,
    attributes?: Readonly<Record<string, unknown>>,
    source?: string,
    span?: number,
  ): void;
  /** Null while nobody reads lines of level debug. */
  readonly debug: DebugLog | null;
  /** Null where the request is not recorded. */
  readonly trace: TraceIdentity | null;
  /** What became of the request, once it is over. */
  outcome(): ExchangeOutcome;
}

/** The exchange as plugins see it; what happens to it is decided elsewhere. */
export class GatewayExchange implements Exchange, ExchangeRequest {
  readonly requestId: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly upstreamRequest: UpstreamRequest;
  response: ExchangeResponse | null = null;
  route: Route | null = null;
  service: Service | null = null;
  consumer: Consumer | null = null;
  credential: Credential | null = null;
  answer: ExitAnswer | null = null;
  readonly #server: ServerExchange;
  #shared: Map<string, unknown> | null = null;
  readonly #owner: ExchangeOwner;

  constructor(server: ServerExchange, requestId: string, client: ClientAddress, owner: ExchangeOwner) {
    const { head } = server;
    const question = head.target.indexOf('?');
    this.requestId = requestId;
    this.method = head.method;
    this.scheme = server.connection.tls === null ? 'http' : 'https';
    this.host = head.host ?? '';
    this.path = question < 0 ? head.target : head.target.slice(0, question);
    this.query = question < 0 ? '' : head.target.slice(question + 1);
    this.headers = head.headers;
    if (head.connection !== undefined) dropNamed(head.headers, head.connection);
    this.clientAddress = client.remoteAddress;
    this.clientPort = client.remotePort;
    this.upstreamRequest = { method: head.method, path: this.path, query: this.query, host: null };
    this.#owner = owner;
    this.#server = server;
  }

  get request(): ExchangeRequest {
    return this;
  }

  get clientCertificates(): readonly Buffer[] {
    return this.#server.connection.tls?.clientChain ?? NO_CERTIFICATES;
  }

  get shared(): Map<string, unknown> {
    this.#shared ??= new Map();
    return this.#shared;
  }

  get hasExited(): boolean {
    return this.answer !== null;
  }

  exit(
    status: number,
    body?: string | Buffer | object,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const list = new HeaderList();
    for (const [name, value] of Object.entries(headers)) list.append(name, value);
    let bytes = Buffer.alloc(0);
    if (Buffer.isBuffer(body)) bytes = Buffer.from(body);
    else if (typeof body === 'string') bytes = Buffer.from(body);
    else if (body !== undefined) {
      bytes = Buffer.from(JSON.stringify(body));
      if (!list.has('content-type')) list.append('Content-Type', 'application/json; charset=utf-8');
    }
    this.answer = { status, body: bytes, headers: list };
  }

  fail(status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
    const { contentType, body } = errorBody(this.headers.get('accept'), message, this.requestId);
    this.exit(status, body, { 'Content-Type': contentType, ...headers });
  }

  /** The plugin that runs; where it is noted in the request's record. */
  runningPlugin = '';
  runningSpan = -1;

  log(level: LogLevel, message: string, attributes?: Readonly<Record<string, unknown>>): void {
    this.#owner.log(level, 'plugin', message, attributes, `plugin:${this.runningPlugin}`, this.runningSpan);
  }

  get debug(): PluginLog['debug'] {
    const { debug } = this.#owner;
    if (debug === null) return null;
    const { runningPlugin, runningSpan } = this;
    return (message, attributes) =>
      debug.debug('plugin', `plugin:${runningPlugin}`, message, attributes, runningSpan);
  }

  get trace(): TraceIdentity | null {
    return this.#owner.trace;
  }

  outcome(): ExchangeOutcome {
    return this.#owner.outcome();
  }

  ownLog(): PluginLog {
    const log = this.#owner;
    const source = `plugin:${this.runningPlugin}`;
    const span = this.runningSpan;
    return {
      log: (level, message, attributes) => log.log(level, 'plugin', message, attributes, source, span),
      get debug(): PluginLog['debug'] {
        const { debug } = log;
        if (debug === null) return null;
        return (message, attributes) => debug.debug('plugin', source, message, attributes, span);
      },
    };
  }
}

/**
 * Takes away the fields that the client's Connection field names (RFC 9110 §7.6.1). Before any plugin runs, so that a client can't have
 * fields removed that a plugin sets.
 */
function dropNamed(headers: Headers, connection: string): void {
  if (connection === 'keep-alive' || connection === 'close') return;
  for (const option of connection.toLowerCase().split(',')) {
    const name = option.trim();
    // Those that frame the message, or belong to the connection anyway, are seen to where it is sent on.
    if (name !== 'host' && name !== 'content-length' && !isHopByHop(name, undefined)) headers.remove(name);
  }
}
