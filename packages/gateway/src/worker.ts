import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Logger } from '@gatescope/base';
import { UpstreamPool } from '@gatescope/http1';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import { CaptureMemory } from './capture/capture-memory.ts';
import { DetailQueue } from './capture/detail-queue.ts';
import { keyNamesOf } from './config/key-names.ts';
import { loadConfig } from './config/load-config.ts';
import { LogExporter } from './logging/log-exporter.ts';
import { NodeLog } from './logging/node-log.ts';
import { OwnMasking } from './logging/own-masking.ts';
import { type DebugLog, debugLogOf } from './logging/request-log.ts';
import { SanitizedLogger } from './logging/sanitized-logger.ts';
import { bundledPlugins, type PluginRegistry } from './plugins/registry.ts';
import { AccessLog } from './proxy/access-log.ts';
import { buildRuntime, EMPTY_CONFIG } from './proxy/build-runtime.ts';
import type { GatewayRuntime } from './proxy/gateway-runtime.ts';
import { Listeners } from './proxy/listeners.ts';
import type { RequestContext } from './proxy/request-context.ts';
import { RequestNumbers, type WorkerNumbers } from './proxy/request-numbers.ts';
import type { RequestView } from './proxy/request-view.ts';
import { Tunnels } from './proxy/tunnel.ts';
import type { GatewaySettings } from './settings/gateway-settings.ts';
import { registerPluginTracing } from './tracing/own-spans/plugin-tracing.ts';
import { SessionTracer } from './tracing/session-tracer.ts';
import type { TelemetryTarget } from './tracing/telemetry-sender.ts';
import { TraceExporter } from './tracing/trace-exporter.ts';
import { wallOffset } from './tracing/wall-offset.ts';
import { DnsClient } from './upstream/dns/dns-client.ts';
import { UpstreamTlsFactory } from './upstream/upstream-tls.ts';

export interface WorkerOptions {
  readonly settings: GatewaySettings;
  readonly version: string;
  readonly nodeId: string;
  readonly logger: Logger;
  /** What it may run; left out: what comes with the gateway. */
  readonly plugins?: PluginRegistry;
}

/** Longest wait for traces to be sent, and for plugins to send what they hold, when the worker ends, milliseconds. */
const EXPORT_DRAIN_MS = 5_000;

/** One process that serves traffic: its listeners, its configuration, its armed sessions. */
export class GatewayWorker implements RequestContext {
  readonly pool: UpstreamPool;
  readonly dns: DnsClient;
  readonly tunnels = new Tunnels();
  readonly upstreamTls: UpstreamTlsFactory;
  /** For lines of requests; see {@link nodeLog} for others. */
  readonly logger: Logger;
  readonly debugLog: DebugLog | null;
  readonly nodeLog: NodeLog;
  readonly product: string;
  readonly tracer: SessionTracer;
  /** What captured bodies take at the moment. */
  readonly captureMemory = new CaptureMemory();
  runtime: GatewayRuntime;
  readonly #settings: GatewaySettings;
  readonly #plugins: PluginRegistry;
  readonly #exporter: TraceExporter;
  readonly #details: DetailQueue;
  readonly #logExporter: LogExporter;
  readonly #ownLog: SanitizedLogger;
  readonly #accessLog: AccessLog | null;
  readonly #ownMasking: OwnMasking;
  readonly #listeners: Listeners;
  readonly #numbers = new RequestNumbers();
  /** Plugins of configurations that were replaced, as they let go. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(options: WorkerOptions) {
    const { settings } = options;
    registerPluginTracing();
    this.#settings = settings;
    this.#ownLog = new SanitizedLogger(options.logger, createSanitizer());
    this.logger = this.#ownLog;
    this.debugLog = debugLogOf(this.#ownLog);
    this.#logExporter = new LogExporter();
    this.nodeLog = new NodeLog(this.#ownLog, this.#logExporter, wallOffset);
    this.#plugins = options.plugins ?? bundledPlugins;
    this.product = `gatescope/${options.version}`;
    this.pool = new UpstreamPool({ ...settings.pool, limits: settings.clientLimits });
    this.dns = new DnsClient({ ...settings.dns, logger: this.nodeLog });
    this.upstreamTls = new UpstreamTlsFactory(settings.upstreamTls);
    this.#exporter = new TraceExporter(
      {
        'service.name': 'gatescope',
        'service.instance.id': options.nodeId,
        'service.version': options.version,
      },
      this.nodeLog,
    );
    this.#details = new DetailQueue(this.#exporter, this.nodeLog);
    this.tracer = new SessionTracer({
      exporter: this.#exporter,
      details: this.#details,
      memory: this.captureMemory,
      ownDebug: this.debugLog,
      onSessions: (sessions) => {
        this.nodeLog.listenFor(sessions);
        this.#ownMasking.maskFor(sessions.map(({ capture }) => capture.redact));
      },
    });
    this.#accessLog = settings.accessLog === null ? null : new AccessLog(settings.accessLog);
    this.#ownMasking = new OwnMasking((sanitizer) => {
      this.#ownLog.use(sanitizer);
      this.#accessLog?.use(sanitizer);
    });
    this.runtime = buildRuntime(EMPTY_CONFIG, settings, this.#plugins.order, this.nodeLog);
    this.#listeners = new Listeners(this, settings);
    this.#listeners.show(this.runtime);
  }

  /** Opens every listener and resolves with where they listen, in the order of the settings; rejects with the address that can't be had. */
  listen(): Promise<AddressInfo[]> {
    return this.#listeners.open();
  }

