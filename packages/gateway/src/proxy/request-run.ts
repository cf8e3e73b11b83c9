import { type LogLevel, newRequestId } from '@gatescope/base';
import type { ExchangeListener, ServerExchange } from '@gatescope/http1';
import type { Route, Service } from '../config/entities.ts';
import { plainAttributes } from '../logging/bounded-attributes.ts';
import type { DebugLog } from '../logging/request-log.ts';
import type { ExchangeOutcome, TraceIdentity } from '../pipeline/exchange.ts';
import { type AsyncPhase, type PhaseListener, runPhase } from '../pipeline/phase-runner.ts';
import type { SpanSink } from '../pipeline/plugin.ts';
import type { PluginChain } from '../pipeline/plugin-chain.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { STAGE } from '../tracing/traced-request.ts';
import { clientOf } from './client-ip.ts';
import { ForwardRequest } from './forward-request.ts';
import { ForwardResponse } from './forward-response.ts';
import { type ExchangeOwner, GatewayExchange } from './gateway-exchange.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import { refuseProtocol } from './protocol-check.ts';
import { recordArrival, recordDeparture, recordRequestBody } from './record-client-side.ts';
import { recordRouter, recordTry } from './record-upstream.ts';
import { isBuffered, RequestBuffer } from './request-buffer.ts';
import type { RequestContext } from './request-context.ts';
import { tellAccess, tellArrival, tellRoute } from './request-lines.ts';
import { outcomeOf } from './request-outcome.ts';
import { RequestView } from './request-view.ts';

/** A client's connection that is this long idle before its first request is a preconnect: the handshake is not the request's. */
const PRECONNECT_MS = 1_000;

/**
 * One request on its way through the gateway, from its head to the end of its log phase. Every step calls the next; what has to be waited for
 * calls back: start, rewrite, route, access, then {@link ForwardRequest}, {@link ForwardResponse}, and finish. Spans are noted as the steps go,
 * and cost nothing where the record is null.
 */
export class RequestRun extends RequestView implements ExchangeListener, PhaseListener, ExchangeOwner {
  readonly context: RequestContext;
  readonly runtime: GatewayRuntime;
  readonly exchange: GatewayExchange;
  record: RequestRecord | null = null;
  /** Whose plugins run: the route's, once there is one. */
  chain: PluginChain;
  /** What of the path the route matched and took away; null: nothing. */
  pathPrefix: string | null = null;
  /** Null before an upstream is asked. */
  upstream: ForwardRequest | null = null;
  /** The request's body, where it is read whole first; null: it is passed on as it comes. */
  buffer: RequestBuffer | null = null;
  readonly response: ForwardResponse;
  /** The client has its answer, or is gone. */
  isOver = false;
  #phaseSpan = -1;

  constructor(context: RequestContext, server: ServerExchange) {
    super(server, rootStartMs(server));
    const { runtime } = context;
    this.context = context;
    this.runtime = runtime;
    const client = clientOf(runtime.clientIp, server.connection, server.headers);
    this.exchange = new GatewayExchange(server, newRequestId(), client, this);
    this.chain = runtime.chains.globals;
    this.response = new ForwardResponse(this);
    if (server.version === '2' && server.headers.get('content-type')?.startsWith('application/grpc') === true)
      this.protocolName = 'grpc';
    server.listener = this;
  }

  /** Starts the run. */
  start(): void {
    const { isArmed } = this.context.tracer;
    if (isArmed && this.#hasRewritePlugins) this.#beginRecord(STAGE.request);
    else if (!isArmed && this.debug !== null) tellArrival(this.debug, this);
    this.runPhase('rewrite');
  }

  get #hasRewritePlugins(): boolean {
    return this.runtime.chains.globals.rewrite.length > 0;
  }

