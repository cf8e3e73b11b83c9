import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError, messageOf, PROMETHEUS_TYPE } from '@gatescope/base';
import type { ListenAddress } from '../settings/listen-address.ts';

/** What a node tells of itself. */
export interface NodeStatus {
  /** What is missing for it to serve traffic; null: nothing. */
  missing(): string | null;
  describe(): Readonly<Record<string, unknown>>;
  metrics(): Promise<string>;
}

/** Whoever asks has so long to do it, milliseconds, and so many connections at once. */
const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 64;

/**
 * Answers `/status`, `/status/ready` and `/metrics` on addresses of their own, as Kong's status listener does: for monitoring, without
 * credentials, so not for the world.
 */
export class StatusServer {
  readonly #status: NodeStatus;
  readonly #servers: Server[] = [];

  constructor(status: NodeStatus) {
    this.#status = status;
  }

  /** Resolves with where it listens; rejects with the address that can't be had. */
  async listen(addresses: readonly ListenAddress[]): Promise<AddressInfo[]> {
    const bound: AddressInfo[] = [];
    for (const { host, port, backlog } of addresses) {
      const server = createServer(
        { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
        ({ method, url }, response) => void this.#answer(method ?? '', url ?? '', response),
      );
      server.maxConnections = CONNECTIONS_MAX;
      this.#servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) =>
          reject(
            new AppError(
              'unavailable',
              `can't listen on ${host}:${port}: ${messageOf(error)}. Is another process using the port? Set KONG_STATUS_LISTEN to another one, or to off.`,
            ),
          ),
        );
        server.listen({ host, port, backlog }, resolve);
      });
      bound.push(server.address() as AddressInfo);
    }
    return bound;
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #answer(method: string, url: string, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      send(response.setHeader('Allow', 'GET, HEAD'), 405, {
        message: `${method} is not answered here; ask with GET`,
      });
      return;
    }
    switch (url.split('?')[0]) {
      case '/status':
        send(response, 200, this.#status.describe());
        return;
      case '/status/ready': {
        const missing = this.#status.missing();
        send(response, missing === null ? 200 : 503, { message: missing ?? 'ready' });
        return;
      }
      case '/metrics':
        response.setHeader('Content-Type', PROMETHEUS_TYPE).end(await this.#status.metrics());
        return;
      default:
        send(response, 404, { message: 'not found; there are /status, /status/ready and /metrics' });
    }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
}
