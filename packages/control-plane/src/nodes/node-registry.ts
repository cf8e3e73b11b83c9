import { type Logger, messageOf } from '@gatescope/base';
import {
  type ApplyConfigResult,
  type DesiredSession,
  type HelloParams,
  type Node,
  RPC_METHODS,
  type SyncSessionsResult,
  SyncSessionsResultSchema,
  TRACING_CAPABILITY,
  TRACING_OFF_REASONS,
  validator,
} from '@gatescope/protocol';
import { GOING_AWAY, type RpcPeer } from '@gatescope/rpc';
import type { ConfigStore } from '../config/config-store.ts';
import type { NodeRepository } from '../store/node-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { NodeRow } from '../store/schema.ts';
import { timestamp } from '../time.ts';

/** What the registry asks and tells those who know sessions. */
export interface NodeSessions {
  /** What should be armed on a node now. */
  desiredOn(node: NodeRow): Promise<DesiredSession[]>;
  onAnswer(nodeId: string, states: SyncSessionsResult['sessions']): Promise<void>;
  /** Before the first sync of a connection. */
  onConnected(node: NodeRow): Promise<void>;
  onLost(nodeId: string): Promise<void>;
}

interface Connection {
  readonly peer: RpcPeer;
  revision: number;
  syncing: Promise<void> | null;
  syncAgain: boolean;
  pushing: Promise<void> | null;
  pushAgain: boolean;
}

const syncResult = validator(SyncSessionsResultSchema);
/** A configuration with 10,000 routes takes a while to load. */
const APPLY_TIMEOUT_MS = 60_000;
const RESYNC_MS = 1_000;

/** The nodes: who they are, who is connected, and that each has the configuration and the sessions it should have. */
export class NodeRegistry {
  readonly #nodes: NodeRepository;
  readonly #configs: ConfigStore;
  readonly #logger: Logger;
  readonly #connections = new Map<string, Connection>();
  #sessions: NodeSessions | null = null;

  constructor({ nodes }: Pick<Repositories, 'nodes'>, configs: ConfigStore, logger: Logger) {
    this.#nodes = nodes;
    this.#configs = configs;
    this.#logger = logger;
  }

  /** Sessions are told of nodes from now on. */
  attach(sessions: NodeSessions): void {
    this.#sessions = sessions;
  }

  get connected(): number {
    return this.#connections.size;
  }

  isConnected(nodeId: string): boolean {
    return this.#connections.has(nodeId);
  }

