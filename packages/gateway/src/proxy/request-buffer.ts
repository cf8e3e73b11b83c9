import type { Service } from '../config/entities.ts';
import { type BodySink, BufferedBody, type BufferedBodyOwner } from './buffered-body.ts';
import type { RequestRun } from './request-run.ts';

/** Whether the body of a request is read whole before an upstream is asked. Calls by gRPC never are: either side may wait for the other. */
export function isBuffered({ server, exchange, runtime, protocolName }: RequestRun): boolean {
  if (!server.hasBody || server.head.upgrade !== undefined || protocolName === 'grpc') return false;
  return exchange.route?.request_buffering ?? runtime.bodyBuffering.byDefault;
}

/** Reads the body of a request whole, then has an upstream asked, and sends the body to every one that is tried. */
export class RequestBuffer implements BufferedBodyOwner {
  readonly #run: RequestRun;
  readonly #service: Service;
  readonly #body: BufferedBody;

  constructor(run: RequestRun, service: Service) {
    this.#run = run;
    this.#service = service;
    this.#body = new BufferedBody(run.runtime.bodyBuffering, this, run.server.head.contentLength);
  }

  /** Bytes of the body, once it is whole. */
  get bytes(): number {
    return this.#body.bytes;
  }

  /** A piece came from the client. */
  write(chunk: Buffer): void {
    if (!this.#body.add(chunk)) this.#run.server.pause();
  }

  /** The client has sent everything. */
  end(): void {
    this.#body.end();
  }

  sendTo(upstream: BodySink): void {
    this.#body.sendTo(upstream);
  }

  /** The upstream reads again. */
  resume(): void {
    this.#body.resume();
  }

  release(): void {
    this.#body.release();
  }

  onBodyDrain(): void {
    this.#run.server.resume();
  }

  onBodyWhole(): void {
    const { bytes, bytesInFile } = this.#body;
    const message = `the body of the request is whole: ${bytes} bytes, ${bytesInFile} of them in a file`;
    this.#run.debug?.debug('request', 'gateway', message, { bytes, bytes_in_file: bytesInFile });
    if (!this.#run.isOver) this.#run.askUpstream(this.#service);
  }

  onBodyFailed(error: NodeJS.ErrnoException): void {
    const run = this.#run;
    if (run.isOver) return;
    run.upstream?.cancel();
    const { directory } = run.runtime.bodyBuffering;
    run.response.answerError(
      500,
      'An unexpected error occurred',
      `the body of the request can't be kept in ${directory} (${error.message}): set KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH to a directory with room that the gateway may write to`,
    );
  }
}
