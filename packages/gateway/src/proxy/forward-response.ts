import type { Socket } from 'node:net';
import type { Headers, ResponseHead, UpstreamError } from '@gatescope/http1';
import { BodyFilterRun } from '../pipeline/body-filter-run.ts';
import { type FilterErrors, runHeaderFilters } from '../pipeline/phase-runner.ts';
import { reasonOf } from '../pipeline/reason-phrase.ts';
import { STAGE } from '../tracing/traced-request.ts';
import { ClientWaits } from './client-waits.ts';
import { errorBody } from './error-response.ts';
import type { RequestRun } from './request-run.ts';
import { ownAnswerFields, ownProxyFields, passedFields } from './response-fields.ts';

const EMPTY = Buffer.alloc(0);
/** Largest response that is buffered for the response phase, bytes. */
const BUFFERED_RESPONSE_BYTES_MAX = 64 * 1_048_576;

/** The client's half of a request: passes an upstream's answer on, or gives one of the gateway's own, through the filters either way. */
export class ForwardResponse implements FilterErrors {
  readonly #run: RequestRun;
  #bodyFilter: BodyFilterRun | null = null;
  #buffered: Buffer[] | null = null;
  #bufferedBytes = 0;
  #wasBuffered = false;

  /** Null until the client is first waited for; kept for the trace alone. */
  waits: ClientWaits | null = null;

  constructor(run: RequestRun) {
    this.#run = run;
  }

  interim(head: ResponseHead): void {
    // 100 is the gateway's own business: the client was told to go on when its body was read.
    if (head.status === 100) return;
    let fields = '';
    for (let index = 0; index < head.headers.length; index++)
      fields += `${head.headers.names[index]}: ${head.headers.values[index]}\r\n`;
    this.#run.server.interim(head.status, head.reason, fields);
  }

  onHead(head: ResponseHead): void {
    const run = this.#run;
    run.record?.payload?.answerHead(head.headers);
    run.upstreamStatus = head.status;
    run.exchange.response = { status: head.status, headers: head.headers, isOwn: false, body: null };
    run.responseHeaders = head.headers;
    if (run.chain.response.length > 0 && run.exchange.route?.response_buffering !== false) {
      this.#buffered = [];
      this.#wasBuffered = true;
      run.debug?.debug(
        'response',
        'gateway',
        'the answer is read whole, for the plugins of its phase response',
      );
      return;
    }
    this.#begin(toldLength(head));
  }

  /** A piece of the body, a view that is valid during the call alone; false: the client must read first. */
  onData(chunk: Buffer): boolean {
    this.#run.record?.payload?.answerData(chunk);
    if (this.#buffered !== null) {
      this.#buffer(this.#buffered, chunk);
      return true;
    }
    if (this.#write(chunk)) return true;
    if (this.#run.record !== null) {
      this.waits ??= new ClientWaits();
      this.waits.begin(performance.now());
    }
    return false;
  }

  /** The client reads again. */
  onDrain(): void {
    if (this.waits !== null && this.#run.record !== null) this.waits.end(this.#run.record, performance.now());
  }

  onEnd(trailers: Headers | null): void {
    if (this.#buffered === null) {
      this.#end(trailers);
      return;
    }
    this.#run.exchange.response!.body = Buffer.concat(this.#buffered);
    this.#buffered = null;
    this.#run.runPhase('response');
  }

  #buffer(buffered: Buffer[], chunk: Buffer): void {
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes <= BUFFERED_RESPONSE_BYTES_MAX) {
      buffered.push(Buffer.from(chunk));
      return;
    }
    this.#run.upstream?.cancel();
    this.answerError(
      502,
      'An invalid response was received from the upstream server',
      'response too large to be buffered',
    );
  }

  /** The response phase is over: what is in `response.body` goes out, or the answer a plugin gave instead. */
  sendBuffered(): void {
    const run = this.#run;
    if (run.exchange.answer !== null) {
      this.sendAnswer();
      return;
    }
    const body = run.exchange.response!.body ?? EMPTY;
    const upstream = run.upstream!.head!;
    // An answer without a body, to HEAD for example, has the length it tells of.
    this.#begin(body.length === 0 && upstream.framing === 'none' ? toldLength(upstream) : body.length);
    if (body.length > 0) this.#write(body);
    this.#end(null);
  }

  /** The upstream agreed to speak another protocol: bytes pass both ways from here on. */
  upgrade(head: ResponseHead, socket: Socket, leftover: Buffer): void {
    const run = this.#run;
    const { server } = run;
    run.record?.payload?.answerHead(head.headers);
    run.upstreamStatus = 101;
    run.status = 101;
    run.responseHeaders = head.headers;
    run.exchange.response = { status: 101, headers: head.headers, isOwn: false, body: null };
    runHeaderFilters(run.chain.headerFilter, run.exchange, run.record, this);
    const passed = passedFields(head.headers, undefined, run.runtime.ownHeaders.replaced);
    const fields = `${passed}${this.#proxyFields()}Connection: upgrade\r\nUpgrade: ${head.headers.get('upgrade') ?? 'websocket'}\r\n`;
    run.record?.payload?.responseHead(fields, true);
    run.debug?.debug('upstream', 'upstream', 'the upstream switched to another protocol', {
      upgrade: head.headers.get('upgrade') ?? 'websocket',
    });
    const isWebSocket = head.headers.get('upgrade')?.toLowerCase() === 'websocket';
    if (isWebSocket) run.protocolName = 'ws';
    const client = server.upgrade(fields);
    // Read for the trace alone.
    const codes = isWebSocket && run.record !== null;
    run.context.tunnels.open(client, { socket, leftover }, codes, (bytes) => {
      run.closeCode = bytes.closeCode;
      server.requestBodyBytes = bytes.fromClient;
      server.responseBodyBytes = bytes.fromUpstream;
      if (run.upstream?.times) run.upstream.times.lastByteMs = performance.now();
      server.flushedMs = performance.now();
      run.finish();
    });
  }