  /** A node said hello: from now on it is kept up to date. One that was connected already is cut. */
  async onHello(controlPlaneId: string, hello: HelloParams, ip: string, peer: RpcPeer): Promise<void> {
    const previous = this.#connections.get(hello.node_id);
    const row: NodeRow = {
      id: hello.node_id,
      control_plane_id: controlPlaneId,
      hostname: hello.hostname,
      version: hello.version,
      ip,
      last_seen_at: Date.now(),
      config_hash: hello.config_hash,
      tracing_available: hello.tracing.available && hello.capabilities.includes(TRACING_CAPABILITY) ? 1 : 0,
      tracing_reason:
        hello.tracing.available && !hello.capabilities.includes(TRACING_CAPABILITY)
          ? TRACING_OFF_REASONS.notOffered
          : hello.tracing.reason,
      capabilities: JSON.stringify(hello.capabilities),
    };
    await this.#nodes.put(row);
    this.#connections.set(row.id, {
      peer,
      revision: 0,
      syncing: null,
      syncAgain: false,
      pushing: null,
      pushAgain: false,
    });
    previous?.peer.close('the node connected anew');
    this.#logger.log('notice', 'node', `node ${row.hostname} connected`, {
      node: row.id,
      version: row.version,
    });
    await this.#sessions?.onConnected(row);
    void this.pushConfig(row.id);
    void this.sync(row.id);
  }

  async onClosed(nodeId: string, peer: RpcPeer, reason: string): Promise<void> {
    if (this.#connections.get(nodeId)?.peer !== peer) return;
    this.#connections.delete(nodeId);
    await this.#nodes.change(nodeId, { last_seen_at: Date.now() });
    this.#logger.log(reason === GOING_AWAY ? 'notice' : 'warn', 'node', `a node has gone: ${reason}`, {
      node: nodeId,
    });
    await this.#sessions?.onLost(nodeId);
  }

  async onStatus(nodeId: string, status: { config_hash: string | null }): Promise<void> {
    await this.#nodes.change(nodeId, { config_hash: status.config_hash, last_seen_at: Date.now() });
  }

  /** Brings the sessions of a node up to date; resolves when its answer has been noted, or it can't be had. */
  async sync(nodeId: string): Promise<void> {
    const connection = this.#connections.get(nodeId);
    if (connection === undefined) return;
    connection.syncAgain = true;
    connection.syncing ??= this.#syncUntilSettled(nodeId, connection).finally(() => {
      connection.syncing = null;
    });
    await connection.syncing;
  }

  /** Brings all connected nodes of a control plane up to date. */
  async syncAll(controlPlaneId: string): Promise<void> {
    const rows = await this.rows(controlPlaneId);
    await Promise.all(rows.map((row) => this.sync(row.id)));
  }

  /** Gives a node the configuration in force if it has another one. */
  async pushConfig(nodeId: string): Promise<void> {
    const connection = this.#connections.get(nodeId);
    if (connection === undefined) return;
    connection.pushAgain = true;
    connection.pushing ??= this.#pushUntilSettled(nodeId, connection).finally(() => {
      connection.pushing = null;
    });
    await connection.pushing;
  }

  async rows(controlPlaneId: string): Promise<NodeRow[]> {
    return await this.#nodes.of(controlPlaneId);
  }

  async find(nodeId: string): Promise<NodeRow | undefined> {
    return await this.#nodes.find(nodeId);
  }

  /** A node as the API shows it. */
  view(row: NodeRow): Node {
    const connected = this.#connections.has(row.id);
    return {
      id: row.id,
      hostname: row.hostname,
      version: row.version,
      ip: row.ip,
      connected,
      last_seen_at: timestamp(connected ? Date.now() : row.last_seen_at),
      config_hash: row.config_hash,
      tracing: { available: row.tracing_available === 1, reason: row.tracing_reason },
      capabilities: JSON.parse(row.capabilities) as string[],
    };
  }

  close(): void {
    for (const { peer } of this.#connections.values()) peer.close('the control plane stops');
  }

  async #syncUntilSettled(nodeId: string, connection: Connection): Promise<void> {
    while (connection.syncAgain && this.#connections.get(nodeId) === connection) {
      connection.syncAgain = false;
      const row = await this.find(nodeId);
      if (row === undefined || row.tracing_available === 0 || this.#sessions === null) return;
      try {
        const sessions = await this.#sessions.desiredOn(row);
        const answer = syncResult(
          await connection.peer.call(RPC_METHODS.syncSessions, { revision: connection.revision++, sessions }),
        );
        if (!answer.ok) throw new Error('the node answered what is not understood');
        await this.#sessions.onAnswer(nodeId, answer.value.sessions);
      } catch (error) {
        if (connection.peer.isClosed) return;
        this.#logger.log(
          'warn',
          'node',
          `sessions could not be armed on a node: ${messageOf(error)}; trying again`,
          { node: nodeId },
        );
        await new Promise((resolve) => setTimeout(resolve, RESYNC_MS));
        connection.syncAgain = true;
      }
    }
  }

  async #pushUntilSettled(nodeId: string, connection: Connection): Promise<void> {
    while (connection.pushAgain && this.#connections.get(nodeId) === connection) {
      connection.pushAgain = false;
      const row = await this.find(nodeId);
      if (row === undefined) return;
      const config = await this.#configs.get(row.control_plane_id);
      if (config === null || config.checked.hash === row.config_hash) continue;
      try {
        const params = { hash: config.checked.hash, config: config.text };
        const result = (await connection.peer.call(
          RPC_METHODS.applyConfig,
          params,
          APPLY_TIMEOUT_MS,
        )) as ApplyConfigResult;
        await this.onStatus(nodeId, { config_hash: result.hash });
        if (!result.applied)
          this.#logger.log('error', 'node', `a node refused the configuration: ${result.error}`, {
            node: nodeId,
          });
      } catch (error) {
        if (connection.peer.isClosed) return;
        this.#logger.log(
          'warn',
          'node',
          `the configuration could not be given to a node: ${messageOf(error)}; trying again`,
          { node: nodeId },
        );
        await new Promise((resolve) => setTimeout(resolve, RESYNC_MS));
        connection.pushAgain = true;
      }
    }
  }
}
