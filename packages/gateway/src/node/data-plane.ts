import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import {
  AppError,
  type LogAttributes,
  type Logger,
  type LogLevel,
  messageOf,
  randomHex,
} from '@gatescope/base';
import type {
  ApplyConfigResult,
  DesiredSession,
  SyncSessionsParams,
  SyncSessionsResult,
} from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import { checkConfig } from '../config/check-config.ts';
import { ControlLink } from '../control-link/control-link.ts';
import { SanitizedLogger } from '../logging/sanitized-logger.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { TICKET_KEY_BYTES } from '../proxy/certificate-store.ts';
import type { GatewaySettings } from '../settings/gateway-settings.ts';
import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';
import { ConfigCache } from './config-cache.ts';
import { NodeMetrics } from './node-metrics.ts';
import { SessionCounters } from './session-counters.ts';
import { removeStaleSocket } from './stale-sockets.ts';
import { StatusServer } from './status-server.ts';
import { WorkerHandle } from './worker-handle.ts';

export interface DataPlaneOptions {
  /** What its workers may run; left out: what comes with the gateway. */
  readonly plugins?: PluginRegistry;
  readonly settings: GatewaySettings;
  readonly version: string;
  readonly nodeId: string;
  readonly logger: Logger;
  /** Program and arguments of a worker process, which calls {@link runWorkerProcess}. */
  readonly worker: {
    readonly program: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Where the last configuration is kept; null: nowhere. */
  readonly configCachePath: string | null;
}

/** Pause before a worker that ended is replaced; doubled for each that ends within {@link WORKER_SETTLED_MS}. */
const RESTART_MS = 100;
const RESTART_MAX_MS = 5_000;
const WORKER_SETTLED_MS = 10_000;
/** Session tickets are sealed with new keys this often: a session older than its keys is begun anew. */
const TICKET_KEYS_MS = 12 * 3_600_000;
/** Reports to the control plane are at least this far apart, milliseconds. */
const REPORT_INTERVAL_MS = 80;
/** How often the control plane is told how busy the node is. */
const STATUS_INTERVAL_MS = 10_000;

/** The primary process of a node: keeps its workers alive and speaks with the control plane for them. */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #logger: Logger;
  readonly #ownLog: SanitizedLogger;
  readonly #workers = new Map<WorkerHandle, number>();
  readonly #counters = new SessionCounters();
  readonly #cache: ConfigCache;
  readonly #metrics = new NodeMetrics();
  readonly #statusServer = new StatusServer({
    missing: () => this.#missing(),
    describe: () => this.#describe(),
    metrics: () => this.#metricsText(),
  });
  readonly #epoch = randomHex(8);
  #link: ControlLink | null = null;
  #config: { text: string; hash: string } | null = null;
  #sessions: { session: DesiredSession; deadlineMs: number }[] = [];
  #revision = -1;
  #target: TelemetryTarget | null = null;
  #ticketKeys = randomBytes(TICKET_KEY_BYTES);
  #ticketTimer: NodeJS.Timeout | null = null;
  #quickEnds = 0;
  #workersReplaced = 0;
  #stopping = false;
  #reportTimer: NodeJS.Timeout | null = null;
  #reporting = false;
  #statusTimer: NodeJS.Timeout | null = null;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#ownLog = new SanitizedLogger(options.logger, createSanitizer());
    this.#logger = {
      log: (level, type, message, attributes) => {
        this.#ownLog.log(level, type, message, attributes);
        this.#forward(level, type, message, attributes);
      },
    };
    this.#cache = new ConfigCache(options.configCachePath);
  }

  /** Starts the workers and, once they listen, the link to the control plane. Rejects where a listener can't be opened. */
  async start(): Promise<void> {
    const { settings, worker } = this.#options;
    this.#loadConfig();
    cluster.setupPrimary({ exec: worker.program, args: [...worker.args] });
    this.#ticketTimer = setInterval(() => this.#renewTicketKeys(), TICKET_KEYS_MS);
    for (const { path } of settings.listeners) if (path !== null) await removeStaleSocket(path);
    await this.#statusServer.listen(settings.statusListeners);
    await Promise.all(Array.from({ length: settings.workers }, () => this.#startWorker()));
    if (settings.cluster === null) return;
    this.#statusTimer = setInterval(() => this.#tellStatus(), STATUS_INTERVAL_MS);
    this.#statusTimer.unref();
    this.#link = new ControlLink(
      {
        cluster: settings.cluster,
        activeTracing: settings.activeTracing,
        logger: this.#logger,
        hello: () => ({
          node_id: this.#options.nodeId,
          hostname: settings.hostname,
          version: this.#options.version,
          config_hash: this.#config?.hash ?? null,
          workers: this.#workers.size,
        }),
      },
      {
        applyConfig: (text) => this.applyConfig(text),
        syncSessions: (params) => this.#syncSessions(params),
        setTelemetryTarget: (target) => {
          this.#target = target;
          for (const handle of this.#workers.keys()) handle.setTelemetryTarget(target);
        },
        onConnected: () => {
          // The other side may be another control plane, or a restarted one: its revisions begin anew.
          this.#revision = -1;
          this.#counters.markAll();
          this.#scheduleReport();
          // The link knows the connection once this has been told.
          setImmediate(() => this.#tellStatus());
        },
        onLost: () => undefined,
      },
    );
  }

  /** Puts a configuration in force on every worker; a wrong one changes nothing. */
  async applyConfig(text: string): Promise<ApplyConfigResult> {
    const check = checkConfig(text, this.#options.plugins);
    if (!check.ok) {
      const [first] = check.errors;
      return {
        applied: false,
        hash: this.#config?.hash ?? null,
        error: first === undefined ? 'not valid' : `${first.path ?? ''} ${first.message}`.trim(),
      };
    }
    const results = await Promise.all([...this.#workers.keys()].map((worker) => worker.apply(text)));
    const refused = results.find((result) => result.error !== null);
    if (refused !== undefined)
      return { applied: false, hash: this.#config?.hash ?? null, error: refused.error };
    this.#config = { text, hash: check.hash };
    try {
      this.#cache.save(text);
    } catch (error) {
      this.#logger.log(
        'warn',
        'config',
        `the configuration could not be kept for the next start: ${messageOf(error)}`,
      );
    }
    this.#logger.log(
      'notice',
      'config',
      `serving configuration ${check.hash.slice(0, 12)} with ${check.routes.length} routes`,
    );
    return { applied: true, hash: check.hash, error: null };
  }

  /** Reads the file of `declarative_config` again (SIGHUP). */
  async reload(): Promise<void> {
    const path = this.#options.settings.declarativeConfig;
    if (path === null) return;
    const result = await this.applyConfig(readFileSync(path, 'utf8'));
    if (!result.applied) this.#logger.log('error', 'config', `${path} was not loaded: ${result.error}`);
  }

  /** Lets every request end, sends what waits, and resolves when all workers have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#statusTimer !== null) clearInterval(this.#statusTimer);
    if (this.#ticketTimer !== null) clearInterval(this.#ticketTimer);
    const ended = [...this.#workers.keys()].map((worker) => {
      worker.drain();
      return new Promise<void>((resolve) => this.#onGone.set(worker, resolve));
    });
    const timeout = setTimeout(() => {
      for (const worker of this.#workers.keys()) worker.kill();
    }, this.#options.settings.drainTimeoutMs + 10_000);
    await Promise.all(ended);
    clearTimeout(timeout);
    await this.#report();
    this.#link?.close();
    this.#statusServer.close();
  }

  readonly #onGone = new Map<WorkerHandle, () => void>();

  #loadConfig(): void {
    const { declarativeConfig } = this.#options.settings;
    const text = declarativeConfig === null ? this.#cache.load() : readFileSync(declarativeConfig, 'utf8');
    if (text === null) return;
    const check = checkConfig(text, this.#options.plugins);
    if (check.ok) {
      this.#config = { text, hash: check.hash };
      return;
    }
    if (declarativeConfig !== null) {
      throw new AppError(
        'invalid_config',
        `${declarativeConfig} is not valid: ${check.errors[0]?.message ?? ''}`,
        { details: check.errors },
      );
    }
  }

  #startWorker(): Promise<void> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const handle = new WorkerHandle(this.#options.worker.env, {
        onListening: (worker) => void this.#equip(worker).then(resolve),
        onFailed: (worker, message) => {
          this.#workers.delete(worker);
          this.#logger.log('crit', 'worker', message);
          worker.kill();
          reject(new AppError('unavailable', message));
        },
        onCounts: (worker, counts) => {
          this.#counters.note(worker, counts);
          this.#scheduleReport();
        },
        onExit: (worker, how) => {
          this.#counters.forget(worker);
          this.#metrics.forget(worker);
          this.#scheduleReport();
          this.#onGone.get(worker)?.();
          if (!this.#workers.delete(worker) || this.#stopping) return;
          this.#quickEnds = performance.now() - startedMs < WORKER_SETTLED_MS ? this.#quickEnds + 1 : 0;
          const waitMs = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** Math.max(0, this.#quickEnds - 1));
          this.#logger.log(
            'alert',
            'worker',
            `worker ${worker.pid ?? ''} ended with ${how}; another one starts in ${waitMs} ms`,
          );
          this.#workersReplaced++;
          setTimeout(() => {
            if (!this.#stopping) this.#startWorker().catch(() => undefined);
          }, waitMs);
          resolve();
        },
      });
      this.#workers.set(handle, startedMs);
    });
  }

  #renewTicketKeys(): void {
    this.#ticketKeys = randomBytes(TICKET_KEY_BYTES);
    for (const worker of this.#workers.keys()) worker.useTicketKeys(this.#ticketKeys);
  }

  /** Gives a new worker what the others have. */
  async #equip(worker: WorkerHandle): Promise<void> {
    worker.useTicketKeys(this.#ticketKeys);
    if (this.#config !== null) {
      const { error } = await worker.apply(this.#config.text);
      if (error !== null) this.#logger.log('error', 'config', `a worker refused the configuration: ${error}`);
    }
    if (this.#target !== null) worker.setTelemetryTarget(this.#target);
    if (this.#sessions.length > 0) await worker.sync(this.#remaining());
  }

  async #syncSessions({ revision, sessions }: SyncSessionsParams): Promise<SyncSessionsResult> {
    const nowMs = performance.now();
    if (revision >= this.#revision) {
      this.#revision = revision;
      this.#sessions = sessions.map((session) => ({ session, deadlineMs: nowMs + session.remaining_ms }));
    }
    const answers = await Promise.all(
      [...this.#workers.keys()].map((worker) => worker.sync(this.#remaining())),
    );
    const told = answers.filter((answer) => answer !== null);
    const states = this.#sessions.map(({ session }): SyncSessionsResult['sessions'][number] => {
      const refusal = told.flatMap((answer) =>
        answer.filter((one) => one.id === session.id && one.state === 'refused'),
      )[0];
      if (told.length === 0)
        return { id: session.id, state: 'refused', reason: 'no worker of the node answered' };
      return refusal ?? { id: session.id, state: 'armed', reason: null };
    });
    this.#scheduleReport();
    return { revision: this.#revision, sessions: states };
  }

  /** Sessions that capture logs get the primary's lines through one of the workers, which sends them on with its own. */
  #forward(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    if (!this.#sessions.some(({ session }) => session.capture.logs !== false)) return;
    for (const worker of this.#workers.keys()) {
      if (!worker.isListening) continue;
      worker.log(level, type, message, attributes);
      return;
    }
  }

  #remaining(): DesiredSession[] {
    const nowMs = performance.now();
    return this.#sessions
      .map(({ session, deadlineMs }) => ({ ...session, remaining_ms: Math.max(0, deadlineMs - nowMs) }))
      .filter((session) => session.remaining_ms > 0);
  }

  /** What is missing before it serves traffic; null: nothing. */
  #missing(): string | null {
    if (this.#stopping) return 'the node is shutting down';
    if (![...this.#workers.keys()].some((worker) => worker.isListening)) return 'no worker listens yet';
    return this.#config === null ? 'no configuration has come from the control plane yet' : null;
  }

  #describe(): Record<string, unknown> {
    return {
      node_id: this.#options.nodeId,
      version: this.#options.version,
      config_hash: this.#config?.hash ?? null,
      workers: this.#workers.size,
      control_plane_connected: this.#link?.isConnected ?? null,
      sessions_armed: this.#remaining().length,
      uptime_seconds: Math.round(process.uptime()),
    };
  }

  async #metricsText(): Promise<string> {
    const asked = await Promise.all(
      [...this.#workers.keys()].map(async (worker) => [worker, await worker.numbers()] as const),
    );
    return this.#metrics.text(
      {
        version: this.#options.version,
        configHash: this.#config?.hash ?? null,
        workers: this.#workers.size,
        workersReplaced: this.#workersReplaced,
        isConnected: this.#link?.isConnected ?? null,
        armedSessions: this.#remaining().length,
      },
      new Map(asked.flatMap(([worker, numbers]) => (numbers === null ? [] : [[worker, numbers] as const]))),
    );
  }

  #tellStatus(): void {
    this.#link?.status({
      config_hash: this.#config?.hash ?? null,
      workers: this.#workers.size,
      load: {
        cpus: availableParallelism(),
        load_average_1m: loadavg()[0]!,
        memory_used_fraction: 1 - freemem() / totalmem(),
        uptime_seconds: Math.round(process.uptime()),
      },
    });
  }

  #scheduleReport(): void {
    if (this.#reportTimer !== null || this.#stopping) return;
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = null;
      void this.#report();
    }, REPORT_INTERVAL_MS);
  }

  async #report(): Promise<void> {
    const link = this.#link;
    if (link === null || !link.isConnected || this.#reporting || !this.#counters.hasChanges) return;
    const sessions = this.#counters.take((id) =>
      this.#sessions.some((one) => one.session.id === id && one.deadlineMs > performance.now()),
    );
    this.#reporting = true;
    try {
      await link.report({ epoch: this.#epoch, sessions });
      this.#counters.settled(sessions.filter((one) => one.disarmed).map((one) => one.id));
    } catch {
      this.#counters.retry(sessions.map((one) => one.id));
    } finally {
      this.#reporting = false;
      if (this.#counters.hasChanges) this.#scheduleReport();
    }
  }
}
