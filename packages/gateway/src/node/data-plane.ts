import { type LogAttributes, type Logger, type LogLevel, randomHex } from '@gatescope/base';
import type { ApplyConfigResult, SyncSessionsParams, SyncSessionsResult } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import { ControlLink } from '../control-link/control-link.ts';
import { SanitizedLogger } from '../logging/sanitized-logger.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { ClusterSettings, GatewaySettings } from '../settings/gateway-settings.ts';
import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';
import { DesiredSessions } from './desired-sessions.ts';
import { NodeConfig } from './node-config.ts';
import { NodeStatus } from './node-status.ts';
import { SessionReports } from './session-reports.ts';
import { removeStaleSocket } from './stale-sockets.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { type WorkerProgram, Workers } from './workers.ts';

export interface DataPlaneOptions {
  /** What its workers may run; left out: what comes with the gateway. */
  readonly plugins?: PluginRegistry;
  readonly settings: GatewaySettings;
  readonly version: string;
  readonly nodeId: string;
  readonly logger: Logger;
  /** What calls {@link runWorkerProcess}. */
  readonly worker: WorkerProgram;
  /** Where the last configuration is kept; null: nowhere. */
  readonly configCachePath: string | null;
}

/** How often the control plane is told how busy the node is. */
const STATUS_INTERVAL_MS = 10_000;

