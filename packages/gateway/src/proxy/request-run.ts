import type { Socket } from 'node:net';
import { type LogAttributes, type Logger, type LogLevel, randomHex } from '@gatescope/base';
import {
  type ConnectListener,
  type ExchangeListener,
  type Headers,
  isHopByHop,
  type ResponseHead,
  type ServerExchange,
  type UpstreamConnection,
  type UpstreamError,
  type UpstreamListener,
  type UpstreamPool,
  type UpstreamTarget,
  type UpstreamTimes,
} from '@gatescope/http1';
import type { Route, Service, Target } from '../config/entities.ts';
import { BodyFilterRun } from '../pipeline/body-filter-run.ts';
import type { CertificateRun } from '../pipeline/certificate-phase.ts';
import { type AsyncPhase, type PhaseListener, runHeaderFilters, runPhase } from '../pipeline/phase-runner.ts';
import type { PluginChain } from '../pipeline/plugin-chain.ts';
import { reasonOf } from '../pipeline/reason-phrase.ts';
import type { RouteMatch, RouteRequest } from '../router/router.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { attribute, SPAN } from '../tracing/span-kinds.ts';
import { STAGE, type TracedRequest } from '../tracing/traced-request.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { DnsAnswer, DnsClient } from '../upstream/dns-client.ts';
import type { UpstreamTlsFactory } from '../upstream/upstream-tls.ts';
import { clientOf, isTrusted } from './client-ip.ts';
import { errorBody } from './error-response.ts';
import { forwardHead } from './forward-request.ts';
import { GatewayExchange } from './gateway-exchange.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import type { Tunnels } from './tunnel.ts';

/** What all requests of a worker share. */
export interface RequestContext {
  /** Changes with every reload; a request keeps the one it began with. */
  readonly runtime: GatewayRuntime;
  readonly tracer: Tracer;
  readonly pool: UpstreamPool;
  readonly dns: DnsClient;
  readonly tunnels: Tunnels;
  readonly upstreamTls: UpstreamTlsFactory;
  readonly logger: Logger;
  /** `gatescope/<version>`. */
  readonly product: string;
  onRequestEnd(run: RequestRun): void;
}

const A = {
  headersCount: attribute('proxy.kong.http_headers_count'),
  headersSize: attribute('proxy.kong.http_headers_size'),
  matched: attribute('proxy.kong.router.matched'),
  routeId: attribute('proxy.kong.router.route_id'),
  serviceId: attribute('proxy.kong.router.service_id'),
  upstreamPath: attribute('proxy.kong.router.upstream_path'),
  cacheHit: attribute('proxy.kong.router.cache_hit'),
  algorithm: attribute('proxy.kong.upstream.lb_algorithm'),
  dnsEntry: attribute('proxy.kong.dns.entry'),
  peerAddress: attribute('network.peer.address'),
  peerName: attribute('network.peer.name'),
  peerPort: attribute('network.peer.port'),
  tryCount: attribute('try_count'),
  keepalive: attribute('keepalive'),
};

const EMPTY = Buffer.alloc(0);
/** Largest response that is buffered for the response phase, bytes. */
const BUFFERED_RESPONSE_BYTES_MAX = 64 * 1_048_576;
/** A client's connection that is this long idle before its first request is a preconnect: the handshake is not the request's. */
const PRECONNECT_MS = 1_000;
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * One request on its way through the gateway, from its head to the end of its log phase. Every step calls the next; what has to be waited for
 * calls back. Spans are noted as the steps go, and cost nothing where the record is null.
 */
