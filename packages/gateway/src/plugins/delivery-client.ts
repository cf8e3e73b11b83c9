import { Agent, request } from 'undici';

/** Largest answer of a server that is read; nobody looks at it. */
const ANSWER_BYTES_MAX = 65_536;

export interface DeliveryTarget {
  /** May hold a name and a password: `http://user:password@host/`. */
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly keepAliveMs: number;
  /** Whether a server's certificate has to be valid. */
  readonly verify: boolean;
}

/** Hands bodies to a server, one connection at a time. What is idle keeps no process alive and ends by itself. */
export class DeliveryClient {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #target: DeliveryTarget;
  readonly #headers: Record<string, string>;

  constructor(target: DeliveryTarget) {
    const { connectTimeoutMs, timeoutMs, keepAliveMs, verify } = target;
    const url = new URL(target.url);
    const { username, password } = url;
    url.username = '';
    url.password = '';
    this.#url = url.href;
    this.#target = target;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers = {
      ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      ...target.headers,
    };
    this.#agent = new Agent({
      connections: 1,
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: verify },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: ANSWER_BYTES_MAX,
      // Undici takes no less than 1 ms.
      keepAliveTimeout: Math.max(1, keepAliveMs),
      keepAliveMaxTimeout: Math.max(1, keepAliveMs),
    });
  }

  /** Resolves when the server took it, which 2xx says; rejects with what it said instead. */
  async send(body: string | Uint8Array): Promise<void> {
    const { statusCode, body: answer } = await request(this.#url, {
      method: this.#target.method,
      headers: this.#headers,
      body,
      dispatcher: this.#agent,
    });
    await answer.dump();
    if (statusCode < 200 || statusCode > 299)
      throw new Error(`${new URL(this.#url).origin} answered with ${statusCode}`);
  }
}