/** The primary process of a node: keeps its workers alive and speaks with the control plane for them. */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #logger: Logger;
  readonly #config: NodeConfig;
  readonly #workers: Workers;
  readonly #sessions = new DesiredSessions();
  readonly #reports: SessionReports;
  readonly #status: NodeStatus;
  #link: ControlLink | null = null;
  #target: TelemetryTarget | null = null;
  #statusTimer: NodeJS.Timeout | null = null;

  constructor(options: DataPlaneOptions) {
    const { settings } = options;
    this.#options = options;
    const ownLog = new SanitizedLogger(options.logger, createSanitizer());
    this.#logger = {
      log: (level, type, message, attributes) => {
        ownLog.log(level, type, message, attributes);
        this.#forward(level, type, message, attributes);
      },
    };
    this.#config = new NodeConfig({
      plugins: options.plugins,
      path: settings.declarativeConfig,
      cachePath: options.configCachePath,
      logger: this.#logger,
    });
    const epoch = randomHex(8);
    this.#reports = new SessionReports({
      isArmed: (id) => this.#sessions.isArmed(id),
      connection: () => {
        const link = this.#link;
        return link?.isConnected ? (sessions) => link.report({ epoch, sessions }) : null;
      },
    });
    this.#workers = new Workers(
      {
        count: settings.workers,
        program: options.worker,
        logger: this.#logger,
        drainTimeoutMs: settings.drainTimeoutMs,
      },
      {
        equip: (worker) => this.#equip(worker),
        onCounts: (worker, counts) => this.#reports.note(worker, counts),
        onExit: (worker) => {
          this.#reports.forget(worker);
          this.#status.forget(worker);
        },
      },
    );
    this.#status = new NodeStatus({
      nodeId: options.nodeId,
      version: options.version,
      config: this.#config,
      workers: this.#workers,
      sessions: this.#sessions,
      isConnected: () => this.#link?.isConnected ?? null,
    });
  }

  /** Starts the workers and, once they listen, the link to the control plane. Rejects where a listener can't be opened. */
  async start(): Promise<void> {
    const { settings } = this.#options;
    this.#config.load();
    for (const { path } of settings.listeners) if (path !== null) await removeStaleSocket(path);
    await this.#status.listen(settings.statusListeners);
    await this.#workers.start();
    if (settings.cluster !== null) this.#join(settings.cluster);
  }

  /** Puts a configuration in force on every worker; a wrong one changes nothing. */
  async applyConfig(text: string): Promise<ApplyConfigResult> {
    const refusal = (error: string) => ({ applied: false, hash: this.#config.hash, error });
    const check = this.#config.check(text);
    if (!check.ok) {
      const [first] = check.errors;
      return refusal(first === undefined ? 'not valid' : `${first.path ?? ''} ${first.message}`.trim());
    }
    const results = await Promise.all(this.#workers.alive.map((worker) => worker.apply(text)));
    const refused = results.find((result) => result.error !== null);
    if (refused?.error != null) return refusal(refused.error);
    this.#config.use(text, check.hash);
    this.#logger.log(
      'notice',
      'config',
      `serving configuration ${check.hash.slice(0, 12)} with ${check.routes.length} routes`,
    );
    return { applied: true, hash: check.hash, error: null };
  }

  /** Reads the file of `declarative_config` again (SIGHUP). */
  async reload(): Promise<void> {
    const text = this.#config.read();
    if (text === null) return;
    const result = await this.applyConfig(text);
    const path = this.#options.settings.declarativeConfig;
    if (!result.applied) this.#logger.log('error', 'config', `${path} was not loaded: ${result.error}`);
  }

  /** Lets every request end, sends what waits, and resolves when all workers have ended. */
  async stop(): Promise<void> {
    this.#status.stop();
    if (this.#statusTimer !== null) clearInterval(this.#statusTimer);
    await this.#workers.stop();
    await this.#reports.stop();
    this.#link?.close();
    this.#status.close();
  }

  /** Connects to the control plane, now and whenever the connection is lost. */
  #join(cluster: ClusterSettings): void {
    const { settings, nodeId, version } = this.#options;
    this.#statusTimer = setInterval(() => this.#link?.status(this.#status.load), STATUS_INTERVAL_MS);
    this.#statusTimer.unref();
    this.#link = new ControlLink(
      {
        cluster,
        activeTracing: settings.activeTracing,
        logger: this.#logger,
        hello: () => ({
          node_id: nodeId,
          hostname: settings.hostname,
          version,
          config_hash: this.#config.hash,
          workers: this.#workers.alive.length,
        }),
      },
      {
        applyConfig: (text) => this.applyConfig(text),
        syncSessions: (params) => this.#syncSessions(params),
        setTelemetryTarget: (target) => {
          this.#target = target;
          for (const worker of this.#workers.alive) worker.setTelemetryTarget(target);
        },
        onConnected: () => {
          this.#sessions.forgetRevision();
          this.#reports.tellAll();
          // The link knows the connection once this has been told.
          setImmediate(() => this.#link?.status(this.#status.load));
        },
        onLost: () => undefined,
      },
    );
  }

  /** Gives a new worker what the others have. */
  async #equip(worker: WorkerHandle): Promise<void> {
    const { text } = this.#config;
    if (text !== null) {
      const { error } = await worker.apply(text);
      if (error !== null) this.#logger.log('error', 'config', `a worker refused the configuration: ${error}`);
    }
    if (this.#target !== null) worker.setTelemetryTarget(this.#target);
    if (this.#sessions.all.length > 0) await worker.sync(this.#sessions.armed);
  }

  async #syncSessions(params: SyncSessionsParams): Promise<SyncSessionsResult> {
    this.#sessions.take(params);
    const answers = await Promise.all(this.#workers.alive.map((worker) => worker.sync(this.#sessions.armed)));
    const told = answers.filter((answer) => answer !== null);
    const states = this.#sessions.all.map(({ id }): SyncSessionsResult['sessions'][number] => {
      if (told.length === 0) return { id, state: 'refused', reason: 'no worker of the node answered' };
      const refusal = told.flat().find((one) => one.id === id && one.state === 'refused');
      return refusal ?? { id, state: 'armed', reason: null };
    });
    this.#reports.onSync();
    return { revision: this.#sessions.revision, sessions: states };
  }

  /** Sessions that capture logs get the primary's lines through one of the workers, which sends them on with its own. */
  #forward(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    if (this.#sessions.capturesLogs) this.#workers.listening?.log(level, type, message, attributes);
  }
}
