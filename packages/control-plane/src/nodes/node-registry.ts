import { AppError, type Logger } from '@gatescope/base';
import {
  type DesiredSession,
  type HelloParams,
  type Node,
  type StatusParams,
  type SyncSessionsResult,
  TRACING_CAPABILITY,
  TRACING_OFF_REASONS,
} from '@gatescope/protocol';
import { GOING_AWAY, type RpcPeer } from '@gatescope/rpc';
import type { ConfigStore } from '../config/config-store.ts';
import type { NodeRepository } from '../store/node-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { NodeRow } from '../store/schema.ts';
import { timestamp, timestampOrNull } from '../time.ts';
import { NodeConnection } from './node-connection.ts';

/** What the registry asks and tells those who know sessions. */
export interface NodeSessions {
  /** What should be armed on a node now. */
  desiredOn(node: NodeRow): Promise<DesiredSession[]>;
  onAnswer(nodeId: string, states: SyncSessionsResult['sessions']): Promise<void>;
  /** Before the first sync of a connection. */
  onConnected(node: NodeRow): Promise<void>;
  onLost(nodeId: string): Promise<void>;
}

/** The nodes: who they are, who is connected, and that each has the configuration and the sessions it should have. */
export class NodeRegistry {
  readonly #nodes: NodeRepository;
  readonly #configs: ConfigStore;
  readonly #logger: Logger;
  readonly #connections = new Map<string, NodeConnection>();
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

  /** Throws where a node can not join a control plane: one belongs to a single one, and stays there until it is deleted. */
  async checkHome(controlPlaneId: string, nodeId: string): Promise<void> {
    const known = await this.find(nodeId);
    if (known === undefined || known.control_plane_id === controlPlaneId) return;
    throw new Error(
      `node ${nodeId} belongs to another control plane than its certificate; give it a certificate of its own control plane, or delete the node there first`,
    );
  }

  /** A node said hello: from now on it is kept up to date. One that was connected already is cut. */
  async onHello(controlPlaneId: string, hello: HelloParams, ip: string, peer: RpcPeer): Promise<void> {
    const previous = this.#connections.get(hello.node_id);
    const offersTracing = hello.capabilities.includes(TRACING_CAPABILITY);
    const row: NodeRow = {
      id: hello.node_id,
      control_plane_id: controlPlaneId,
      hostname: hello.hostname,
      version: hello.version,
      ip,
      last_seen_at: Date.now(),
      config_hash: hello.config_hash,
      tracing_available: hello.tracing.available && offersTracing ? 1 : 0,
      tracing_reason:
        hello.tracing.available && !offersTracing ? TRACING_OFF_REASONS.notOffered : hello.tracing.reason,
      capabilities: JSON.stringify(hello.capabilities),
    };
    await this.#nodes.put(row);
    const connection = new NodeConnection({
      nodeId: row.id,
      peer,
      nodes: this.#nodes,
      configs: this.#configs,
      sessions: () => this.#sessions,
      logger: this.#logger,
    });
    connection.workers = hello.workers;
    connection.clockOffsetMs = hello.time_ms === undefined ? null : Math.round(hello.time_ms - Date.now());
    this.#connections.set(row.id, connection);
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

  async onStatus(nodeId: string, { config_hash, workers, load }: StatusParams): Promise<void> {
    const connection = this.#connections.get(nodeId);
    if (connection !== undefined) {
      connection.workers = workers;
      connection.load = load ?? connection.load;
    }
    await this.#nodes.change(nodeId, { config_hash, last_seen_at: Date.now() });
  }

  /** Brings the sessions of a node up to date; resolves when its answer has been noted, or it can't be had. */
  async sync(nodeId: string): Promise<void> {
    await this.#connections.get(nodeId)?.sync();
  }

  /** Brings all connected nodes of a control plane up to date. */
  async syncAll(controlPlaneId: string): Promise<void> {
    const rows = await this.rows(controlPlaneId);
    await Promise.all(rows.map((row) => this.sync(row.id)));
  }

  /** Gives a node the configuration in force if it has another one. */
  async pushConfig(nodeId: string): Promise<void> {
    await this.#connections.get(nodeId)?.pushConfig();
  }

  async rows(controlPlaneId: string): Promise<NodeRow[]> {
    return await this.#nodes.of(controlPlaneId);
  }

  async find(nodeId: string): Promise<NodeRow | undefined> {
    return await this.#nodes.find(nodeId);
  }

  /** A node as the API shows it. */
  async view(row: NodeRow): Promise<Node> {
    const connection = this.#connections.get(row.id);
    const config = await this.#configs.get(row.control_plane_id);
    return {
      id: row.id,
      hostname: row.hostname,
      version: row.version,
      ip: row.ip,
      connected: connection !== undefined,
      connected_at: timestampOrNull(connection?.connectedAt ?? null),
      last_seen_at: timestamp(connection === undefined ? row.last_seen_at : Date.now()),
      config_hash: row.config_hash,
      config_in_sync: config === null || config.checked.hash === row.config_hash,
      tracing: { available: row.tracing_available === 1, reason: row.tracing_reason },
      capabilities: JSON.parse(row.capabilities) as string[],
      workers: connection?.workers ?? null,
      round_trip_ms: connection?.peer.roundTripMs ?? null,
      clock_offset_ms: connection?.clockOffsetMs ?? null,
      load: connection?.load ?? null,
    };
  }

  /** Forgets a node that is not connected. Throws `not_found` and `conflict`. */
  async remove(controlPlaneId: string, nodeId: string): Promise<NodeRow> {
    const row = await this.find(nodeId);
    if (row === undefined || row.control_plane_id !== controlPlaneId)
      throw new AppError('not_found', `there is no node ${nodeId}`);
    if (this.#connections.has(nodeId)) throw new AppError('conflict', 'the node is connected; stop it first');
    await this.#nodes.remove(nodeId);
    return row;
  }

  close(): void {
    for (const { peer } of this.#connections.values()) peer.close('the control plane stops');
  }
}
