import type { Socket } from 'node:net';
import type {
  ConnectListener,
  Headers,
  ResponseHead,
  UpstreamConnection,
  UpstreamError,
  UpstreamListener,
  UpstreamTarget,
  UpstreamTimes,
} from '@gatescope/http1';
import type { Service, Target } from '../config/entities.ts';
import { attribute } from '../tracing/span-kinds.ts';
import type { DnsAnswer } from '../upstream/dns/dns-answer.ts';
import { isTrusted } from './client-ip.ts';
import { forwardHead } from './forward-head.ts';
import { openAttempt, openSelection, recordAbandonedTry, recordDns } from './record-upstream.ts';
import { tellConnected, tellDns, tellRetry } from './request-lines.ts';
import type { RequestRun } from './request-run.ts';
import { passedFields } from './response-fields.ts';
import { retriesConnect, retriesError, retriesStatus, type TriesMade } from './retry-policy.ts';
import { upstreamHost } from './upstream-host.ts';

const KEEPALIVE = attribute('keepalive');

/**
 * The upstream's half of a request: chooses a target, looks its name up, connects, sends, and tries the next target where that is allowed.
 * What is answered goes to the response's half as it comes.
 */
export class ForwardRequest implements UpstreamListener, ConnectListener, TriesMade {
  readonly #run: RequestRun;
  readonly #service: Service;
  #selectionSpan = -1;
  #attemptSpan = -1;
  attempts = 0;
  #tried: Target[] = [];
  #targetName = '';
  /** What the name of the tries so far was found to stand for, and which of its addresses the last try went to. */
  #answer: DnsAnswer | null = null;
  #addressIndex = 0;
  #connectFresh = false;
  #connection: UpstreamConnection | null = null;
  #cancelConnect: (() => void) | null = null;
  #requestPaused = false;
  /** Of the try that is answered; null: none was sent, or it was given up. */
  times: UpstreamTimes | null = null;
  /** Of the last try; null: there was none. */
  target: UpstreamTarget | null = null;
  /** performance.now() at which the last try was sent. */
  sentMs = Number.NaN;
  /** Of the answer that is passed on; null: there is none yet. */
  head: ResponseHead | null = null;
  /** The answer was read to its end. */
  isDone = false;

  constructor(run: RequestRun, service: Service) {
    this.#run = run;
    this.#service = service;
  }

  get retriesMax(): number {
    return this.#service.retries;
  }
  get method(): string {
    return this.#run.exchange.upstreamRequest.method;
  }
  get hasStreamedBody(): boolean {
    return this.#run.server.hasBody && this.#run.buffer === null;
  }

  /** Begins the first try. */
  start(): void {
    const { record } = this.#run;
    if (record !== null) this.#selectionSpan = openSelection(record, 'round-robin');
    this.#nextTarget();
  }

  /** The client is gone, or was answered: nothing more is wanted of the upstream. */
  cancel(): void {
    this.#cancelConnect?.();
    this.#connection?.abort();
    this.#connection = null;
  }

  /** The client reads again. */
  resume(): void {
    this.#connection?.resume();
  }

