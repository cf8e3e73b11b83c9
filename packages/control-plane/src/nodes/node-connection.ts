import { type Logger, messageOf } from '@gatescope/base';
import {
  type ApplyConfigResult,
  type NodeLoad,
  RPC_METHODS,
  type SyncSessionsResult,
  SyncSessionsResultSchema,
  validator,
} from '@gatescope/protocol';
import type { RpcPeer } from '@gatescope/rpc';
import type { ConfigStore } from '../config/config-store.ts';
import type { NodeRepository } from '../store/node-repository.ts';
import type { NodeSessions } from './node-registry.ts';
import { Settling } from './settling.ts';

const syncResult = validator(SyncSessionsResultSchema);
/** A configuration with 10,000 routes takes a while to load. */
const APPLY_TIMEOUT_MS = 60_000;
const RETRY_MS = 1_000;

export interface NodeConnectionParts {
  readonly nodeId: string;
  readonly peer: RpcPeer;
  readonly nodes: NodeRepository;
  readonly configs: ConfigStore;
  /** Null while nobody knows sessions. */
  sessions(): NodeSessions | null;
  readonly logger: Logger;
}

/** A connected node: what it said last, and that it gets the configuration and the sessions it should have. */
export class NodeConnection {
  readonly peer: RpcPeer;
  readonly connectedAt = Date.now();
  /** Milliseconds that its clock is ahead; null where it does not tell. */
  clockOffsetMs: number | null = null;
  workers: number | null = null;
  load: NodeLoad | null = null;
  readonly #parts: NodeConnectionParts;
  readonly #sessions: Settling;
  readonly #config: Settling;
  #revision = 0;

  constructor(parts: NodeConnectionParts) {
    this.#parts = parts;
    this.peer = parts.peer;
    const isOver = () => parts.peer.isClosed;
    this.#sessions = new Settling(
      () => this.#try('its sessions', this.#sessions, () => this.#sync()),
      isOver,
    );
    this.#config = new Settling(
      () => this.#try('the configuration', this.#config, () => this.#push()),
      isOver,
    );
  }

  /** Resolves when the node's answer has been noted, or it can't be had. */
  async sync(): Promise<void> {
    await this.#sessions.ask();
  }

  /** Gives the node the configuration in force if it has another one. */
  async pushConfig(): Promise<void> {
    await this.#config.ask();
  }

  async #sync(): Promise<void> {
    const { nodes, nodeId } = this.#parts;
    const sessions = this.#parts.sessions();
    const row = await nodes.find(nodeId);
    if (row === undefined || row.tracing_available === 0 || sessions === null) return;
    const params = { revision: this.#revision++, sessions: await sessions.desiredOn(row) };
    const answer = syncResult(await this.peer.call(RPC_METHODS.syncSessions, params));
    if (!answer.ok) throw new Error('the node answered what is not understood');
    const states: SyncSessionsResult['sessions'] = answer.value.sessions;
    await sessions.onAnswer(nodeId, states);
  }

  async #push(): Promise<void> {
    const { nodes, configs, nodeId, logger } = this.#parts;
    const row = await nodes.find(nodeId);
    if (row === undefined) return;
    const config = await configs.get(row.control_plane_id);
    if (config === null || config.checked.hash === row.config_hash) return;
    const params = { hash: config.checked.hash, config: config.text };
    const result = (await this.peer.call(
      RPC_METHODS.applyConfig,
      params,
      APPLY_TIMEOUT_MS,
    )) as ApplyConfigResult;
    await nodes.change(nodeId, { config_hash: result.hash, last_seen_at: Date.now() });
    if (!result.applied)
      logger.log('error', 'node', `a node refused the configuration: ${result.error}`, { node: nodeId });
  }

  async #try(what: string, settling: Settling, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.peer.isClosed) return;
      const { logger, nodeId } = this.#parts;
      logger.log('warn', 'node', `${what} could not be given to a node: ${messageOf(error)}; trying again`, {
        node: nodeId,
      });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      settling.repeat();
    }
  }
}
