import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import {
  type ApplyConfigParams,
  type ApplyConfigResult,
  CLUSTER_PATHS,
  CONFIG_CAPABILITY,
  type DesiredSession,
  type HelloParams,
  type HelloResult,
  RPC_METHODS,
  RPC_SUBPROTOCOL,
  type SessionCounts,
  type SyncSessionsParams,
  type SyncSessionsResult,
  TRACING_CAPABILITY,
} from '@gatescope/protocol';
import { RpcClient, type RpcPeer } from '@gatescope/rpc';
import { CLUSTER_SERVER_NAME } from '../../../packages/cli/src/setup/certificates.ts';

/** What a node shows and where it connects to. */
export interface ClusterIdentity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly port: number;
}

export interface NodeOptions extends Partial<Omit<HelloParams, 'node_id'>> {
  readonly id?: string;
  /** Answers a sync; left out, everything is armed. */
  readonly onSync?: (
    params: SyncSessionsParams,
  ) => Pick<SyncSessionsResult, 'sessions'> | Promise<Pick<SyncSessionsResult, 'sessions'>>;
  /** Answers a configuration; left out, it is put in force. */
  readonly onConfig?: (params: ApplyConfigParams) => ApplyConfigResult | Promise<ApplyConfigResult>;
  /** Whether it says so by itself when a session is taken from it, as a gateway does. */
  readonly reportsDisarmed?: boolean;
  readonly saysHello?: boolean;
}

export interface TelemetryAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

const NO_COUNTS: SessionCounts = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };
let nodes = 0;

/** The cluster end of a gateway without the gateway: real RPC and telemetry over mutual TLS, driven by a test. */
export class TestNode {
  readonly id: string;
  readonly hostname: string;
  /** What the control plane answered to the last hello. */
  hello: HelloResult | null = null;
  /** Why it lost its connection last, or null. */
  lost: string | null = null;
  /** What was asked of it, oldest first. */
  readonly syncs: SyncSessionsParams[] = [];
  readonly configs: ApplyConfigParams[] = [];
  #identity: ClusterIdentity;
  readonly #options: NodeOptions;
  #client: RpcClient | null = null;
  #configHash: string | null;
  #epoch = 'first';

  private constructor(identity: ClusterIdentity, options: NodeOptions) {
    this.id = options.id ?? `node-${++nodes}`;
    this.hostname = options.hostname ?? `${this.id}.test`;
    this.#identity = identity;
    this.#options = options;
    this.#configHash = options.config_hash ?? null;
  }

  static async connect(identity: ClusterIdentity, options: NodeOptions): Promise<TestNode> {
    const node = new TestNode(identity, options);
    await node.#connect();
    return node;
  }

  /** The sessions it should have armed at the moment. */
  get desired(): readonly DesiredSession[] {
    return this.syncs.at(-1)?.sessions ?? [];
  }

  get peer(): RpcPeer {
    const peer = this.#client?.peer;
    if (peer == null) throw new Error(`${this.id} is not connected`);
    return peer;
  }

  /** Counts of one session, as the node has them so far. */
  async report(session: string, counts: Partial<SessionCounts> = {}, disarmed = false): Promise<void> {
    await this.peer.call(RPC_METHODS.reportSessions, {
      epoch: this.#epoch,
      sessions: [{ id: session, counts: { ...NO_COUNTS, ...counts }, disarmed }],
    });
  }

  /** Sends telemetry with its token, or with what `headers` say instead. */
  send(
    body: Uint8Array,
    {
      path = CLUSTER_PATHS.traces,
      method = 'POST',
      headers = {},
    }: { path?: string; method?: string; headers?: Record<string, string> } = {},
  ): Promise<TelemetryAnswer> {
    const length = 'transfer-encoding' in headers ? {} : { 'content-length': String(body.length) };
    const all = { 'content-type': 'application/x-protobuf', ...length, ...headers };
    return new Promise((resolve, reject) => {
      const call = this.open({ method, path, headers: all }, resolve);
      call.on('error', reject);
      call.end(body);
    });
  }

  /** A telemetry request whose body is still to be written. */
  open(
    {
      method = 'POST',
      path = CLUSTER_PATHS.traces,
      headers = {},
    }: { method?: string; path?: string; headers?: Record<string, string> },
    onAnswer: (answer: TelemetryAnswer) => void,
  ): ClientRequest {
    const { port, cert, key, ca } = this.#identity;
    const authorization = `Bearer ${this.hello!.telemetry_token}`;
    const options = {
      host: '127.0.0.1',
      port,
      cert,
      key,
      ca,
      servername: CLUSTER_SERVER_NAME,
      agent: false,
      method,
      path,
    };
    return request({ ...options, headers: { authorization, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        onAnswer({ status: response.statusCode!, contentType: response.headers['content-type'], body });
      });
    });
  }

  /** Starts its counters anew, as a restarted gateway does. */
  newEpoch(): void {
    this.#epoch += '+';
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
  }

  /** Cuts the connection and makes a new one. */
  async reconnect(identity = this.#identity): Promise<void> {
    this.close();
    this.hello = null;
    await this.#connect(identity);
    this.#identity = identity;
  }

  async #connect({ cert, key, ca, port } = this.#identity): Promise<void> {
    const { id, onSync, onConfig, reportsDisarmed: _, saysHello = true, ...hello } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#client = new RpcClient({
        url: `wss://127.0.0.1:${port}${CLUSTER_PATHS.rpc}`,
        subprotocol: RPC_SUBPROTOCOL,
        tls: { cert, key, ca, serverName: CLUSTER_SERVER_NAME },
        backoffMs: { first: 20, max: 100 },
        methods: {
          [RPC_METHODS.syncSessions]: async (params) => await this.#sync(params as SyncSessionsParams),
          [RPC_METHODS.applyConfig]: async (params) => await this.#apply(params as ApplyConfigParams),
        },
        onOpen: async (peer) => {
          const params: HelloParams = {
            hostname: this.hostname,
            version: '1.2.3',
            capabilities: [CONFIG_CAPABILITY, TRACING_CAPABILITY],
            tracing: { available: true, reason: null },
            workers: 1,
            ...hello,
            node_id: this.id,
            config_hash: this.#configHash,
          };
          if (saysHello) this.hello = (await peer.call(RPC_METHODS.hello, params)) as HelloResult;
          // The client makes the peer known once this has resolved.
          queueMicrotask(() => setImmediate(resolve));
        },
        onLost: (reason) => {
          this.lost = reason;
          // A test says itself when it comes back.
          this.#client?.close();
        },
        onRetry: (reason) => reject(new Error(reason)),
      });
    });
  }

  async #sync(params: SyncSessionsParams): Promise<SyncSessionsResult> {
    const gone = this.desired.filter(({ id }) => !params.sessions.some((one) => one.id === id));
    this.syncs.push(params);
    if (this.#options.reportsDisarmed ?? true) {
      setImmediate(() => {
        for (const { id } of gone) void this.report(id, {}, true).catch(() => undefined);
      });
    }
    const answer = this.#options.onSync?.(params) ?? {
      sessions: params.sessions.map(({ id }) => ({ id, state: 'armed' as const, reason: null })),
    };
    return { revision: params.revision, ...(await answer) };
  }

  async #apply(params: ApplyConfigParams): Promise<ApplyConfigResult> {
    this.configs.push(params);
    const result = (await this.#options.onConfig?.(params)) ?? {
      applied: true,
      hash: params.hash,
      error: null,
    };
    this.#configHash = result.hash;
    return result;
  }
}