  /** The upstream failed: told to the client, or, where the answer has begun, its connection is cut. */
  breakOff(error: UpstreamError): void {
    const run = this.#run;
    if (!run.server.isResponseStarted) {
      this.answerUpstreamError(error);
      return;
    }
    run.failure = error.message;
    run.log(
      'error',
      'upstream',
      `the upstream's answer broke off: ${error.message}`,
      { kind: error.kind },
      'upstream',
    );
    run.server.abort();
  }

  /** Sends what a plugin, or the gateway, answered. */
  sendAnswer(): void {
    const { exchange } = this.#run;
    const answer = exchange.answer!;
    exchange.response = { status: answer.status, headers: answer.headers, isOwn: true, body: null };
    this.#run.responseHeaders = answer.headers;
    this.#begin(answer.body.length);
    if (answer.body.length > 0) this.#write(answer.body);
    this.#end(null);
  }

  /** Answers an error: `message` to the client, `failure` to those who run the gateway. */
  answerError(status: number, message: string, failure: string): void {
    const run = this.#run;
    run.failure = failure;
    if (status >= 500) run.log('error', 'upstream', failure, { status });
    else run.debug?.debug('response', 'gateway', `the gateway answers ${status}: ${failure}`, { status });
    if (run.server.isResponseStarted) {
      run.server.abort();
      return;
    }
    const { contentType, body } = errorBody(run.exchange.headers.get('accept'), message, run.requestId);
    run.exchange.exit(status, body, { 'Content-Type': contentType });
    this.sendAnswer();
  }

  answerUpstreamError(error: UpstreamError): void {
    const timedOut =
      error.kind === 'connect_timeout' || error.kind === 'read_timeout' || error.kind === 'send_timeout';
    if (timedOut) this.answerError(504, 'The upstream server is timing out', error.message);
    else this.answerError(502, 'An invalid response was received from the upstream server', error.message);
  }

  #begin(length: number): void {
    const run = this.#run;
    const { record, chain, runtime } = run;
    const response = run.exchange.response!;
    runHeaderFilters(chain.headerFilter, run.exchange, record, this);
    run.status = response.status;
    run.ask(STAGE.response);
    const filters = chain.bodyFilter.length > 0;
    if (filters || run.record !== null)
      this.#bodyFilter = new BodyFilterRun(chain.bodyFilter, run.exchange, run.record, this);
    const head = run.upstream?.head;
    const own = response.isOwn
      ? ownAnswerFields(runtime.ownHeaders, run, run.context.product)
      : this.#proxyFields();
    const fields = passedFields(response.headers, head?.connection, runtime.ownHeaders.replaced) + own;
    const reason =
      response.status === head?.status && !response.isOwn ? head.reason : reasonOf(response.status);
    const told = filters || length < 0 ? 'unknown' : length;
    if (run.record !== null && run.record.payload !== null) {
      const isPassedOn = !filters && !response.isOwn && !this.#wasBuffered;
      const framing = told === 'unknown' ? 'Transfer-Encoding: chunked' : `Content-Length: ${told}`;
      run.record.payload.responseHead(`${fields}${framing}\r\n`, isPassedOn);
    }
    run.server.start(response.status, reason, fields, told);
  }

  /** Sends a piece of the body through the filters; false: the client must read first. */
  #write(chunk: Buffer): boolean {
    const { server, record, method } = this.#run;
    const piece = this.#bodyFilter === null ? chunk : this.#bodyFilter.filter(chunk, false);
    // What answers HEAD has no body, whatever is written.
    if (record !== null && record.payload !== null && method !== 'HEAD') record.payload.responseData(piece);
    return server.write(piece);
  }

  #end(trailers: Headers | null): void {
    const { server, chain, runtime } = this.#run;
    if (this.#bodyFilter !== null) {
      if (chain.bodyFilter.length > 0) {
        const last = this.#bodyFilter.filter(EMPTY, true);
        this.#run.record?.payload?.responseData(last);
        server.write(last);
      } else if (server.responseBodyBytes > 0) this.#bodyFilter.filter(EMPTY, true);
    }
    server.end(trailers === null ? '' : passedFields(trailers, undefined, runtime.ownHeaders.replaced));
  }

  #proxyFields(): string {
    const run = this.#run;
    const { times, sentMs } = run.upstream!;
    return ownProxyFields(
      run.runtime.ownHeaders,
      run,
      run.context.product,
      sentMs,
      times?.headersMs ?? sentMs,
    );
  }

  onFilterError(phase: 'header_filter' | 'body_filter', plugin: string, message: string): void {
    const attributes = { plugin, phase };
    const text = `plugin ${plugin} failed in phase ${phase}: ${message}`;
    this.#run.log('error', 'plugin', text, attributes, `plugin:${plugin}`, this.#run.exchange.runningSpan);
  }
}

/** What the Content-Length of an answer says, also where the body is left out as in that to HEAD; negative where it says nothing. */
function toldLength(head: ResponseHead): number {
  if (head.framing !== 'none') return head.contentLength;
  const told = head.headers.get('content-length');
  return told === undefined ? -1 : Number(told);
}
