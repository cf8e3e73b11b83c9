import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { StatusParams } from '@gatescope/protocol';
import type { ListenAddress } from '../settings/listen-address.ts';
import type { DesiredSessions } from './desired-sessions.ts';
import type { NodeConfig } from './node-config.ts';
import { NodeMetrics } from './node-metrics.ts';
import { StatusServer } from './status-server.ts';
import type { Workers } from './workers.ts';

export interface NodeStatusOptions {
  readonly nodeId: string;
  readonly version: string;
  readonly config: NodeConfig;
  readonly workers: Workers;
  readonly sessions: DesiredSessions;
  /** Null: the node has no control plane. */
  readonly isConnected: () => boolean | null;
}

/** How a node is: for whoever asks its status listener, and for the control plane. */
export class NodeStatus {
  readonly #options: NodeStatusOptions;
  readonly #metrics = new NodeMetrics();
  readonly #server = new StatusServer({
    missing: () => this.#missing(),
    describe: () => this.#describe(),
    metrics: () => this.#metricsText(),
  });
  #isStopping = false;

  constructor(options: NodeStatusOptions) {
    this.#options = options;
  }

  /** Answers on these addresses from now on; rejects where one can't be had. */
  async listen(addresses: readonly ListenAddress[]): Promise<void> {
    await this.#server.listen(addresses);
  }

  /** The node shuts down: it is not ready for traffic any more, and says so until {@link close}. */
  stop(): void {
    this.#isStopping = true;
  }

  close(): void {
    this.#server.close();
  }

  /** A worker is gone. */
  forget(worker: object): void {
    this.#metrics.forget(worker);
  }

  /** How busy it is, for the control plane. */
  get load(): StatusParams {
    return {
      config_hash: this.#options.config.hash,
      workers: this.#options.workers.alive.length,
      load: {
        cpus: availableParallelism(),
        load_average_1m: loadavg()[0]!,
        memory_used_fraction: 1 - freemem() / totalmem(),
        uptime_seconds: Math.round(process.uptime()),
      },
    };
  }

  /** What is missing before it serves traffic; null: nothing. */
  #missing(): string | null {
    if (this.#isStopping) return 'the node is shutting down';
    if (this.#options.workers.listening === undefined) return 'no worker listens yet';
    return this.#options.config.text === null ? 'no configuration has come from the control plane yet' : null;
  }

  #describe(): Record<string, unknown> {
    const { nodeId, version, config, workers, sessions, isConnected } = this.#options;
    return {
      node_id: nodeId,
      version,
      config_hash: config.hash,
      workers: workers.alive.length,
      control_plane_connected: isConnected(),
      sessions_armed: sessions.armed.length,
      uptime_seconds: Math.round(process.uptime()),
    };
  }

  async #metricsText(): Promise<string> {
    const { version, config, workers, sessions, isConnected } = this.#options;
    const asked = await Promise.all(
      workers.alive.map(async (worker) => [worker, await worker.numbers()] as const),
    );
    return this.#metrics.text(
      {
        version,
        configHash: config.hash,
        workers: workers.alive.length,
        workersReplaced: workers.replaced,
        isConnected: isConnected(),
        armedSessions: sessions.armed.length,
      },
      new Map(asked.flatMap(([worker, numbers]) => (numbers === null ? [] : [[worker, numbers] as const]))),
    );
  }
}
