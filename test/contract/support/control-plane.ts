import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogAttributes, LogLevel } from '@gatescope/base';
import { type ControlPlaneOptions, ControlPlaneServer } from '@gatescope/control-plane';

import type { CreatedToken, List, Node, Problem, Session, TraceSummary } from '@gatescope/protocol';
import { ensureCertificates } from '../../../packages/cli/src/setup/certificates.ts';
import { DataDir } from '../../../packages/cli/src/setup/data-dir.ts';
import { runSql } from '../../../packages/control-plane/src/testing/run-sql.ts';
import { checkConfig } from '../../../packages/gateway/src/config/check-config.ts';
import { until } from '../../support/until.ts';
import { type ClusterIdentity, type NodeOptions, TestNode } from './node.ts';

export const ADMIN_TOKEN = 'contract-admin-token';
export const SESSIONS = '/control-planes/default/sessions';

/** Two services with a route each, and a consumer. */
export const CONFIG = `_format_version: "3.0"
services:
- id: 6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a01
  name: shop
  url: http://shop.internal:8080
  routes:
  - id: 6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a02
    name: checkout
    paths: [/checkout]
- id: 6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a03
  name: ledger
  url: http://ledger.internal:8080
  routes:
  - id: 6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a04
    paths: [/ledger]
consumers:
- id: 6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a05
  username: ada-lovelace
`;
export const SHOP_ID = '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a01';
export const CHECKOUT_ID = '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a02';
export const LEDGER_ROUTE_ID = '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a04';
export const CONSUMER_ID = '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a05';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface CallOptions {
  readonly method?: string;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bearer token; null sends none, left out is the admin's. */
  readonly token?: string | null;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly type: string;
  readonly message: string;
  readonly attributes: LogAttributes;
}

/** A control plane as it is in production, on free ports and in a directory of its own, and the ways to talk to it. */
export class TestControlPlane {
  readonly dataDir: string;
  readonly server: ControlPlaneServer;
  /** What it logged. */
  readonly lines: readonly LogLine[];
  readonly identity: ClusterIdentity;
  readonly #nodes: TestNode[] = [];

  private constructor(
    dataDir: string,
    server: ControlPlaneServer,
    lines: LogLine[],
    identity: ClusterIdentity,
  ) {
    this.dataDir = dataDir;
    this.server = server;
    this.lines = lines;
    this.identity = identity;
  }

  static async start(options: Partial<ControlPlaneOptions> = {}): Promise<TestControlPlane> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'gatescope-contract-'));
    const files = await ensureCertificates(new DataDir(dataDir));
    const read = (path: string) => readFileSync(path, 'utf8');
    const lines: LogLine[] = [];
    const server = await ControlPlaneServer.start({
      api: { host: '127.0.0.1', port: 0 },
      cluster: {
        host: '127.0.0.1',
        port: 0,
        tls: { cert: read(files.serverCert), key: read(files.serverKey), ca: read(files.ca) },
      },
      adminToken: ADMIN_TOKEN,
      version: '0.1.0-test',
      logger: {
        log: (level, type, message, attributes = {}) => void lines.push({ level, type, message, attributes }),
      },
      checkConfig,
      viewerDir: null,
      config: { text: CONFIG, replaces: false },
      waitsForNode: false,
      ...options,
      dataDir,
    });
    const identity = {
      cert: read(files.nodeCert),
      key: read(files.nodeKey),
      ca: read(files.ca),
      port: server.clusterAddress.port,
    };
    return new TestControlPlane(dataDir, server, lines, identity);
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.apiAddress.port}`;
  }

  get databasePath(): string {
    return join(this.dataDir, 'gatescope.db');
  }

  /** A call of the REST API; `path` is below `/api/v1`. Problems come back as answers. */
  async call<T = Problem>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const response = await this.fetch(`/api/v1${path}`, options);
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (json ? JSON.parse(text) : text) as T,
    };
  }

  async fetch(
    path: string,
    { method, body, headers, token = ADMIN_TOKEN }: CallOptions = {},
  ): Promise<Response> {
    return await fetch(this.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
  }

  /** Connects a node; it is cut when the control plane is closed. */
  async node(options: NodeOptions = {}): Promise<TestNode> {
    const node = await TestNode.connect(this.identity, options);
    this.#nodes.push(node);
    await until('the node to be listed', () => this.isConnected(node.id));
    return node;
  }

  async isConnected(nodeId: string): Promise<boolean> {
    const { body } = await this.call<List<Node>>('/control-planes/default/nodes?size=1000');
    return body.data.some(({ id, connected }) => id === nodeId && connected);
  }

  /** A new bearer token; an admin's of everything, without the right to payload, unless told otherwise. */
  async token(rights: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await this.call<CreatedToken>('/tokens', {
      body: { name: 'test', role: 'org_admin', ...rights },
    });
    if (status !== 201) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body.token;
  }

  /** Starts a session and waits for it to be active. */
  async session(request: object = {}): Promise<Session> {
    const { status, body } = await this.call<Session>(SESSIONS, { body: request });
    if (status !== 201) throw new Error(`no session: ${JSON.stringify(body)}`);
    return body.state === 'active' ? body : await this.sessionIn('active', body.id);
  }

  /** Deletes every session, running or not. */
  async deleteSessions(): Promise<void> {
    const { body } = await this.call<List<Session>>(`${SESSIONS}?size=1000`);
    for (const { id } of body.data) await this.call(`${SESSIONS}/${id}`, { method: 'DELETE' });
  }

  async sessionOf(id: string): Promise<Session> {
    return (await this.call<Session>(`${SESSIONS}/${id}`)).body;
  }

  async sessionIn(state: Session['state'], id: string): Promise<Session> {
    return await until(`the session to be ${state}`, async () => {
      const session = await this.sessionOf(id);
      return session.state === state ? session : null;
    });
  }

  async tracesOf(id: string, query = ''): Promise<readonly TraceSummary[]> {
    return (await this.call<List<TraceSummary>>(`${SESSIONS}/${id}/traces?size=1000${query}`)).body.data;
  }

  /** Runs SQL on the database's file, beside the server, or after it has ended. */
  sql<T = Record<string, unknown>>(text: string, ...values: unknown[]): T[] {
    return runSql<T>(this.databasePath, text, ...values);
  }

  /** Stops it and leaves its directory. */
  async stop(): Promise<void> {
    for (const node of this.#nodes) node.close();
    await this.server.stop();
  }

  /** Stops it and starts another one on the same directory. */
  async restart(options: Partial<ControlPlaneOptions> = {}): Promise<TestControlPlane> {
    await this.stop();
    return await TestControlPlane.start({ ...options, dataDir: this.dataDir });
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
