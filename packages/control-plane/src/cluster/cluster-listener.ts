import { constants, type X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { AppError, type Logger, messageOf } from '@gatescope/base';
import {
  CLUSTER_PATHS,
  type HelloParams,
  HelloParamsSchema,
  type HelloResult,
  ReportSessionsParamsSchema,
  RPC_METHODS,
  RPC_SUBPROTOCOL,
  STATUS_OF_CODE,
  STENCIL_CAPABILITY,
  StatusParamsSchema,
  validator,
} from '@gatescope/protocol';
import { RpcPeer, RpcServer } from '@gatescope/rpc';
import { decodeStencils, STENCIL_CODING } from '@gatescope/trace';
import { nodeOfToken, nodeToken } from '../auth/secrets.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { SessionsOnNodes } from '../sessions/sessions-on-nodes.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';
import type { Ingest } from '../traces/ingest.ts';
import type { LogIngest } from '../traces/log-ingest.ts';
import { type Admission, admit } from './node-admission.ts';
import { certificatesOf, type NodeCertificates } from './node-certificates.ts';
import { RefusalLog } from './refusal-log.ts';

export interface ClusterListenerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM. Clients must show a certificate of `ca`, or one that is pinned to a control plane. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly nodes: NodeRegistry;
  readonly sessions: SessionsOnNodes;
  readonly ingest: Ingest;
  readonly logIngest: LogIngest;
  /** Node tokens are made with it. */
  readonly tokenSecret: string;
  readonly certificates: NodeCertificates;
  /** The control plane of nodes with a certificate of the listener's own authority. */
  readonly homeId: string;
  /** By id; undefined where it is gone. */
  controlPlane(id: string): Promise<ControlPlaneRow | undefined>;
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
  readonly #own: readonly X509Certificate[];
  readonly #refusals: RefusalLog;
  #admissions = new WeakMap<TLSSocket, Admission>();
  readonly #peers = new Map<RpcPeer, { readonly socket: TLSSocket; readonly controlPlaneId: string }>();

  constructor(options: ClusterListenerOptions) {
    this.#options = options;
    this.#own = certificatesOf(options.tls.ca);
    this.#refusals = new RefusalLog(options.logger);
    this.#takes = {
      [CLUSTER_PATHS.traces]: (nodeId, body) => options.ingest.take(nodeId, body),
      [CLUSTER_PATHS.logs]: (nodeId, body) => options.logIngest.take(nodeId, body),
    };
    this.#server = createServer(
      // Who may come in is decided below, where the reason can be told.
      { ...this.#context(), requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('tlsClientError', (error, socket) => {
      this.#refusals.tell((socket as TLSSocket).remoteAddress ?? '', messageOf(error));
    });
    options.certificates.onChange(() => this.#onCertificates());
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

  /** Peers that were refused since the start. */
  get refused(): number {
    return this.#refusals.refused;
  }

  #context(): SecureContextOptions {
    const { tls, certificates } = this.#options;
    const authorities = certificates.pinned.filter((pin) => pin.isAuthority);
    return {
      cert: tls.cert,
      key: tls.key,
      ca: [tls.ca, ...authorities.map((pin) => pin.certificate.toString())],
      minVersion: 'TLSv1.2',
      // A resumed session would bring a certificate that is pinned no more.
      secureOptions: constants.SSL_OP_NO_TICKET,
    };
  }

  /** Of a connection; decided once, and anew when what is pinned has changed. */
  #admission(socket: TLSSocket): Admission {
    const known = this.#admissions.get(socket);
    if (known !== undefined) return known;
    const { certificates, homeId } = this.#options;
    const admission = admit(socket, { pinned: certificates.pinned, own: this.#own, homeId });
    this.#admissions.set(socket, admission);
    return admission;
  }

  /** What is pinned has changed: those who may come in no more are cut. */
  #onCertificates(): void {
    this.#server.setSecureContext(this.#context());
    this.#admissions = new WeakMap();
    for (const [peer, { socket, controlPlaneId }] of this.#peers) {
      const { controlPlaneId: now, refusal } = this.#admission(socket);
      if (now !== controlPlaneId) peer.close(refusal ?? 'its certificate is pinned to another control plane');
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.url !== CLUSTER_PATHS.rpc) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const ip = request.socket.remoteAddress ?? '';
    const tls = request.socket as TLSSocket;
    const { controlPlaneId, refusal } = this.#admission(tls);
    if (controlPlaneId === null) {
      this.#refusals.tell(ip, refusal);
      const body = JSON.stringify({ message: refusal });
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      return;
    }
    this.#rpc.upgrade(request, socket, head, (webSocket) => {
      const { nodes, sessions, logger } = this.#options;
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
          [RPC_METHODS.hello]: async (params): Promise<HelloResult> => {
            const hello = checked(helloParams(params));
            if (nodeId !== null) throw new Error('hello was said already');
            const answer = await this.#answerHello(controlPlaneId, hello, ip);
            nodeId = hello.node_id;
            // The answer goes out first: what the node is then told builds on it.
            setImmediate(() => {
              nodes.onHello(controlPlaneId, hello, ip, peer).catch((error: unknown) => {
                logger.log('error', 'cluster', `a node could not be taken in: ${messageOf(error)}`);
                peer.close('internal error');
              });
            });
            return answer;
          },
          [RPC_METHODS.status]: (params) => nodes.onStatus(known(), checked(statusParams(params))),
          [RPC_METHODS.reportSessions]: (params) => sessions.onReport(known(), checked(reportParams(params))),
        },
        onClose: (reason) => {
          clearTimeout(timer);
          this.#peers.delete(peer);
          if (nodeId !== null)
            nodes
              .onClosed(nodeId, peer, reason)
              .catch((error: unknown) => logger.log('error', 'cluster', messageOf(error)));
        },
      });
      this.#peers.set(peer, { socket: tls, controlPlaneId });
    });
  }

  async #answerHello(controlPlaneId: string, hello: HelloParams, ip: string): Promise<HelloResult> {
    const { nodes, controlPlane, version, tokenSecret } = this.#options;
    const home = await controlPlane(controlPlaneId);
    if (home === undefined) throw new Error('the control plane of its certificate is gone');
    await nodes.checkHome(controlPlaneId, hello.node_id).catch((error: unknown) => {
      this.#refusals.tell(ip, messageOf(error));
      throw error;
    });
    return {
      control_plane: home.name,
      version,
      capabilities: ['gatescope.nodes.v1', 'gatescope.sessions.v1', STENCIL_CAPABILITY],
      telemetry_token: nodeToken(tokenSecret, hello.node_id),
      time_ms: Date.now(),
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, message: string) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(status === 413 || status === 403 ? { connection: 'close' } : {}),
      });
      response.end(JSON.stringify({ message }));
    };
    try {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      const nodeId = token === undefined ? null : nodeOfToken(this.#options.tokenSecret, token);
      const { controlPlaneId, refusal } = this.#admission(request.socket as TLSSocket);
      if (controlPlaneId === null) {
        this.#refusals.tell(request.socket.remoteAddress ?? '', refusal);
        return answer(403, refusal);
      }
      if (nodeId === null) return answer(401, 'a node token is needed');
      const node = await this.#options.nodes.find(nodeId);
      if (node !== undefined && node.control_plane_id !== controlPlaneId)
        return answer(403, 'the token is one of a node of another control plane than the certificate');
      const take = this.#takes[request.url ?? ''];
      if (take === undefined) return answer(404, 'not found');
      if (request.method !== 'POST') return answer(405, 'POST only');
      if (request.headers['content-type'] !== 'application/x-protobuf')
        return answer(415, 'application/x-protobuf is expected');
      const coding = request.headers['content-encoding'] ?? 'identity';
      if (coding !== STENCIL_CODING && coding !== 'identity')
        return answer(415, `content coding ${coding} is not known: send ${STENCIL_CODING} or none`);
      const body = await readBody(request);
      if (body === null) return answer(413, `more than ${BODY_BYTES_MAX} bytes`);
      await take(nodeId, coding === STENCIL_CODING ? decoded(body) : body);
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

function decoded(body: Uint8Array): Uint8Array {
  try {
    return decodeStencils(body, BODY_BYTES_MAX);
  } catch (error) {
    throw new AppError('invalid_request', `the body is not ${STENCIL_CODING}: ${messageOf(error)}`);
  }
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
