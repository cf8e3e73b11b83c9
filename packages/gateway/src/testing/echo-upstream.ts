import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as the upstream got it. */
export interface Received {
  readonly method: string;
  readonly target: string;
  /** By lower-case name; lines of one name joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly trailers: Readonly<NodeJS.Dict<string>>;
}

type Respond = (received: Received, response: ServerResponse) => void;

/** A real server that remembers every request, whole, and answers as a test wants. */
export class EchoUpstream {
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Answers with `respond`, a plain `ok` where it is left out. Closed when the test is over. */
  static async start(respond: Respond = (_, response) => response.end('ok')): Promise<EchoUpstream> {
    let upstream: EchoUpstream | null = null;
    const listener: RequestListener = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.latin1Slice()));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        const { method = '', url: target = '', trailers } = request;
        const received: Received = { method, target, headers: { ...headers }, body, trailers };
        upstream?.received.push(received);
        respond(received, response);
      });
    };
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    upstream = new EchoUpstream(server);
    onTestFinished(() => upstream?.close());
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The only request that came. */
  get only(): Received {
    if (this.received.length !== 1) throw new Error(`${this.received.length} requests came instead of one`);
    return this.received[0]!;
  }

  /** Ends every connection and listens no more. Safe to call again. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
