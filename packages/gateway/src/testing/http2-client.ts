import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { onTestFinished } from 'vitest';
import type { TestGateway } from './test-gateway.ts';

/** All there is to see of an answer by HTTP/2. */
export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

/** A client's connection by HTTP/2, with Node's own client. */
export class Http2Client {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('error', () => undefined);
  }

  /** Closed when the test is over. */
  static async connect(gateway: TestGateway): Promise<Http2Client> {
    const session = http2.connect(`https://127.0.0.1:${gateway.tlsPort}`, {
      rejectUnauthorized: false,
      servername: 'a.test',
    });
    onTestFinished(() => session.destroy());
    await new Promise<void>((resolve, reject) => {
      session.once('connect', () => resolve());
      session.once('error', reject);
    });
    return new Http2Client(session);
  }

  /** Opens a stream; fields of the request that are left out are those of `GET /` for a.test. */
  open(headers: OutgoingHttpHeaders = {}, endStream = true): ClientHttp2Stream {
    const stream = this.session.request(
      { ':method': 'GET', ':path': '/', ':authority': 'a.test', ...headers },
      { endStream },
    );
    stream.on('error', () => undefined);
    return stream;
  }

  async send(headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Http2Answer> {
    const stream = this.open(headers, body === undefined);
    if (body !== undefined) stream.end(body);
    return readAnswer(stream);
  }
}

/** Resolves with the whole answer; rejects with the code where the stream is reset. */
export function readAnswer(stream: ClientHttp2Stream): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    let headers: Record<string, string | string[] | undefined> = {};
    let trailers: Record<string, unknown> = {};
    let body = '';
    let ended = false;
    stream.on(
      'response',
      (fields) => (headers = Object.fromEntries(Object.entries(fields)) as typeof headers),
    );
    stream.on('trailers', (fields) => (trailers = Object.fromEntries(Object.entries(fields))));
    stream.on('data', (chunk: Buffer) => (body += chunk.latin1Slice()));
    stream.on('end', () => (ended = true));
    stream.on('close', () => {
      if (!ended || (stream.rstCode !== 0 && stream.rstCode !== undefined))
        reject(new Error(`reset with ${stream.rstCode}`));
      else resolve({ status: Number(headers[':status']), headers, body, trailers });
    });
  });
}
