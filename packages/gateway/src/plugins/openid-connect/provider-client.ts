import { messageOf } from '@gatescope/base';
import { Agent, request } from 'undici';

/** Largest answer of a provider that is read. */
export const ANSWER_BYTES_MAX = 1_048_576;
/** Connections to one origin. */
const CONNECTIONS_MAX = 64;
const KEEP_ALIVE_MS = 60_000;

export interface ProviderClientOptions {
  /** Of each step: connecting, the head of the answer, its body. */
  readonly timeoutMs: number;
  /** Whether the provider's certificate has to be valid. */
  readonly verify: boolean;
  readonly keepAlive: boolean;
}

/**
 * Asks an identity provider; what it answers is a JSON object, or the call rejects. Redirects are not followed. What is idle keeps no
 * process alive and ends by itself.
 */
export class ProviderClient {
  readonly #agent: Agent;

  constructor({ timeoutMs, verify, keepAlive }: ProviderClientOptions) {
    this.#agent = new Agent({
      connect: { timeout: timeoutMs, rejectUnauthorized: verify },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connections: CONNECTIONS_MAX,
      maxResponseSize: ANSWER_BYTES_MAX,
      ...(keepAlive
        ? { keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS }
        : { pipelining: 0 }),
    });
  }

  get(url: string): Promise<Record<string, unknown>> {
    return this.#ask(url, { headers: { accept: 'application/json' } });
  }

  post(
    url: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>> {
    return this.#ask(url, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    });
  }

  async #ask(
    url: string,
    options: { method?: 'POST'; body?: string; headers: Record<string, string> },
  ): Promise<Record<string, unknown>> {
    let status: number;
    let answer: unknown;
    try {
      const { statusCode, body } = await request(url, { ...options, dispatcher: this.#agent });
      status = statusCode;
      const text = await body.text();
      answer = status === 200 ? JSON.parse(text) : null;
    } catch (error) {
      throw new Error(`${withoutQuery(url)}: ${messageOf(error)}`);
    }
    if (status !== 200) throw new Error(`${withoutQuery(url)}: answered with ${status}`);
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
      throw new Error(`${withoutQuery(url)}: answered with something that is no JSON object`);
    return answer as Record<string, unknown>;
  }
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!;
}