  /** Takes a record where a session may want the request, and notes how it came. */
  #beginRecord(stage: number): void {
    this.record = this.context.tracer.begin(this, stage);
    if (this.record !== null) recordArrival(this.record, this.server, this.startMs);
    if (this.debug !== null) tellArrival(this.debug, this);
  }

  runPhase(phase: AsyncPhase): void {
    const slots = phase === 'rewrite' ? this.runtime.chains.globals.rewrite : this.chain[phase];
    if (this.record !== null) this.#phaseSpan = this.record.openPhase(phase, performance.now());
    if (slots.length === 0) this.onPhaseDone(phase, null);
    else runPhase(phase, slots, this.exchange, this.record, this.#phaseSpan, this);
  }

  isPast(phase: AsyncPhase): boolean {
    return this.isOver && phase !== 'log';
  }

  onPhaseDone(phase: AsyncPhase, error: { readonly plugin: string; readonly message: string } | null): void {
    if (this.record !== null && !this.isPast(phase)) this.record.close(this.#phaseSpan, performance.now());
    if (error !== null) this.#logPluginError(phase, error);
    if (phase === 'log') {
      this.#finishTrace();
      return;
    }
    if (this.isOver) return;
    if (error !== null) {
      const failure = `plugin ${error.plugin} failed: ${error.message}`;
      this.response.answerError(500, 'An unexpected error occurred', failure);
    } else if (phase === 'response') this.response.sendBuffered();
    else if (this.exchange.answer !== null) this.response.sendAnswer();
    else if (phase === 'rewrite') this.#route();
    else {
      this.ask(STAGE.consumer);
      this.#forward();
    }
  }

  #route(): void {
    const { exchange } = this;
    // Where no plugin has run there was nothing to record yet, and most routes are none that a session wants.
    const isFirstAsked = this.context.tracer.isArmed && !this.#hasRewritePlugins;
    const startMs = isFirstAsked || this.record !== null ? performance.now() : 0;
    const { match, cacheHit } = this.runtime.router.match(this);
    const endMs = startMs === 0 ? 0 : performance.now();
    if (match !== null) {
      this.pathPrefix = match.prefix;
      exchange.route = match.route;
      exchange.service = match.service;
      exchange.upstreamRequest.path = match.upstreamPath;
      this.chain = this.runtime.chains.of(match.route);
    }
    if (isFirstAsked) {
      this.#beginRecord(STAGE.route);
      this.record?.close(this.record.openPhase('rewrite', startMs), startMs);
    }
    const { record, debug } = this;
    const span = record === null ? -1 : recordRouter(record, startMs, endMs, match, cacheHit);
    if (debug !== null) tellRoute(debug, this, match, cacheHit, span);
    if (!isFirstAsked) this.ask(STAGE.route);
    if (match === null)
      this.response.answerError(404, 'no Route matched with those values', 'no route matched');
    else if (this.#isProtocolAllowed(match.route)) this.runPhase('access');
  }

  /** Whether the route serves the protocol the request came by; otherwise the client is told what to do. */
  #isProtocolAllowed(route: Route): boolean {
    if (route.protocols.includes(this.scheme)) return true;
    const refusal = refuseProtocol(route, this);
    if (refusal === null) return true;
    const { status, message, upgrade, headers } = refusal;
    this.upgradeTo = upgrade;
    if (message === null) {
      this.exchange.exit(status, undefined, headers);
      this.response.sendAnswer();
    } else this.response.answerError(status, message, message);
    return false;
  }

  #forward(): void {
    const { service } = this.exchange;
    if (service === null || !service.enabled) {
      this.response.answerError(503, 'no Service found with those values', 'the route has no service');
      return;
    }
    if (!isBuffered(this)) {
      this.askUpstream(service);
      return;
    }
    this.buffer = new RequestBuffer(this, service);
    this.server.readBody();
  }

  askUpstream(service: Service): void {
    this.upstream = new ForwardRequest(this, service);
    this.upstream.start();
  }

  onRequestData(chunk: Buffer): void {
    this.record?.payload?.requestData(chunk);
    if (this.buffer === null) this.upstream?.write(chunk);
    else this.buffer.write(chunk);
  }

  onRequestEnd(): void {
    this.record?.payload?.requestEnd();
    if (this.buffer === null) this.upstream?.end();
    else this.buffer.end();
  }

  onDrain(): void {
    this.response.onDrain();
    this.upstream?.resume();
  }

  onFlushed(): void {
    this.finish();
  }

  onClosed(reason: string): void {
    this.upstream?.cancel();
    if (!this.server.isResponseStarted || this.status === null)
      this.status = this.server.refusedStatus ?? 499;
    this.failure ??= reason;
    this.finish();
  }

  /** The exchange is over, well or not. */
  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.buffer?.release();
    const { flushedMs } = this.server;
    this.endMs = Number.isNaN(flushedMs) ? performance.now() : flushedMs;
    if (this.record !== null) this.#recordEnd(this.record);
    if (this.record !== null && this.record.log !== null) tellAccess(this.record.log, this);
    this.context.onRequestEnd(this);
    if (this.chain.log.length === 0) this.#finishTrace();
    else this.runPhase('log');
  }

  #recordEnd(record: RequestRecord): void {
    const { upstream, server, endMs } = this;
    recordRequestBody(record, server, endMs);
    const times = upstream?.times ?? null;
    if (times !== null) recordTry(record, times, upstream!.head, endMs);
    this.response.waits?.end(record, endMs);
    recordDeparture(
      record,
      this,
      this.response.waits,
      times !== null && upstream!.isDone ? times.lastByteMs : Number.NaN,
    );
  }

  #finishTrace(): void {
    const { record } = this;
    if (record === null) return;
    this.record = null;
    this.context.tracer.finish(record, this);
  }

  /** Asks the rules what they think of the request by now; the record is let go where none wants it. */
  ask(stage: number): void {
    const { record } = this;
    if (record !== null && !this.context.tracer.keep(record, this, stage)) this.record = null;
  }

  get spanSink(): SpanSink | null {
    return this.chain.spans;
  }

  get trace(): TraceIdentity | null {
    return this.record;
  }

  outcome(): ExchangeOutcome {
    return outcomeOf(this);
  }

  log(
    level: LogLevel,
    type: string,
    message: string,
    attributes?: Readonly<Record<string, unknown>>,
    source = 'gateway',
    span = 0,
  ): void {
    this.context.logger.log(level, type, message, plainAttributes(attributes));
    this.record?.log?.add(level, type, source, message, attributes, span);
  }

  /** Takes lines of level debug; null while nobody reads them. */
  get debug(): DebugLog | null {
    return this.record?.debug ?? this.context.debugLog;
  }

  #logPluginError(phase: AsyncPhase, { plugin, message }: { plugin: string; message: string }): void {
    const attributes = { plugin, phase };
    this.log(
      'error',
      'plugin',
      `plugin ${plugin} failed in phase ${phase}: ${message}`,
      attributes,
      `plugin:${plugin}`,
      this.exchange.runningSpan,
    );
  }
}

/** The root begins with the handshake where it was made for this request, otherwise with the request's first byte. */
function rootStartMs({ connection, ordinal, firstByteMs }: ServerExchange): number {
  const { tls } = connection;
  const isOwn = tls !== null && ordinal === 1 && firstByteMs - tls.endedMs <= PRECONNECT_MS;
  return isOwn ? tls.startedMs : firstByteMs;
}