export class RequestRun
  implements ExchangeListener, UpstreamListener, ConnectListener, PhaseListener, TracedRequest, RouteRequest
{
  readonly #context: RequestContext;
  readonly #runtime: GatewayRuntime;
  readonly #server: ServerExchange;
  readonly exchange: GatewayExchange;
  record: RequestRecord | null = null;
  readonly startMs: number;
  endMs = Number.NaN;
  failure: string | null = null;
  status: number | null = null;
  upstreamStatus: number | null = null;
  upstreamId: string | null = null;
  protocolName: 'http' | 'ws' = 'http';
  #chain: PluginChain;
  #match: RouteMatch | null = null;
  #phaseSpan = -1;
  // Upstream side.
  #selectionSpan = -1;
  #attemptSpan = -1;
  #attempts = 0;
  #tried: Target[] = [];
  #targetName = '';
  #addresses: readonly string[] = [];
  #connectFresh = false;
  #connection: UpstreamConnection | null = null;
  #cancelConnect: (() => void) | null = null;
  #times: UpstreamTimes | null = null;
  #sendStartMs = Number.NaN;
  #upstreamHead: ResponseHead | null = null;
  #upstreamDone = false;
  #requestPaused = false;
  #requestEnded = false;
  // Client side.
  #responseHeaders: Headers | null = null;
  #bodyFilter: BodyFilterRun | null = null;
  #buffered: Buffer[] | null = null;
  #bufferedBytes = 0;
  #sendSpanDone = false;
  #over = false;

  constructor(context: RequestContext, server: ServerExchange) {
    this.#context = context;
    this.#runtime = context.runtime;
    this.#server = server;
    const { connection } = server;
    const client = clientOf(
      this.#runtime.clientIp,
      { address: connection.remoteAddress, port: connection.remotePort },
      server.headers,
    );
    this.exchange = new GatewayExchange(server, randomHex(16), client, (level, message, attributes) =>
      this.#log(level, 'plugin', message, attributes),
    );
    this.#chain = this.#runtime.chains.globals;
    const { tls } = connection;
    const handshakeCounts =
      tls !== null && server.ordinal === 1 && server.firstByteMs - tls.endedMs <= PRECONNECT_MS;
    this.startMs = handshakeCounts ? tls.startedMs : server.firstByteMs;
    server.listener = this;
  }

  /** Starts the run. */
  start(): void {
    const { tracer } = this.#context;
    if (tracer.isArmed) {
      this.record = tracer.begin(this);
      if (this.record !== null) this.#recordClientSide(this.record);
    }
    this.#ask(STAGE.request);
    this.#runPhase('rewrite');
  }

  // ── Facts for the tracer ───────────────────────────────────────────────────────────────────────

  get requestId(): string {
    return this.exchange.requestId;
  }
  get connection() {
    return this.#server.connection;
  }
  get ordinal(): number {
    return this.#server.ordinal;
  }
  get firstByteMs(): number {
    return this.#server.firstByteMs;
  }
  get method(): string {
    return this.exchange.method;
  }
  get scheme(): 'http' | 'https' {
    return this.exchange.scheme;
  }
  get host(): string {
    return this.exchange.host;
  }
  get rawPath(): string {
    return this.exchange.path;
  }
  get query(): string {
    return this.exchange.query;
  }
  get requestHeaders(): Headers {
    return this.exchange.headers;
  }
  get minorVersion(): number {
    return this.#server.head.minorVersion;
  }
  get clientAddress(): string {
    return this.exchange.clientAddress;
  }
  get clientPort(): number {
    return this.exchange.clientPort;
  }
  get route(): Route | null {
    return this.exchange.route;
  }
  get service(): Service | null {
    return this.exchange.service;
  }
  get consumer() {
    return this.exchange.consumer;
  }
  get responseHeaders(): Headers | null {
    return this.#responseHeaders;
  }
  get requestHeadBytes(): number {
    return this.#server.head.headBytes;
  }
  get requestBodyBytes(): number {
    return this.#server.requestBodyBytes;
  }
  get responseHeadBytes(): number {
    return this.#server.responseHeadBytes;
  }
  get responseBodyBytes(): number {
    return this.#server.responseBodyBytes;
  }

  // ── What the router asks ───────────────────────────────────────────────────────────────────────

  get target(): string {
    return this.#server.head.target;
  }
  get sni(): string | null {
    return this.#server.connection.tls?.serverName ?? null;
  }
  headers(lowerName: string): readonly string[] {
    return this.exchange.headers.getAll(lowerName);
  }

  // ── Phases up to the upstream ──────────────────────────────────────────────────────────────────

  #runPhase(phase: AsyncPhase): void {
    const slots = phase === 'rewrite' ? this.#runtime.chains.globals.rewrite : this.#chain[phase];
    if (this.record !== null) this.#phaseSpan = this.record.openPhase(phase, performance.now());
    if (slots.length === 0) this.onPhaseDone(phase, null);
    else runPhase(phase, slots, this.exchange, this.record, this.#phaseSpan, this);
  }

  isPast(phase: AsyncPhase): boolean {
    return this.#over && phase !== 'log';
  }

  onPhaseDone(phase: AsyncPhase, error: { readonly plugin: string; readonly message: string } | null): void {
    if (this.record !== null && !this.isPast(phase)) this.record.close(this.#phaseSpan, performance.now());
    if (error !== null) {
      this.#log('error', 'plugin', `plugin ${error.plugin} failed in phase ${phase}: ${error.message}`, {
        plugin: error.plugin,
        phase,
      });
      if (phase === 'log') this.#finishTrace();
      else if (!this.#over)
        this.#answerError(
          500,
          'An unexpected error occurred',
          `plugin ${error.plugin} failed: ${error.message}`,
        );
      return;
    }
    if (phase === 'log') {
      this.#finishTrace();
      return;
    }
    if (this.#over) return;
    if (phase === 'response') this.#sendBuffered();
    else if (this.exchange.answer !== null) this.#sendAnswer();
    else if (phase === 'rewrite') this.#route();
    else {
      this.#ask(STAGE.consumer);
      this.#beginUpstream();
    }
  }

  #route(): void {
    const { record } = this;
    const startMs = record === null ? 0 : performance.now();
    const { match, cacheHit } = this.#runtime.router.match(this);
    if (record !== null) {
      const span = record.add(SPAN.router, 0, startMs, performance.now());
      record.set(span, A.matched, match !== null);
      if (match !== null) {
        record.set(span, A.routeId, match.route.id);
        if (match.service !== null) record.set(span, A.serviceId, match.service.id);
        record.set(span, A.upstreamPath, match.upstreamPath);
      }
      record.set(span, A.cacheHit, cacheHit);
    }
    if (match === null) {
      this.#ask(STAGE.route);
      this.#answerError(404, 'no Route matched with those values', 'no route matched');
      return;
    }
    this.#match = match;
    this.exchange.route = match.route;
    this.exchange.service = match.service;
    this.exchange.upstreamRequest.path = match.upstreamPath;
    this.#chain = this.#runtime.chains.of(match.route);
    this.#ask(STAGE.route);
    if (!this.#protocolAllowed(match.route)) return;
    this.#runPhase('access');
  }

  /** An https-only route over http is not served: told to come back over TLS, by redirect where the route says so. */
  #protocolAllowed(route: Route): boolean {
    const { protocols } = route;
    if (protocols.includes(this.scheme) || protocols.includes(this.scheme === 'https' ? 'wss' : 'ws'))
      return true;
    if (this.scheme === 'https') return true;
    const status = route.https_redirect_status_code;
    if (status === 426) {
      this.#answerError(426, 'Please use HTTPS protocol', 'https only route');
      return false;
    }
    const host = this.host.replace(/:\d+$/, '');
    this.exchange.exit(status, undefined, { Location: `https://${host}${this.#server.head.target}` });
    this.#sendAnswer();
    return false;
  }

  // ── Upstream: selection, attempts, connection ──────────────────────────────────────────────────

  #beginUpstream(): void {
    const { service } = this.exchange;
    if (service === null || !service.enabled) {
      this.#answerError(503, 'no Service found with those values', 'the route has no service');
      return;
    }
    if (this.record !== null) {
      this.#selectionSpan = this.record.open(SPAN.selection, 0, performance.now());
      this.record.set(this.#selectionSpan, A.algorithm, 'round-robin');
    }
    this.#nextTarget(service);
  }

  /** Chooses the next target and looks its name up. */
  #nextTarget(service: Service): void {
    const upstream = this.#runtime.upstreams.get(service.host);
    let host = service.host;
    let port = service.port;
    if (upstream !== undefined) {
      this.upstreamId = upstream.entity.id;
      const target = upstream.balancer.next(this.#tried);
      if (target === null) {
        this.#failSelection('no target');
        this.#answerError(
          503,
          'failure to get a peer from the ring-balancer',
          `upstream ${service.host} has no target with a weight`,
        );
        return;
      }
      this.#tried.push(target);
      host = target.host;
      port = target.port;
    }
    if (host !== this.#targetName) this.#addresses = [];
    this.#targetName = host;
    const startMs = this.record === null ? 0 : performance.now();
    const answer = this.#context.dns.lookup(host);
    if (answer instanceof Promise)
      void answer.then((found) => this.#onResolved(service, port, found, startMs));
    else this.#onResolved(service, port, answer, startMs);
  }

  #onResolved(service: Service, port: number, answer: DnsAnswer, startMs: number): void {
    if (this.#over) return;
    if (this.record !== null && answer.attempts.length > 0) {
      const span = this.record.add(SPAN.dns, this.#selectionSpan, startMs, performance.now());
      this.record.set(span, A.dnsEntry, answer.attempts as unknown as Record<string, string>[]);
      if (answer.error !== null) this.record.fail(span, answer.error);
    }
    const [address] = this.#addresses.length > 1 ? this.#addresses.slice(1) : answer.addresses;
    this.#addresses = answer.addresses;
    if (address === undefined) {
      if (this.#attempts < service.retries && this.#runtime.upstreams.has(service.host)) {
        this.#attempts++;
        this.#nextTarget(service);
        return;
      }
      this.#failSelection(`name resolution failed: ${answer.error}`);
      this.#answerError(
        503,
        'name resolution failed',
        `${this.#targetName} could not be resolved: ${answer.error}`,
      );
      return;
    }
    this.#connect(service, {
      address,
      port,
      tls:
        service.protocol === 'https'
          ? this.#context.upstreamTls.of(service, this.#upstreamHost(service))
          : null,
    });
  }

  #connect(service: Service, target: UpstreamTarget): void {
    this.#attempts++;
    const { record } = this;
    if (record !== null) {
      this.#attemptSpan = record.open(SPAN.findUpstream, this.#selectionSpan, performance.now());
      record.set(this.#attemptSpan, A.peerAddress, target.address);
      record.set(this.#attemptSpan, A.peerName, this.#targetName);
      record.set(this.#attemptSpan, A.peerPort, target.port);
      record.set(this.#attemptSpan, A.tryCount, this.#attempts);
    }
    this.#cancelConnect = this.#context.pool.connect(
      target,
      service.connect_timeout,
      this,
      this.#connectFresh,
    );
  }

  onConnectFailed(error: UpstreamError): void {
    this.#cancelConnect = null;
    if (this.#over) return;
    this.record?.set(this.#attemptSpan, A.keepalive, false);
    this.#failAttempt(`${error.kind}: ${error.message}`, performance.now());
    const service = this.exchange.service!;
    const policy = this.#runtime.nextUpstream;
    const retries = error.kind === 'connect_timeout' ? policy.onTimeout : policy.onError;
    if (retries && this.#attempts <= service.retries) {
      this.#nextTarget(service);
      return;
    }
    this.#failSelection(error.message);
    this.#answerUpstreamError(error);
  }

  onConnected(connection: UpstreamConnection): void {
    this.#cancelConnect = null;
    if (this.#over) {
      connection.abort();
      return;
    }
    this.#connection = connection;
    const service = this.exchange.service!;
    const { record } = this;
    const { head } = this.#server;
    const nowMs = performance.now();
    this.#sendStartMs = nowMs;
    if (record !== null) {
      record.set(this.#attemptSpan, A.keepalive, connection.isReused);
      record.close(this.#attemptSpan, nowMs);
      record.close(this.#selectionSpan, nowMs);
    }
    const upgrade = head.upgrade;
    const text = forwardHead(this.exchange, head, {
      host: this.#upstreamHost(service),
      peerAddress: this.connection.remoteAddress,
      peerTrusted: isTrusted(this.#runtime.clientIp, this.connection.remoteAddress),
      serverPort: this.connection.localPort,
      prefix: this.#match?.prefix ?? null,
      sendsRequestId: this.#runtime.ownHeaders.requestIdUpstream,
      upgrade,
      via: `1.1 ${this.#context.product}`,
    });
    const hasBody = this.#server.hasBody && !this.#requestEnded;
    this.#times = connection.send(
      this,
      {
        method: this.exchange.upstreamRequest.method,
        head: text,
        hasBody,
        chunked: head.contentLength < 0,
        upgrade: upgrade !== undefined,
      },
      { sendMs: service.write_timeout, readMs: service.read_timeout },
    );
    if (hasBody) this.#server.readBody();
  }

  #upstreamHost(service: Service): string {
    const { route, upstreamRequest } = this.exchange;
    if (upstreamRequest.host !== null) return upstreamRequest.host;
    if (route?.preserve_host === true && this.host !== '') return this.host;
    const upstream = this.#runtime.upstreams.get(service.host);
    if (upstream !== undefined) return upstream.entity.host_header ?? service.host;
    const standard = service.protocol === 'https' ? 443 : 80;
    const host = service.host.includes(':') ? `[${service.host}]` : service.host;
    return service.port === standard ? host : `${host}:${service.port}`;
  }

  // ── Body of the request ────────────────────────────────────────────────────────────────────────

  onRequestData(chunk: Buffer): void {
    const connection = this.#connection;
    if (connection !== null && !connection.write(chunk)) {
      this.#requestPaused = true;
      this.#server.pause();
    }
  }

  onRequestEnd(): void {
    this.#requestEnded = true;
    const { trailers } = this.#server;
    this.#connection?.end(trailers === null ? '' : this.#fieldLines(trailers, undefined));
  }

  onUpstreamDrain(): void {
    if (!this.#requestPaused) return;
    this.#requestPaused = false;
    this.#server.resume();
  }

  // ── Response of the upstream ───────────────────────────────────────────────────────────────────

  onInterim(head: ResponseHead): void {
    // 100 is the gateway's own business: the client was told to go on when its body was read.
    if (head.status === 100) return;
    let fields = '';
    for (let index = 0; index < head.headers.length; index++)
      fields += `${head.headers.names[index]}: ${head.headers.values[index]}\r\n`;
    this.#server.interim(head.status, head.reason, fields);
  }

  onResponse(head: ResponseHead): void {
    const service = this.exchange.service!;
    if (this.#retriesStatus(head.status, service)) return;
    this.upstreamStatus = head.status;
    this.#upstreamHead = head;
    this.exchange.response = { status: head.status, headers: head.headers, isOwn: false, body: null };
    this.#responseHeaders = head.headers;
    if (this.#chain.response.length > 0 && this.exchange.route?.response_buffering !== false) {
      this.#buffered = [];
      return;
    }
    this.#beginResponse(toldLength(head));
  }

  onResponseData(chunk: Buffer): void {
    if (this.#buffered !== null) {
      this.#bufferedBytes += chunk.length;
      if (this.#bufferedBytes > BUFFERED_RESPONSE_BYTES_MAX) {
        this.#connection?.abort();
        this.#connection = null;
        this.#answerError(
          502,
          'An invalid response was received from the upstream server',
          'response too large to be buffered',
        );
        return;
      }
      this.#buffered.push(Buffer.from(chunk));
      return;
    }
    const piece = this.#bodyFilter === null ? chunk : this.#bodyFilter.filter(chunk, false);
    if (!this.#server.write(piece)) this.#connection?.pause();
  }

  onResponseEnd(trailers: Headers | null): void {
    this.#connection = null;
    this.#upstreamDone = true;
    if (this.#over) return;
    if (this.#buffered !== null) {
      this.exchange.response!.body = Buffer.concat(this.#buffered);
      this.#buffered = null;
      this.#runPhase('response');
      return;
    }
    this.#endResponse(trailers);
  }

  onUpgrade(head: ResponseHead, socket: Socket, leftover: Buffer): void {
    this.#connection = null;
    this.upstreamStatus = 101;
    this.status = 101;
    this.protocolName = 'ws';
    this.#upstreamHead = head;
    this.#responseHeaders = head.headers;
    this.exchange.response = { status: 101, headers: head.headers, isOwn: false, body: null };
    runHeaderFilters(this.#chain.headerFilter, this.exchange, this.record, (plugin, message) =>
      this.#log('error', 'plugin', `${plugin}: ${message}`),
    );
    const client = this.#server.upgrade(
      `${this.#fieldLines(head.headers, undefined)}${this.#ownFields(false)}Connection: upgrade\r\nUpgrade: ${head.headers.get('upgrade') ?? 'websocket'}\r\n`,
    );
    this.#context.tunnels.open(client, { socket, leftover }, (bytes) => {
      this.#server.requestBodyBytes = bytes.fromClient;
      this.#server.responseBodyBytes = bytes.fromUpstream;
      if (this.#times !== null) this.#times.lastByteMs = performance.now();
      this.#server.flushedMs = performance.now();
      this.#finish();
    });
  }

  onError(error: UpstreamError): void {
    const connection = this.#connection;
    this.#connection = null;
    if (this.#over) return;
    const service = this.exchange.service!;
    const nowMs = performance.now();
    const retries = this.#upstreamHead === null && this.#mayRetry(error, connection, service);
    if (retries) this.#reopenSelection();
    this.#failAttempt(`${error.kind}: ${error.message}`, nowMs);
    this.#noteAbandonedTry(error.message, nowMs);
    if (retries) {
      this.#connectFresh = true;
      this.#nextTarget(service);
      return;
    }
    if (this.#server.isResponseStarted) {
      this.failure = error.message;
      this.#log('error', 'upstream', `the upstream's answer broke off: ${error.message}`, {
        kind: error.kind,
      });
      this.#server.abort();
    } else this.#answerUpstreamError(error);
  }

  /** Whether a try that failed after its connection was had may be given to the next target. */
  #mayRetry(error: UpstreamError, connection: UpstreamConnection | null, service: Service): boolean {
    if (this.#server.hasBody) return false;
    const policy = this.#runtime.nextUpstream;
    // It may have been done already (RFC 9110 §9.2.2).
    if (!policy.nonIdempotent && !IDEMPOTENT.has(this.exchange.upstreamRequest.method)) return false;
    const stale =
      connection?.isReused === true && (error.kind === 'closed_before_response' || error.kind === 'reset');
    if (stale) return true;
    if (this.#attempts > service.retries) return false;
    if (error.kind === 'read_timeout' || error.kind === 'send_timeout') return policy.onTimeout;
    if (error.kind === 'invalid_response') return policy.onInvalidHeader;
    return policy.onError;
  }

  #retriesStatus(status: number, service: Service): boolean {
    const policy = this.#runtime.nextUpstream;
    if (!policy.statuses.has(status) || this.#attempts > service.retries || this.#server.hasBody)
      return false;
    if (!policy.nonIdempotent && !IDEMPOTENT.has(this.exchange.upstreamRequest.method)) return false;
    this.#connection?.abort();
    this.#connection = null;
    this.upstreamStatus = status;
    const nowMs = performance.now();
    this.#reopenSelection();
    this.#failAttempt(`answered ${status}`, nowMs);
    this.#noteAbandonedTry(`answered ${status}`, nowMs);
    this.#nextTarget(service);
    return true;
  }

  // ── Response to the client ─────────────────────────────────────────────────────────────────────

  #beginResponse(length: number): void {
    const response = this.exchange.response!;
    const { record } = this;
    runHeaderFilters(this.#chain.headerFilter, this.exchange, record, (plugin, message) =>
      this.#log('error', 'plugin', `plugin ${plugin} failed in phase header_filter: ${message}`, { plugin }),
    );
    this.status = response.status;
    this.#ask(STAGE.response);
    const filters = this.#chain.bodyFilter.length > 0;
    if (filters || this.record !== null) {
      this.#bodyFilter = new BodyFilterRun(
        this.#chain.bodyFilter,
        this.exchange,
        this.record,
        (plugin, message) =>
          this.#log('error', 'plugin', `plugin ${plugin} failed in phase body_filter: ${message}`, {
            plugin,
          }),
      );
    }
    const fields =
      this.#fieldLines(response.headers, this.#upstreamHead?.connection) + this.#ownFields(response.isOwn);
    const reason =
      response.status === this.#upstreamHead?.status && !response.isOwn
        ? this.#upstreamHead.reason
        : reasonOf(response.status);
    this.#server.start(response.status, reason, fields, filters || length < 0 ? 'unknown' : length);
  }

  #endResponse(trailers: Headers | null = null): void {
    if (this.#bodyFilter !== null) {
      const filters = this.#chain.bodyFilter.length > 0;
      if (filters) this.#server.write(this.#bodyFilter.filter(EMPTY, true));
      else if (this.#server.responseBodyBytes > 0) this.#bodyFilter.filter(EMPTY, true);
    }
    this.#server.end(trailers === null ? '' : this.#fieldLines(trailers, undefined));
  }

  /** The response phase is over: what is in `response.body` goes out, or the answer a plugin gave instead. */
  #sendBuffered(): void {
    const { answer } = this.exchange;
    if (answer !== null) {
      this.#sendAnswer();
      return;
    }
    const body = this.exchange.response!.body ?? EMPTY;
    const upstream = this.#upstreamHead!;
    // An answer without a body, to HEAD for example, has the length it tells of.
    this.#beginResponse(
      body.length === 0 && upstream.framing === 'none' ? toldLength(upstream) : body.length,
    );
    if (body.length > 0)
      this.#server.write(this.#bodyFilter === null ? body : this.#bodyFilter.filter(body, false));
    this.#endResponse();
  }

  #sendAnswer(): void {
    const answer = this.exchange.answer!;
    this.exchange.response = { status: answer.status, headers: answer.headers, isOwn: true, body: null };
    this.#responseHeaders = answer.headers;
    this.#beginResponse(answer.body.length);
    if (answer.body.length > 0)
      this.#server.write(
        this.#bodyFilter === null ? answer.body : this.#bodyFilter.filter(answer.body, false),
      );
    this.#endResponse();
  }

  #answerError(
    status: number,
    message: string,
    failure: string,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.failure = failure;
    if (status >= 500) this.#log('error', 'upstream', failure, { status });
    if (this.#server.isResponseStarted) {
      this.#server.abort();
      return;
    }
    const { contentType, body } = errorBody(this.exchange.headers.get('accept'), message, this.requestId);
    this.exchange.exit(status, body, { 'Content-Type': contentType, ...headers });
    this.#sendAnswer();
  }

  #answerUpstreamError(error: UpstreamError): void {
    const timedOut =
      error.kind === 'connect_timeout' || error.kind === 'read_timeout' || error.kind === 'send_timeout';
    if (timedOut) this.#answerError(504, 'The upstream server is timing out', error.message);
    else this.#answerError(502, 'An invalid response was received from the upstream server', error.message);
  }

  #fieldLines(headers: Headers, connection: string | undefined): string {
    const { replaced } = this.#runtime.ownHeaders;
    const { names, lowerNames, values } = headers;
    let text = '';
    for (let index = 0; index < names.length; index++) {
      const lower = lowerNames[index]!;
      if (lower === 'content-length' || isHopByHop(lower, connection)) continue;
      if (lower.startsWith('x-kong-') && replaced.has(lower)) continue;
      text += `${names[index]}: ${values[index]}\r\n`;
    }
    return text;
  }

  #ownFields(isOwn: boolean): string {
    const { ownHeaders } = this.#runtime;
    let text = '';
    if (isOwn) {
      if (ownHeaders.responseLatency)
        text += `X-Kong-Response-Latency: ${Math.round(performance.now() - this.firstByteMs)}\r\n`;
    } else {
      if (ownHeaders.upstreamLatency)
        text += `X-Kong-Upstream-Latency: ${Math.round((this.#times?.headersMs ?? 0) - this.#sendStartMs)}\r\n`;
      if (ownHeaders.proxyLatency)
        text += `X-Kong-Proxy-Latency: ${Math.round(this.#sendStartMs - this.firstByteMs)}\r\n`;
    }
    if (ownHeaders.upstreamStatus && this.upstreamStatus !== null)
      text += `X-Kong-Upstream-Status: ${this.upstreamStatus}\r\n`;
    if (isOwn) {
      if (ownHeaders.server) text += `Server: ${this.#context.product}\r\n`;
    } else if (ownHeaders.via) text += `Via: 1.1 ${this.#context.product}\r\n`;
    if (isOwn) text += `Date: ${httpDate()}\r\n`;
    // The field of a 426 concerns the connection, so that it is not among those passed on (RFC 9110 §15.5.22).
    if (isOwn && this.status === 426) text += 'Upgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n';
    if (ownHeaders.requestId) text += `X-Kong-Request-Id: ${this.requestId}\r\n`;
    return text;
  }

  onDrain(): void {
    this.#connection?.resume();
  }

  onFlushed(): void {
    this.#finish();
  }

  onClosed(reason: string): void {
    this.#cancelConnect?.();
    this.#connection?.abort();
    this.#connection = null;
    if (!this.#server.isResponseStarted || this.status === null) {
      this.status = this.#server.refusedStatus ?? 499;
      this.failure ??= reason;
    } else this.failure ??= reason;
    this.#finish();
  }

  // ── End ────────────────────────────────────────────────────────────────────────────────────────

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    const flushedMs = this.#server.flushedMs;
    this.endMs = Number.isNaN(flushedMs) ? performance.now() : flushedMs;
    if (this.record !== null) this.#recordEnd(this.record);
    this.#context.onRequestEnd(this);
    if (this.#chain.log.length === 0) this.#finishTrace();
    else this.#runPhase('log');
  }

  #finishTrace(): void {
    const { record } = this;
    if (record === null) return;
    this.record = null;
    this.#context.tracer.finish(record, this);
  }

  // ── Tracing ────────────────────────────────────────────────────────────────────────────────────

  #ask(stage: number): void {
    const { record } = this;
    if (record !== null && !this.#context.tracer.keep(record, this, stage)) this.record = null;
  }

  #recordClientSide(record: RequestRecord): void {
    const server = this.#server;
    const { tls } = server.connection;
    if (tls !== null && server.ordinal === 1 && this.startMs === tls.startedMs) {
      const handshake = record.add(SPAN.tlsHandshake, 0, tls.startedMs, tls.endedMs);
      const certificate = record.openPhase(
        'certificate',
        Number.isNaN(tls.certificateStartMs) ? tls.startedMs : tls.certificateStartMs,
      );
      record.parents[certificate] = handshake;
      record.close(
        certificate,
        Number.isNaN(tls.certificateEndMs) ? record.starts[certificate]! : tls.certificateEndMs,
      );
      for (const { name, id, startMs, endMs } of (tls.certificateNote ?? []) as CertificateRun[]) {
        record.close(record.openPlugin('certificate', certificate, name, id, startMs), endMs);
      }
    }
    const span = record.add(SPAN.readHeaders, 0, server.firstByteMs, server.headersCompleteMs);
    record.set(span, A.headersCount, server.headers.length);
    record.set(span, A.headersSize, server.head.headBytes);
  }

  #recordEnd(record: RequestRecord): void {
    const server = this.#server;
    const endMs = this.endMs;
    if (server.hasBody && this.#requestBodyBegan()) {
      record.add(
        SPAN.readBody,
        0,
        server.headersCompleteMs,
        Number.isNaN(server.bodyCompleteMs) ? endMs : server.bodyCompleteMs,
      );
    }
    const times = this.#times;
    if (times !== null && !this.#sendSpanDone) this.#recordUpstream(record, times, endMs);
    if (server.isResponseStarted)
      record.add(SPAN.waitForClient, 0, Math.min(this.#waitStartMs(), endMs), endMs);
    const isCut = server.isResponseStarted && Number.isNaN(server.flushedMs);
    if (this.failure !== null && this.status !== null && (isCut || this.status >= 500 || this.status === 499))
      record.fail(0, this.failure);
    record.ends[0] = endMs;
    record.closeOpen(endMs);
  }

  #requestBodyBegan(): boolean {
    return this.#server.requestBodyBytes > 0 || this.#requestEnded;
  }

  /** The client is waited for from the moment there is nothing more to wait for from the upstream. */
  #waitStartMs(): number {
    const last = this.#times?.lastByteMs;
    if (last !== undefined && !Number.isNaN(last) && this.#upstreamDone)
      return Math.max(last, this.#server.responseStartedMs);
    return this.#server.responseStartedMs;
  }

  #recordUpstream(record: RequestRecord, times: UpstreamTimes, endMs: number): void {
    const sentMs = Number.isNaN(times.requestFlushedMs) ? endMs : times.requestFlushedMs;
    record.add(SPAN.sendRequest, 0, times.startedMs, sentMs);
    if (Number.isNaN(times.requestFlushedMs) && Number.isNaN(times.headersMs)) return;
    const headersMs = Number.isNaN(times.headersMs) ? endMs : times.headersMs;
    record.add(SPAN.readUpstreamHeaders, 0, Math.min(sentMs, headersMs), headersMs);
    const framing = this.#upstreamHead?.framing;
    if (framing !== undefined && framing !== 'none') {
      record.add(
        SPAN.readUpstreamBody,
        0,
        headersMs,
        Number.isNaN(times.lastByteMs) ? endMs : times.lastByteMs,
      );
    }
  }

  /** A try that got as far as sending and then failed keeps its spans. */
  #noteAbandonedTry(message: string, nowMs: number): void {
    const { record } = this;
    if (record === null || this.#times === null) return;
    const times = this.#times;
    this.#times = null;
    // A try that did not fit into the record has nothing to belong to.
    if (this.#attemptSpan < 0) return;
    const isAnswered = !Number.isNaN(times.headersMs);
    const sentMs = Number.isNaN(times.requestFlushedMs) ? nowMs : times.requestFlushedMs;
    const send = record.add(SPAN.sendRequest, 0, times.startedMs, sentMs);
    if (Number.isNaN(times.requestFlushedMs) && !isAnswered) {
      record.fail(send, message);
      return;
    }
    const headersMs = isAnswered ? times.headersMs : nowMs;
    const read = record.add(SPAN.readUpstreamHeaders, 0, Math.min(sentMs, headersMs), headersMs);
    // An answer that was not taken for its status has a head alone here.
    if (this.#upstreamHead === null) record.fail(read, message);
    else record.fail(record.add(SPAN.readUpstreamBody, 0, headersMs, nowMs), message);
  }

  /** A further try belongs to the selection, and so does what was sent to, and read from, the one before. */
  #reopenSelection(): void {
    this.record?.close(this.#selectionSpan, Number.NaN);
    this.record?.close(this.#attemptSpan, Number.NaN);
  }

  #failAttempt(reason: string, nowMs: number): void {
    const { record } = this;
    this.#log('error', 'upstream', `attempt ${this.#attempts} at ${this.#targetName} failed: ${reason}`, {
      try: this.#attempts,
    });
    if (record === null) return;
    if (Number.isNaN(record.ends[this.#attemptSpan]!)) record.close(this.#attemptSpan, nowMs);
    record.fail(this.#attemptSpan, reason);
  }

  #failSelection(message: string): void {
    const { record } = this;
    if (record === null) return;
    record.close(this.#selectionSpan, performance.now());
    record.fail(this.#selectionSpan, message);
  }

  #log(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    this.#context.logger.log(level, type, message, attributes);
  }
}

/** What the Content-Length of an answer says, also where the body is left out as in that to HEAD; negative where it says nothing. */
function toldLength(head: ResponseHead): number {
  if (head.framing !== 'none') return head.contentLength;
  const told = head.headers.get('content-length');
  return told === undefined ? -1 : Number(told);
}

let dateSecond = 0;
let dateText = '';

/** The time as the Date field wants it (RFC 9110 §5.6.7), made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}