  /** Chooses the next target and looks its name up. */
  #nextTarget(): void {
    const run = this.#run;
    const service = this.#service;
    const upstream = run.runtime.upstreams.get(service.host);
    let host = service.host;
    let port = service.port;
    if (upstream !== undefined) {
      run.upstreamId = upstream.entity.id;
      const target = upstream.balancer.next(this.#tried);
      if (target === null) {
        this.#failSelection('no target');
        run.response.answerError(
          503,
          'failure to get a peer from the ring-balancer',
          `upstream ${service.host} has no target with a weight`,
        );
        return;
      }
      this.#tried.push(target);
      run.debug?.debug(
        'upstream',
        'upstream',
        `chose target ${target.host}:${target.port} of upstream ${service.host}`,
        {
          upstream: service.host,
          target: `${target.host}:${target.port}`,
          tried_before: this.#tried.length - 1,
        },
        this.#selectionSpan,
      );
      host = target.host;
      port = target.port;
    }
    if (host !== this.#targetName) this.#answer = null;
    this.#targetName = host;
    const startMs = run.record === null ? 0 : performance.now();
    const answer = run.context.dns.lookup(host);
    if (answer instanceof Promise) void answer.then((found) => this.#onResolved(port, found, startMs));
    else this.#onResolved(port, answer, startMs);
  }

  #onResolved(port: number, answer: DnsAnswer, startMs: number): void {
    const run = this.#run;
    const service = this.#service;
    if (run.isOver) return;
    if (run.record !== null) recordDns(run.record, this.#selectionSpan, startMs, answer);
    if (run.debug !== null) tellDns(run.debug, this.#targetName, answer, this.#selectionSpan);
    const address = this.#nextAddress(answer);
    if (address === undefined) {
      if (this.attempts < service.retries && run.runtime.upstreams.has(service.host)) {
        this.attempts++;
        this.#nextTarget();
        return;
      }
      this.#failSelection(`name resolution failed: ${answer.error}`);
      run.response.answerError(
        503,
        'name resolution failed',
        `${this.#targetName} could not be resolved: ${answer.error}`,
      );
      return;
    }
    this.#connect({
      address,
      port: this.#answer?.ports[this.#addressIndex] || port,
      tls:
        service.protocol === 'https'
          ? run.context.upstreamTls.of(service, upstreamHost(run.runtime, run.exchange, service))
          : null,
    });
  }

  /** A further try of a name goes through its addresses, before it begins anew with what the name stands for now. */
  #nextAddress(answer: DnsAnswer): string | undefined {
    if (this.#answer !== null && this.#addressIndex + 1 < this.#answer.addresses.length) this.#addressIndex++;
    else {
      this.#answer = answer;
      this.#addressIndex = 0;
    }
    return this.#answer.addresses[this.#addressIndex];
  }

  #connect(target: UpstreamTarget): void {
    this.attempts++;
    this.target = target;
    const { record, context } = this.#run;
    if (record !== null)
      this.#attemptSpan = openAttempt(record, this.#selectionSpan, target, this.#targetName, this.attempts);
    this.#run.debug?.debug(
      'upstream',
      'upstream',
      `attempt ${this.attempts}: connecting to ${target.address}:${target.port}`,
      {
        try: this.attempts,
        tls: target.tls !== null,
        connect_timeout_ms: this.#service.connect_timeout,
        fresh: this.#connectFresh,
      },
      this.#attemptSpan,
    );
    this.#cancelConnect = context.pool.connect(
      target,
      this.#service.connect_timeout,
      this,
      this.#connectFresh,
    );
  }

  onConnectFailed(error: UpstreamError): void {
    const run = this.#run;
    this.#cancelConnect = null;
    if (run.isOver) return;
    run.record?.set(this.#attemptSpan, KEEPALIVE, false);
    this.#failAttempt(`${error.kind}: ${error.message}`, performance.now());
    const retries = retriesConnect(run.runtime.nextUpstream, error) && this.attempts <= this.#service.retries;
    if (run.debug !== null) tellRetry(run.debug, this, retries, this.#selectionSpan);
    if (retries) {
      this.#nextTarget();
      return;
    }
    this.#failSelection(error.message);
    run.response.answerUpstreamError(error);
  }

  onConnected(connection: UpstreamConnection): void {
    const run = this.#run;
    this.#cancelConnect = null;
    if (run.isOver) {
      connection.abort();
      return;
    }
    this.#connection = connection;
    const { record } = run;
    const nowMs = performance.now();
    this.sentMs = nowMs;
    if (record !== null) {
      record.set(this.#attemptSpan, KEEPALIVE, connection.isReused);
      record.close(this.#attemptSpan, nowMs);
      record.close(this.#selectionSpan, nowMs);
    }
    if (run.debug !== null) tellConnected(run.debug, connection, this.#targetName, this.#attemptSpan);
    this.#send(connection);
  }

  #send(connection: UpstreamConnection): void {
    const run = this.#run;
    const { server, exchange, runtime, buffer } = run;
    const { head } = server;
    const contentLength = buffer === null ? head.contentLength : buffer.bytes;
    const upgrade = head.upgrade;
    const text = forwardHead(exchange, head, {
      host: upstreamHost(runtime, exchange, this.#service),
      peerAddress: run.connection.remoteAddress,
      peerTrusted: isTrusted(runtime.clientIp, run.connection.remoteAddress),
      serverPort: run.connection.localPort,
      prefix: run.pathPrefix,
      sendsRequestId: runtime.ownHeaders.requestIdUpstream,
      upgrade,
      contentLength,
      via: `${server.version} ${run.context.product}`,
    });
    const hasBody =
      buffer === null ? server.hasBody && Number.isNaN(server.bodyCompleteMs) : buffer.bytes > 0;
    run.record?.payload?.upstreamHead(text);
    this.times = connection.send(
      this,
      {
        method: exchange.upstreamRequest.method,
        head: text,
        hasBody,
        chunked: contentLength < 0,
        upgrade: upgrade !== undefined,
      },
      { sendMs: this.#service.write_timeout, readMs: this.#service.read_timeout },
    );
    if (!hasBody) return;
    if (buffer === null) server.readBody();
    else buffer.sendTo(connection);
  }

  /** A piece of the request's body came. */
  write(chunk: Buffer): void {
    const connection = this.#connection;
    if (connection !== null && !connection.write(chunk)) {
      this.#requestPaused = true;
      this.#run.server.pause();
    }
  }

  /** The request's body is complete. */
  end(): void {
    const { trailers } = this.#run.server;
    this.#connection?.end(
      trailers === null ? '' : passedFields(trailers, undefined, this.#run.runtime.ownHeaders.replaced),
    );
  }

  onUpstreamDrain(): void {
    this.#run.buffer?.resume();
    if (!this.#requestPaused) return;
    this.#requestPaused = false;
    this.#run.server.resume();
  }

  onInterim(head: ResponseHead): void {
    this.#run.response.interim(head);
  }

  onResponse(head: ResponseHead): void {
    const run = this.#run;
    if (retriesStatus(run.runtime.nextUpstream, head.status, this)) {
      this.#retryForStatus(head.status);
      return;
    }
    this.head = head;
    run.debug?.debug(
      'upstream',
      'upstream',
      `the upstream answered ${head.status} after ${Math.round(performance.now() - this.sentMs)} ms`,
      { status: head.status, framing: head.framing, try: this.attempts },
      this.#attemptSpan,
    );
    run.response.onHead(head);
  }

  onResponseData(chunk: Buffer): void {
    if (!this.#run.response.onData(chunk)) this.#connection?.pause();
  }

  onResponseEnd(trailers: Headers | null): void {
    this.#connection = null;
    this.isDone = true;
    if (!this.#run.isOver) this.#run.response.onEnd(trailers);
  }

  onUpgrade(head: ResponseHead, socket: Socket, leftover: Buffer): void {
    this.#connection = null;
    this.head = head;
    this.#run.response.upgrade(head, socket, leftover);
  }

  onError(error: UpstreamError): void {
    const run = this.#run;
    const isReused = this.#connection?.isReused === true;
    this.#connection = null;
    if (run.isOver) return;
    const nowMs = performance.now();
    const retries = this.head === null && retriesError(run.runtime.nextUpstream, error, isReused, this);
    if (retries) this.#reopenSelection();
    if (run.debug !== null && this.head === null) tellRetry(run.debug, this, retries, this.#selectionSpan);
    this.#failAttempt(`${error.kind}: ${error.message}`, nowMs);
    this.#noteAbandonedTry(error.message, nowMs);
    if (retries) {
      this.#connectFresh = true;
      this.#nextTarget();
    } else run.response.breakOff(error);
  }

  #retryForStatus(status: number): void {
    const run = this.#run;
    this.#connection?.abort();
    this.#connection = null;
    run.upstreamStatus = status;
    const nowMs = performance.now();
    this.#reopenSelection();
    this.#failAttempt(`answered ${status}`, nowMs);
    this.#noteAbandonedTry(`answered ${status}`, nowMs);
    this.#nextTarget();
  }

  #noteAbandonedTry(message: string, nowMs: number): void {
    const { record } = this.#run;
    const { times } = this;
    if (record === null || times === null) return;
    this.times = null;
    // A try that did not fit into the record has nothing to belong to.
    if (this.#attemptSpan >= 0) recordAbandonedTry(record, times, this.head, message, nowMs);
  }

  /** A further try belongs to the selection, and so does what was sent to, and read from, the one before. */
  #reopenSelection(): void {
    const { record } = this.#run;
    record?.close(this.#selectionSpan, Number.NaN);
    record?.close(this.#attemptSpan, Number.NaN);
  }

  #failAttempt(reason: string, nowMs: number): void {
    const { record } = this.#run;
    this.#run.log(
      'error',
      'upstream',
      `attempt ${this.attempts} at ${this.#targetName} failed: ${reason}`,
      {
        try: this.attempts,
      },
      'upstream',
      this.#attemptSpan,
    );
    if (record === null) return;
    if (record.isOpen(this.#attemptSpan)) record.close(this.#attemptSpan, nowMs);
    record.fail(this.#attemptSpan, reason);
  }

  #failSelection(message: string): void {
    const { record } = this.#run;
    if (record === null) return;
    record.close(this.#selectionSpan, performance.now());
    record.fail(this.#selectionSpan, message);
  }
}
