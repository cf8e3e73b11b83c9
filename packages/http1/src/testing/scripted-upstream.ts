import net from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Headers } from '../headers.ts';
import type {
  UpstreamConnection,
  UpstreamListener,
  UpstreamTimeouts,
  UpstreamTimes,
} from '../upstream-connection.ts';
import { type PoolOptions, UpstreamPool } from '../upstream-pool.ts';
import type { UpstreamTarget } from '../upstream-target.ts';
import { RawPeer } from './raw-peer.ts';

type Script = (peer: RawPeer) => void | Promise<void>;

/** An upstream that says to the byte what a test wants it to say. */
export class ScriptedUpstream {
  /** The connections accepted so far. */
  readonly peers: RawPeer[] = [];
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(script: Script, options: tls.TlsOptions | null) {
    const accept = (socket: net.Socket) => {
      const peer = new RawPeer(socket);
      this.peers.push(peer);
      // A script ends with the connection, in the middle of whatever it waits for.
      void Promise.resolve(script(peer)).catch(() => peer.destroy());
    };
    this.#server =
      options === null
        ? net.createServer({ allowHalfOpen: true }, accept)
        : tls.createServer({ ...options, allowHalfOpen: true }, accept);
    // Those whose handshake fails are no peers.
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Runs `script` on every connection; closed by {@link close}. */
  static async open(script: Script, options: tls.TlsOptions | null = null): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream(script, options);
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  /** As {@link open}, closed when the test is over. */
  static async start(script: Script, options: tls.TlsOptions | null = null): Promise<ScriptedUpstream> {
    const upstream = await ScriptedUpstream.open(script, options);
    onTestFinished(() => upstream.close());
    return upstream;
  }

  /** An upstream that answers the n-th request of each connection (a head without a body) with the n-th text. */
  static answering(...answers: string[]): Promise<ScriptedUpstream> {
    return ScriptedUpstream.start(async (peer) => {
      for (const [index, answer] of answers.entries()) {
        await peer.holding('\r\n\r\n', index + 1);
        peer.send(answer);
      }
    });
  }

  /** An upstream that answers every request (a head without a body) on every connection with the same text. */
  static always(answer: string, options: tls.TlsOptions | null = null): Promise<ScriptedUpstream> {
    return ScriptedUpstream.start(async (peer) => {
      for (let count = 1; ; count++) {
        await peer.holding('\r\n\r\n', count);
        peer.send(answer);
      }
    }, options);
  }

  get target(): UpstreamTarget {
    return { address: '127.0.0.1', port: (this.#server.address() as net.AddressInfo).port, tls: null };
  }

  /** Ends every connection and listens no more. Safe to call again. */
  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A pool that closes when the test is over. */
export function testPool(options: Partial<PoolOptions> = {}): UpstreamPool {
  const pool = new UpstreamPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  /** Sent by length; null: no body. */
  readonly body?: string | null;
  readonly chunked?: boolean;
  readonly trailers?: string;
  readonly upgrade?: boolean;
  readonly fresh?: boolean;
  readonly timeouts?: UpstreamTimeouts;
  readonly connectTimeoutMs?: number;
}

/** Everything a listener was told about one request, in plain values. */
export interface Told {
  interims: number[];
  status: number;
  reason: string;
  fields: string;
  body: string;
  trailers: string;
  /** `complete`, `upgraded`, or the kind of the error. */
  ending: string;
}

/** What is seen of a request beside {@link Told}. */
export interface Asked {
  readonly told: Told;
  readonly message: string;
  readonly connection: UpstreamConnection | null;
  readonly times: UpstreamTimes | null;
  readonly leftover: string;
}

/** Longer than any test. */
export const PATIENT: UpstreamTimeouts = { sendMs: 15_000, readMs: 15_000 };

/** A listener that does nothing, to be spread under what a test listens to. */
export const SILENT: UpstreamListener = {
  onInterim: () => {},
  onResponse: () => {},
  onResponseData: () => {},
  onResponseEnd: () => {},
  onUpgrade: () => {},
  onUpstreamDrain: () => {},
  onError: () => {},
};

/** A response that {@link ask} tells as {@link FINE}. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const FINE: Told = {
  interims: [],
  status: 200,
  reason: 'OK',
  fields: 'Content-Length: 2\r\n',
  body: 'ok',
  trailers: '',
  ending: 'complete',
};

/** Sends a request through the pool and resolves with what was told, errors too. */
export async function ask(
  pool: UpstreamPool,
  target: UpstreamTarget,
  question: Question = {},
): Promise<Told> {
  return (await askFully(pool, target, question)).told;
}

/** As {@link ask}, with all there is to see. */
export function askFully(
  pool: UpstreamPool,
  target: UpstreamTarget,
  question: Question = {},
): Promise<Asked> {
  return new Promise((resolve) => {
    const { method = 'GET', path = '/', body = null, chunked = false } = question;
    const told: Told = {
      interims: [],
      status: 0,
      reason: '',
      fields: '',
      body: '',
      trailers: '',
      ending: '',
    };
    let times: UpstreamTimes | null = null;
    let connection: UpstreamConnection | null = null;
    const end = (ending: string, message = '', leftover = '') => {
      told.ending += ending;
      resolve({ told, message, connection, times, leftover });
    };
    const listener: UpstreamListener = {
      onInterim: (head) => told.interims.push(head.status),
      onResponse: (head) => {
        told.status = head.status;
        told.reason = head.reason;
        told.fields = lines(head.headers);
      },
      onResponseData: (chunk) => (told.body += chunk.latin1Slice()),
      onResponseEnd: (trailers) => {
        told.trailers = trailers === null ? '' : lines(trailers);
        end('complete');
      },
      onUpgrade: (head, socket, leftover) => {
        told.status = head.status;
        socket.on('error', () => socket.destroy());
        socket.destroy();
        end('upgraded', '', leftover.latin1Slice());
      },
      onUpstreamDrain: () => {},
      onError: (error) => end(error.kind, error.message),
    };
    const framing = chunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${body?.length}\r\n`;
    pool.connect(
      target,
      question.connectTimeoutMs ?? 15_000,
      {
        onConnected: (connected) => {
          connection = connected;
          times = connected.send(
            listener,
            {
              method,
              head: `${method} ${path} HTTP/1.1\r\nHost: up\r\n${body === null ? '' : framing}\r\n`,
              hasBody: body !== null,
              chunked,
              upgrade: question.upgrade ?? false,
            },
            question.timeouts ?? PATIENT,
          );
          if (body === null) return;
          connected.write(Buffer.from(body, 'latin1'));
          connected.end(question.trailers);
        },
        onConnectFailed: (error) => end(error.kind, error.message),
      },
      question.fresh,
    );
  });
}

function lines(headers: Headers): string {
  return headers.names.map((name, index) => `${name}: ${headers.values[index]}\r\n`).join('');
}