  /** Keys that all workers of the node seal session tickets with. */
  useTicketKeys(keys: Buffer): void {
    this.#listeners.useTicketKeys(keys);
  }

  /** Serves a configuration from now on; requests in flight end on the one they began with. Throws `invalid_config`. */
  apply(text: string): { hash: string; warnings: number } {
    const loaded = loadConfig(text, this.#plugins);
    if (!loaded.ok)
      throw new AppError('invalid_config', loaded.errors[0]?.message ?? 'the configuration is not valid', {
        details: loaded.errors,
      });
    const keyNames = keyNamesOf(loaded.config);
    this.#ownMasking.useKeyNames(keyNames);
    this.tracer.useKeyNames(keyNames);
    const previous = this.runtime;
    const runtime = buildRuntime(loaded.config, this.#settings, this.#plugins.order, this.nodeLog);
    this.#listeners.show(runtime);
    this.runtime = runtime;
    this.tracer.useSinks(runtime.chains.hasSpanSinks);
    // Plugins let go of timers at once; what requests in flight still need of them stays with those requests.
    this.#closing = Promise.all([this.#closing, previous.chains.close()]);
    this.nodeLog.keep('debug', 'config', `a worker serves configuration ${loaded.config.hash.slice(0, 12)}`, {
      routes: loaded.config.routes.length,
      services: loaded.config.services.length,
      plugins: loaded.config.plugins.length,
      pid: process.pid,
    });
    return { hash: loaded.config.hash, warnings: loaded.warnings.length };
  }

  syncSessions(sessions: readonly DesiredSession[]): SyncSessionsResult['sessions'] {
    return this.tracer.sync(sessions);
  }

  counts(): { id: string; counts: SessionCounts; disarmed: boolean; pending: number }[] {
    return this.tracer.counts();
  }

  setTelemetryTarget(target: TelemetryTarget): void {
    this.#exporter.setTarget(target);
    this.#logExporter.setTarget(target);
  }

  onRequestEnd(request: RequestView): void {
    this.#numbers.note(request.status);
    this.#accessLog?.write(request);
  }

  /** How busy it is and has been. */
  numbers(): WorkerNumbers {
    return this.#numbers.now(this.#listeners.connections);
  }

  /** Stops accepting, lets requests in flight end, sends what traces wait, closes what is open. */
  async drain(): Promise<void> {
    const { drainTimeoutMs } = this.#settings;
    await Promise.all([this.#listeners.close(drainTimeoutMs), this.tunnels.close(drainTimeoutMs)]);
    this.pool.close();
    this.dns.close();
    this.nodeLog.listenFor([]);
    await this.#details.idle();
    await Promise.all([this.#exporter.close(EXPORT_DRAIN_MS), this.#logExporter.close(EXPORT_DRAIN_MS)]);
    this.tracer.close();
    const closing = Promise.all([this.#closing, this.runtime.chains.close()]);
    await Promise.race([closing, delay(EXPORT_DRAIN_MS, undefined, { ref: false })]);
  }
}
