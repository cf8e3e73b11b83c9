import type { AddressInfo } from 'node:net';
import { AppError, type Logger, messageOf, randomHex } from '@gatescope/base';
import {
  HttpServer,
  type ProtocolError,
  type ServerExchange,
  type ServerTlsOptions,
  UpstreamPool,
} from '@gatescope/http1';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import { loadConfig } from './config/load-config.ts';
import { runCertificatePhase } from './pipeline/certificate-phase.ts';
import { pluginSchemas } from './plugins/registry.ts';
import { AccessLog } from './proxy/access-log.ts';
import { buildRuntime, EMPTY_CONFIG } from './proxy/build-runtime.ts';
import { CertificateStore } from './proxy/certificate-store.ts';
import { errorBody } from './proxy/error-response.ts';
import type { GatewayRuntime } from './proxy/gateway-runtime.ts';
import type { RequestContext } from './proxy/request-context.ts';
import { RequestRun } from './proxy/request-run.ts';
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
  #certificates: CertificateStore | null = null;
  #servers: HttpServer[] = [];

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
    this.#certificates = this.#certificatesOf(this.runtime);
  }

  /** Opens every listener and resolves with where they listen, in the order of the settings; rejects with the address that can't be had. */
  async listen(): Promise<AddressInfo[]> {
    const addresses: AddressInfo[] = [];
    for (const address of this.#settings.listeners) {
      const server = new HttpServer(
        {
          onRequest: (exchange) => this.#serve(exchange),
          renderError: (error, exchange) => this.#renderError(error, exchange),
          onHandshakeError: (message, client) =>
            this.logger.log('info', 'tls', `TLS handshake failed: ${message}`, { client }),
        },
        { limits: this.#settings.serverLimits, ...(address.ssl ? { tls: this.#tlsOptions() } : {}) },
      );
      try {
        addresses.push(await server.listen(address));
      } catch (error) {
        throw new AppError(
          'unavailable',
          `can't listen on ${address.host}:${address.port}: ${messageOf(error)}. Is another process using the port? Set KONG_PROXY_LISTEN to another one.`,
        );
      }
      this.#servers.push(server);
    }
    return addresses;
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
    this.#certificates = this.#certificatesOf(runtime);
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
    await Promise.all([
      ...this.#servers.map((server) => server.close(drainTimeoutMs)),
      this.tunnels.close(drainTimeoutMs),
    ]);
    this.pool.close();
    await this.#exporter.close(EXPORT_DRAIN_MS);
    this.runtime.chains.close();
  }

  #serve(exchange: ServerExchange): void {
    new RequestRun(this, exchange).start();
  }

  /** The answer to what the engine refuses: what is no request, takes too long, or is too large. */
  #renderError(
    { message, status }: ProtocolError,
    exchange: ServerExchange | null,
  ): { fields: string; body: string } {
    const run = exchange?.listener instanceof RequestRun ? exchange.listener : null;
    const id = run?.requestId ?? randomHex(16);
    if (run === null)
      this.logger.log('info', 'access', `request refused: ${message}`, { status, request_id: id });
    const { contentType, body } = errorBody(exchange?.headers.get('accept'), message, id);
    const { server, requestId } = this.runtime.ownHeaders;
    let fields = `Content-Type: ${contentType}\r\n`;
    if (server) fields += `Server: ${this.product}\r\n`;
    if (requestId) fields += `X-Kong-Request-Id: ${id}\r\n`;
    return { fields, body };
  }

  #certificatesOf(runtime: GatewayRuntime): CertificateStore | null {
    const { defaultCertificate } = this.#settings;
    return defaultCertificate === null
      ? null
      : new CertificateStore(runtime.config.certificates, defaultCertificate);
  }

  #tlsOptions(): ServerTlsOptions {
    if (this.#certificates === null)
      throw new AppError('invalid_config', 'a TLS listener needs KONG_SSL_CERT and KONG_SSL_CERT_KEY');
    return {
      defaultContext: this.#certificates.default,
      alpnProtocols: ['http/1.1'],
      selectContext: (serverName, clientAddress, note) => {
        const plugins = this.runtime.chains.certificate;
        const context = this.#certificates!.select(serverName);
        if (plugins.length === 0) return context;
        const onError = (plugin: string, message: string) =>
          this.logger.log('error', 'plugin', `plugin ${plugin} failed in phase certificate: ${message}`, {
            plugin,
            phase: 'certificate',
          });
        return runCertificatePhase(plugins, { serverName, clientAddress }, onError).then((runs) => {
          note(runs);
          return context;
        });
      },
    };
  }
}
