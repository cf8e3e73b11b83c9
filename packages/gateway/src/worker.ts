import type { AddressInfo } from 'node:net';
import { AppError, type Logger } from '@gatescope/base';
import { UpstreamPool } from '@gatescope/http1';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import { loadConfig } from './config/load-config.ts';
import { pluginSchemas } from './plugins/registry.ts';
import { AccessLog } from './proxy/access-log.ts';
import { buildRuntime, EMPTY_CONFIG } from './proxy/build-runtime.ts';
import type { GatewayRuntime } from './proxy/gateway-runtime.ts';
import { Listeners } from './proxy/listeners.ts';
import type { RequestContext } from './proxy/request-context.ts';
import type { RequestView } from './proxy/request-view.ts';
import { Tunnels } from './proxy/tunnel.ts';
import type { GatewaySettings } from './settings/gateway-settings.ts';
import { SessionTracer } from './tracing/session-tracer.ts';
import { type TelemetryTarget, TraceExporter } from './tracing/trace-exporter.ts';
import { DnsClient } from './upstream/dns-client.ts';
import { UpstreamTlsFactory } from './upstream/upstream-tls.ts';

export interface WorkerOptions {
  readonly settings: GatewaySettings;
  readonly version: string;
  readonly nodeId: string;
  readonly logger: Logger;
}

/** Longest wait for traces to be sent when the worker ends, milliseconds. */
const EXPORT_DRAIN_MS = 5_000;

/** One process that serves traffic: its listeners, its configuration, its armed sessions. */
export class GatewayWorker implements RequestContext {
  readonly pool: UpstreamPool;
  readonly dns: DnsClient;
  readonly tunnels = new Tunnels();
  readonly upstreamTls: UpstreamTlsFactory;
  readonly logger: Logger;
  readonly product: string;
  readonly tracer: SessionTracer;
  runtime: GatewayRuntime;
  readonly #settings: GatewaySettings;
  readonly #exporter: TraceExporter;
  readonly #accessLog: AccessLog | null;
  readonly #listeners: Listeners;

  constructor(options: WorkerOptions) {
    const { settings } = options;
    this.#settings = settings;
    this.logger = options.logger;
    this.product = `gatescope/${options.version}`;
    this.pool = new UpstreamPool({ ...settings.pool, limits: settings.clientLimits });
    this.dns = new DnsClient(settings.dns);
    this.upstreamTls = new UpstreamTlsFactory(settings.upstreamTls);
    this.#exporter = new TraceExporter(
      {
        'service.name': 'gatescope',
        'service.instance.id': options.nodeId,
        'service.version': options.version,
      },
      options.logger,
    );
    this.tracer = new SessionTracer(this.#exporter);
    this.#accessLog = settings.accessLog === null ? null : new AccessLog(settings.accessLog);
    this.runtime = buildRuntime(EMPTY_CONFIG, settings);
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
    const loaded = loadConfig(text, pluginSchemas);
    if (!loaded.ok)
      throw new AppError('invalid_config', loaded.errors[0]?.message ?? 'the configuration is not valid', {
        details: loaded.errors,
      });
    const previous = this.runtime;
    const runtime = buildRuntime(loaded.config, this.#settings);
    this.#listeners.show(runtime);
    this.runtime = runtime;
    // Plugins let go of timers at once; what requests in flight still need of them stays with those requests.
    previous.chains.close();
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
  }

  onRequestEnd(request: RequestView): void {
    this.#accessLog?.write(request);
  }

  /** Stops accepting, lets requests in flight end, sends what traces wait, closes what is open. */
  async drain(): Promise<void> {
    const { drainTimeoutMs } = this.#settings;
    await Promise.all([this.#listeners.close(drainTimeoutMs), this.tunnels.close(drainTimeoutMs)]);
    this.pool.close();
    await this.#exporter.close(EXPORT_DRAIN_MS);
    this.runtime.chains.close();
  }
}
