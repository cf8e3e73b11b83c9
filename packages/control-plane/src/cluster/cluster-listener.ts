import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { AppError, type Logger, messageOf } from '@gatescope/base';
import {
  CLUSTER_PATHS,
  HelloParamsSchema,
  type HelloResult,
  ReportSessionsParamsSchema,
  RPC_METHODS,
  RPC_SUBPROTOCOL,
  STATUS_OF_CODE,
  StatusParamsSchema,
  validator,
} from '@gatescope/protocol';
import { RpcPeer, RpcServer } from '@gatescope/rpc';
import { nodeOfToken, nodeToken } from '../auth/secrets.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { SessionsOnNodes } from '../sessions/sessions-on-nodes.ts';
import type { Ingest } from '../traces/ingest.ts';
import type { LogIngest } from '../traces/log-ingest.ts';

export interface ClusterListenerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM. Clients must show a certificate of `ca`. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly nodes: NodeRegistry;
  readonly sessions: SessionsOnNodes;
  readonly ingest: Ingest;
  readonly logIngest: LogIngest;
  /** Node tokens are made with it. */
  readonly tokenSecret: string;
  /** Id and name of the control plane nodes belong to. */
  readonly controlPlane: { readonly id: string; readonly name: string };
  readonly version: string;
  readonly logger: Logger;
}

/** Largest telemetry request, bytes. */
const BODY_BYTES_MAX = 16 * 1_048_576;
/** A connection that has not said hello by then is closed. */
const HELLO_TIMEOUT_MS = 10_000;

const helloParams = validator(HelloParamsSchema);
const reportParams = validator(ReportSessionsParamsSchema);
const statusParams = validator(StatusParamsSchema);

/** Where nodes connect: the RPC and the telemetry of the cluster, over mutual TLS. */
export class ClusterListener {
  readonly #options: ClusterListenerOptions;
  readonly #server: Server;
  readonly #rpc = new RpcServer(RPC_SUBPROTOCOL);
  /** What takes a telemetry request, by path. */
  readonly #takes: Readonly<Record<string, (nodeId: string, body: Uint8Array) => Promise<unknown>>>;

  constructor(options: ClusterListenerOptions) {
    this.#options = options;
    this.#takes = {
      [CLUSTER_PATHS.traces]: (nodeId, body) => options.ingest.take(nodeId, body),
      [CLUSTER_PATHS.logs]: (nodeId, body) => options.logIngest.take(nodeId, body),
    };
    this.#server = createServer(
      { ...options.tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('tlsClientError', (error, socket) => {
      options.logger.log('info', 'cluster', `a connection was refused: ${messageOf(error)}`, {
        client: (socket as TLSSocket).remoteAddress ?? '',
      });
    });
  }

  listen(): Promise<AddressInfo> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(
          new AppError(
            'unavailable',
            `can't listen on ${host}:${port}: ${messageOf(error)}. Set GATESCOPE_CLUSTER_LISTEN to another address.`,
          ),
        ),
      );
      this.#server.listen({ host, port }, () => resolve(this.#server.address() as AddressInfo));
    });
  }

  async close(): Promise<void> {
    this.#rpc.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.url !== CLUSTER_PATHS.rpc) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const ip = request.socket.remoteAddress ?? '';
    this.#rpc.upgrade(request, socket, head, (webSocket) => {
      const { nodes, sessions, tokenSecret, controlPlane, version, logger } = this.#options;
      let nodeId: string | null = null;
      const timer = setTimeout(() => {
        if (nodeId === null) webSocket.close(1008, 'no hello');
      }, HELLO_TIMEOUT_MS);
      const known = () => {
        if (nodeId === null) throw new Error('say hello first');
        return nodeId;
      };
      const peer: RpcPeer = new RpcPeer(webSocket, {
        methods: {
          [RPC_METHODS.hello]: (params): HelloResult => {
            const hello = checked(helloParams(params));
            if (nodeId !== null) throw new Error('hello was said already');
            nodeId = hello.node_id;
            // The answer goes out first: what the node is then told builds on it.
            setImmediate(() => {
              nodes.onHello(controlPlane.id, hello, ip, peer).catch((error: unknown) => {
                logger.log('error', 'cluster', `a node could not be taken in: ${messageOf(error)}`);
                peer.close('internal error');
              });
            });
            return {
              control_plane: controlPlane.name,
              version,
              capabilities: ['gatescope.nodes.v1', 'gatescope.sessions.v1'],
              telemetry_token: nodeToken(tokenSecret, hello.node_id),
              time_ms: Date.now(),
            };
          },
          [RPC_METHODS.status]: (params) => nodes.onStatus(known(), checked(statusParams(params))),
          [RPC_METHODS.reportSessions]: (params) => sessions.onReport(known(), checked(reportParams(params))),
        },
        onClose: (reason) => {
          clearTimeout(timer);
          if (nodeId !== null)
            nodes
              .onClosed(nodeId, peer, reason)
              .catch((error: unknown) => logger.log('error', 'cluster', messageOf(error)));
        },
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, message: string) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(status === 413 ? { connection: 'close' } : {}),
      });
      response.end(JSON.stringify({ message }));
    };
    try {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      const nodeId = token === undefined ? null : nodeOfToken(this.#options.tokenSecret, token);
      if (nodeId === null) return answer(401, 'a node token is needed');
      const take = this.#takes[request.url ?? ''];
      if (take === undefined) return answer(404, 'not found');
      if (request.method !== 'POST') return answer(405, 'POST only');
      if (request.headers['content-type'] !== 'application/x-protobuf')
        return answer(415, 'application/x-protobuf is expected');
      const body = await readBody(request);
      if (body === null) return answer(413, `more than ${BODY_BYTES_MAX} bytes`);
      await take(nodeId, body);
      // An empty ExportTraceServiceResponse or ExportLogsServiceResponse.
      response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 });
      response.end();
    } catch (error) {
      const failure = AppError.from(error);
      // What can't be written now may be later: the node tries again.
      const status = failure.code === 'internal' ? 503 : STATUS_OF_CODE[failure.code];
      this.#options.logger.log('error', 'telemetry', `telemetry could not be taken: ${failure.message}`);
      if (!response.headersSent) answer(status, failure.message);
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checked<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly errors: readonly { path?: string; message: string }[] },
): T {
  if (result.ok) return result.value;
  const [first] = result.errors;
  throw new Error(`not understood: ${first?.path ?? ''} ${first?.message ?? ''}`);
}
