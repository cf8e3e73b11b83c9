import { onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { HttpServer, type ServerOptions } from '../server.ts';
import type { ServerExchange } from '../server-exchange.ts';
import { RawPeer } from './raw-peer.ts';

/** What a test does with a request; `body` is complete. */
export type Answer = (exchange: ServerExchange, body: string) => void;

/** A server under test that notes how every exchange ended. */
export class TestServer {
  readonly server: HttpServer;
  /** `<ordinal> flushed` or `<ordinal> closed: <reason>`, in the order it happened. */
  readonly endings: string[] = [];
  #port = 0;

  private constructor(
    handle: (server: TestServer, exchange: ServerExchange) => void,
    options: ServerOptions,
  ) {
    this.server = new HttpServer({ onRequest: (exchange) => handle(this, exchange) }, options);
  }

  /** Serves requests whose body is read before `answer` is called. Closed when the test is over. */
  static async answering(answer: Answer, options: ServerOptions = {}): Promise<TestServer> {
    return TestServer.handling((server, exchange) => server.read(exchange, answer), options);
  }

  /** Serves requests as they come: the handler reads the body and sets the listener, or not. Closed when the test is over. */
  static async handling(
    handle: (server: TestServer, exchange: ServerExchange) => void,
    options: ServerOptions = {},
  ): Promise<TestServer> {
    const server = await TestServer.open(handle, options);
    onTestFinished(() => server.server.close());
    return server;
  }

  /** As {@link handling}, closed by the caller. */
  static async open(
    handle: (server: TestServer, exchange: ServerExchange) => void,
    options: ServerOptions = {},
  ): Promise<TestServer> {
    const test = new TestServer(handle, options);
    test.#port = (await test.server.listen({ host: '127.0.0.1', port: 0 })).port;
    return test;
  }

  get port(): number {
    return this.#port;
  }

  connect(): Promise<RawPeer> {
    return RawPeer.connect(this.#port);
  }

  /** Sends `bytes` on a connection of its own and answers everything that comes until the server ends it. */
  async tell(bytes: string): Promise<string> {
    const client = await this.connect();
    client.send(bytes);
    const received = await client.ended();
    client.destroy();
    return received;
  }

  /** Listens to an exchange and reads its body, then calls `answer`. `onData` sees the pieces. */
  read(exchange: ServerExchange, answer: Answer, onData?: (chunk: Buffer) => void): void {
    let body = '';
    exchange.listener = {
      onRequestData: (chunk) => {
        body += chunk.latin1Slice();
        onData?.(chunk);
      },
      onRequestEnd: () => answer(exchange, body),
      onDrain: () => {},
      onFlushed: () => this.endings.push(`${exchange.ordinal} flushed`),
      onClosed: (reason) => this.endings.push(`${exchange.ordinal} closed: ${reason}`),
    };
    exchange.readBody();
  }

  /** Resolves once no connection is open. */
  async idle(): Promise<void> {
    await until('no connection to be open', () => this.server.connections === 0);
  }
}

/** Answers 200 with a body of known length. */
export function reply(
  exchange: ServerExchange,
  body: string,
  fields = '',
  status = 200,
  reason = 'OK',
): void {
  exchange.start(status, reason, fields, Buffer.byteLength(body, 'latin1'));
  exchange.write(Buffer.from(body, 'latin1'));
  exchange.end();
}

/** What {@link reply} puts on the wire. */
export function replied(
  body: string,
  connection: 'keep-alive' | 'close' = 'keep-alive',
  fields = '',
): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\nConnection: ${connection}\r\n\r\n${body}`;
}
