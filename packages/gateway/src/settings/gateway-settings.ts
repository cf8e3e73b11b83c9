import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { AppError, type LogLevel, messageOf } from '@gatescope/base';
import {
  CLIENT_LIMITS_DEFAULT,
  type ClientLimits,
  SERVER_LIMITS_DEFAULT,
  type ServerLimits,
} from '@gatescope/http1';
import type { PluginSettings } from '../plugins/custom-plugins.ts';
import type { BodyBuffering } from '../proxy/buffered-body.ts';
import type { ListenerTlsSettings } from '../proxy/certificate-store.ts';
import { type ClientIpPolicy, trustedNetworks } from '../proxy/client-ip.ts';
import type { NextUpstreamPolicy, OwnHeaders } from '../proxy/gateway-runtime.ts';
import type { DnsOptions } from '../upstream/dns/dns-client.ts';
import { readDnsSettings } from './dns-settings.ts';
import { type ListenAddress, parseListen } from './listen-address.ts';
import { SettingValues } from './setting-values.ts';

/** PEM of a certificate chain and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** The name that a certificate shared by control plane and nodes carries: Kong's. */
const SHARED_SERVER_NAME = 'kong_clustering';

/** How a node finds its control plane and shows who it is; null: there is none. */
export interface ClusterSettings {
  /** `host:port` of the control plane's cluster listener. */
  readonly controlPlane: string;
  /** `host:port` of the telemetry listener; the same where nothing else is said. */
  readonly telemetryEndpoint: string;
  /** What the control plane's certificate has to be for; empty: the address of {@link controlPlane}. */
  readonly serverName: string;
  readonly identity: KeyPair;
  /** PEM of the authority the control plane's certificate has to come from. */
  readonly ca: string;
  readonly rpcEnabled: boolean;
}

/** Everything that can be set on a data plane, checked. */
export interface GatewaySettings {
  readonly listeners: readonly ListenAddress[];
  /** Shown where a client sends no server name, or one without a certificate; null: TLS listeners can't be opened. */
  readonly defaultCertificate: KeyPair | null;
  readonly listenerTls: ListenerTlsSettings;
  readonly workers: number;
  readonly logLevel: LogLevel;
  /** Path, `/dev/stdout`, `/dev/stderr`, or null where it is off. */
  readonly accessLog: string | null;
  readonly ownHeaders: OwnHeaders;
  readonly nextUpstream: NextUpstreamPolicy;
  readonly clientIp: ClientIpPolicy;
  readonly bodyBuffering: BodyBuffering;
  readonly serverLimits: ServerLimits;
  readonly clientLimits: ClientLimits;
  readonly pool: {
    readonly idlePerTargetMax: number;
    readonly idleTimeoutMs: number;
    readonly requestsPerConnectionMax: number;
  };
  readonly dns: DnsOptions;
  readonly upstreamTls: {
    readonly trustedCertificates: string | null;
    readonly clientCertificate: KeyPair | null;
    readonly verifyByDefault: boolean;
  };
  readonly allowsConfiguredCode: boolean;
  readonly plugins: PluginSettings;
  /** Path of a kong.yml, or null. */
  readonly declarativeConfig: string | null;
  /** Where the node tells of itself, beside its traffic. */
  readonly statusListeners: readonly ListenAddress[];
  readonly activeTracing: boolean;
  readonly cluster: ClusterSettings | null;
  readonly nodeId: string | null;
  readonly hostname: string;
  /** How long a shutdown waits for requests in flight. */
  readonly drainTimeoutMs: number;
}

/** What the command that starts the gateway says where nobody set anything. */
export interface SettingDefaults {
  readonly proxyListen: string;
  readonly accessLog: string;
  readonly workers: number;
}

const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'] as const;

/**
 * Reads the settings from `KONG_*` variables and a `kong.conf`. Throws `invalid_config` with everything that is wrong; what is not known
 * comes back as warnings.
 */
export function readGatewaySettings(
  env: Readonly<Record<string, string | undefined>>,
  confText: string | null,
  defaults: SettingDefaults,
): { settings: GatewaySettings; warnings: readonly string[] } {
  const values = new SettingValues(env, confText);
  const read = new Reader(values);
  const settings: GatewaySettings = {
    listeners: read.listeners('proxy_listen', defaults.proxyListen),
    statusListeners: read.statusListeners(),
    defaultCertificate: read.keyPair('ssl_cert', 'ssl_cert_key'),
    listenerTls: read.listenerTls(),
    workers:
      values.text('nginx_worker_processes', 'auto') === 'auto'
        ? defaults.workers
        : values.integer('nginx_worker_processes', 1, 1, 256),
    logLevel: values.oneOf('log_level', LOG_LEVELS, 'notice'),
    accessLog: nullIfOff(values.text('proxy_access_log', defaults.accessLog)),
    ownHeaders: read.ownHeaders(),
    nextUpstream: read.nextUpstream(),
    clientIp: read.clientIp(),
    bodyBuffering: read.bodyBuffering(),
    serverLimits: read.serverLimits(),
    clientLimits: CLIENT_LIMITS_DEFAULT,
    pool: {
      idlePerTargetMax: values.integer('upstream_keepalive_pool_size', 512, 0, 100_000),
      idleTimeoutMs: values.durationMs('upstream_keepalive_idle_timeout', 60_000),
      requestsPerConnectionMax: values.integer('upstream_keepalive_max_requests', 10_000, 0, 1_000_000_000),
    },
    dns: readDnsSettings(values),
    upstreamTls: {
      trustedCertificates: read.trustedCertificates(),
      clientCertificate: values.flag('client_ssl', false)
        ? read.keyPair('client_ssl_cert', 'client_ssl_cert_key')
        : null,
      verifyByDefault: values.flag('nginx_proxy_proxy_ssl_verify', false),
    },
    allowsConfiguredCode: values.oneOf('untrusted_lua', ['on', 'off', 'sandbox'], 'on') !== 'off',
    plugins: pluginSettingsOf(values),
    declarativeConfig: values.text('declarative_config', null),
    activeTracing: values.flag('active_tracing', true),
    cluster: read.cluster(),
    nodeId: values.text('node_id', null),
    hostname: hostname(),
    drainTimeoutMs: values.durationMs('nginx_main_worker_shutdown_timeout', 10_000),
  };
  for (const key of KEPT_FOR_KONG) values.has(key);
  if (values.errors.length > 0) {
    const lines = values.errors.map((error) => `${error.path ?? `line ${error.line}`}: ${error.message}`);
    throw new AppError(
      'invalid_config',
      `the settings have ${lines.length === 1 ? 'an error' : `${lines.length} errors`}: ${lines.join('; ')}`,
      {
        details: values.errors,
      },
    );
  }
  return { settings, warnings: values.unknown() };
}

/** The settings of plugins alone, for those who check configurations without serving them. */
export function readPluginSettings(
  env: Readonly<Record<string, string | undefined>>,
  confText: string | null = null,
): PluginSettings {
  return pluginSettingsOf(new SettingValues(env, confText));
}

function pluginSettingsOf(values: SettingValues): PluginSettings {
  return { names: values.list('plugins', ['bundled']), directory: values.text('plugins_dir', null) };
}

/** Keys of Kong that say what is so here anyway. */
const KEPT_FOR_KONG = [
  'database',
  'role',
  'prefix',
  'admin_listen',
  'stream_listen',
  'nginx_daemon',
  'admin_access_log',
  'admin_error_log',
  'proxy_error_log',
  'anonymous_reports',
  'lua_package_path',
  'router_flavor',
];

/** Versions of TLS that a listener may speak. */
const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

function nullIfOff(text: string): string | null {
  return text === 'off' ? null : text;
}

/** Settings made of several keys. */
class Reader {
  readonly #values: SettingValues;

  constructor(values: SettingValues) {
    this.#values = values;
  }

  listeners(key: string, fallback: string): ListenAddress[] {
    try {
      return parseListen(this.#values.text(key, fallback));
    } catch (error) {
      this.#values.wrong(key, messageOf(error));
      return [];
    }
  }

  statusListeners(): ListenAddress[] {
    const addresses = this.listeners('status_listen', 'off');
    if (addresses.some(({ ssl }) => ssl))
      this.#values.wrong(
        'status_listen',
        'is served without TLS: leave ssl out, and listen where only the monitoring gets',
      );
    if (addresses.some(({ path }) => path !== null))
      this.#values.wrong('status_listen', 'is not served over Unix sockets; write host:port');
    return addresses;
  }

  file(key: string): string | null {
    const path = this.#values.text(key, null);
    if (path === null) return null;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      this.#values.wrong(key, `${path} can't be read: ${messageOf(error)}`);
      return null;
    }
  }

  keyPair(certKey: string, keyKey: string): KeyPair | null {
    const cert = this.file(certKey);
    const key = this.file(keyKey);
    if (cert !== null && key !== null) return { cert, key };
    if (cert !== null || key !== null)
      this.#values.wrong(cert === null ? certKey : keyKey, `${certKey} and ${keyKey} are set together`);
    return null;
  }

  listenerTls(): ListenerTlsSettings {
    const values = this.#values;
    const told = values.list('ssl_protocols', ['TLSv1.2 TLSv1.3']).flatMap((entry) => entry.split(/\s+/));
    const spoken = TLS_VERSIONS.filter((version) => told.includes(version));
    const unknown = told.find((version) => !TLS_VERSIONS.some((known) => known === version));
    if (unknown !== undefined)
      values.wrong('ssl_protocols', `${unknown} is not spoken; known: ${TLS_VERSIONS.join(', ')}`);
    return {
      minVersion: spoken[0] ?? 'TLSv1.2',
      maxVersion: spoken.at(-1) ?? 'TLSv1.3',
      sessionTimeoutS: Math.max(1, Math.round(values.durationMs('ssl_session_timeout', 86_400_000) / 1_000)),
    };
  }

  ownHeaders(): OwnHeaders {
    const told = this.#values
      .list('headers', ['server_tokens', 'latency_tokens', 'x-kong-request-id'])
      .map((one) => one.toLowerCase());
    const upstream = this.#values
      .list('headers_upstream', ['x-kong-request-id'])
      .map((one) => one.toLowerCase());
    const has = (name: string, group: string) => told.includes(name) || told.includes(group);
    const single = (name: string) => has(name, name);
    const latency = (of: string) => has(`x-kong-${of}-latency`, 'latency_tokens');
    const own = {
      server: has('server', 'server_tokens'),
      via: has('via', 'server_tokens'),
      proxyLatency: latency('proxy'),
      upstreamLatency: latency('upstream'),
      responseLatency: latency('response'),
      upstreamStatus: single('x-kong-upstream-status'),
      requestId: single('x-kong-request-id'),
    };
    const replaced = [
      ...(own.proxyLatency ? ['x-kong-proxy-latency'] : []),
      ...(own.upstreamLatency ? ['x-kong-upstream-latency'] : []),
      ...(own.upstreamStatus ? ['x-kong-upstream-status'] : []),
      ...(own.requestId ? ['x-kong-request-id'] : []),
    ];
    return {
      ...own,
      requestIdUpstream: upstream.includes('x-kong-request-id'),
      replaced: new Set(replaced),
    };
  }

  nextUpstream(): NextUpstreamPolicy {
    const words = this.#values.text('nginx_proxy_proxy_next_upstream', 'error timeout').split(/\s+/);
    const off = words.includes('off');
    return {
      onError: !off && words.includes('error'),
      onTimeout: !off && words.includes('timeout'),
      onInvalidHeader: !off && words.includes('invalid_header'),
      statuses: new Set(
        off ? [] : words.filter((word) => /^http_\d{3}$/.test(word)).map((word) => Number(word.slice(5))),
      ),
      nonIdempotent: !off && words.includes('non_idempotent'),
    };
  }

  clientIp(): ClientIpPolicy {
    const entries = this.#values.list('trusted_ips', []);
    let trusted: ClientIpPolicy['trusted'] = null;
    try {
      trusted = trustedNetworks(entries.filter((entry) => entry !== 'unix:'));
    } catch (error) {
      this.#values.wrong('trusted_ips', messageOf(error));
    }
    return {
      trusted,
      trustsUnix: entries.includes('unix:'),
      header: this.#values.text('real_ip_header', 'X-Real-IP').toLowerCase(),
      recursive: this.#values.flag('real_ip_recursive', false),
    };
  }

  bodyBuffering(): BodyBuffering {
    const key = 'nginx_http_client_body_temp_path';
    // nginx takes the depth of subdirectories behind the path, which say nothing here.
    const told = this.#values.text(key, null)?.split(/\s+/)[0];
    if (told !== undefined) {
      try {
        if (!statSync(told).isDirectory()) throw new Error('it is no directory');
        accessSync(told, constants.W_OK | constants.X_OK);
      } catch (error) {
        this.#values.wrong(key, `${told} can't take request bodies: ${messageOf(error)}`);
      }
    }
    return {
      byDefault: this.#values.flag('nginx_proxy_proxy_request_buffering', false),
      memoryBytesMax: this.#values.bytes('nginx_http_client_body_buffer_size', 8_192),
      directory: told ?? tmpdir(),
    };
  }

  serverLimits(): ServerLimits {
    const values = this.#values;
    const limits = SERVER_LIMITS_DEFAULT;
    const headerBytes = values.text('nginx_http_large_client_header_buffers', null)?.split(/\s+/)[1];
    const headerBytesMax =
      headerBytes === undefined
        ? limits.headerBytesMax
        : new SettingValues({ KONG_SIZE: headerBytes }, null).bytes('size', limits.headerBytesMax);
    return {
      ...limits,
      requestLineBytesMax: headerBytesMax,
      headerBytesMax,
      headBytesMax: Math.max(limits.headBytesMax, headerBytesMax * 2),
      headerCountMax: values.integer('nginx_http_max_headers', limits.headerCountMax, 1, 1_000),
      bodyBytesMax: values.bytes('nginx_http_client_max_body_size', limits.bodyBytesMax),
      headersTimeoutMs: values.durationMs('nginx_http_client_header_timeout', limits.headersTimeoutMs),
      bodyTimeoutMs: values.durationMs('nginx_http_client_body_timeout', limits.bodyTimeoutMs),
      sendTimeoutMs: values.durationMs('nginx_http_send_timeout', limits.sendTimeoutMs),
      keepAliveTimeoutMs: values.durationMs('nginx_http_keepalive_timeout', limits.keepAliveTimeoutMs),
      requestsPerConnectionMax: values.integer(
        'nginx_http_keepalive_requests',
        limits.requestsPerConnectionMax,
        1,
        1_000_000_000,
      ),
      connectionsMax: values.integer('nginx_events_worker_connections', limits.connectionsMax, 1, 1_000_000),
    };
  }

  trustedCertificates(): string | null {
    const paths = this.#values
      .list('lua_ssl_trusted_certificate', ['system'])
      .filter((path) => path !== 'system');
    if (paths.length === 0) return null;
    return paths
      .map((path) => {
        try {
          return readFileSync(path, 'utf8');
        } catch (error) {
          this.#values.wrong('lua_ssl_trusted_certificate', `${path} can't be read: ${messageOf(error)}`);
          return '';
        }
      })
      .join('\n');
  }

  cluster(): ClusterSettings | null {
    const values = this.#values;
    const rpcEnabled = values.flag('cluster_rpc', true);
    const controlPlane = values.text('cluster_control_plane', null);
    const telemetryEndpoint = values.text('cluster_telemetry_endpoint', controlPlane);
    const identity = this.keyPair('cluster_cert', 'cluster_cert_key');
    const authority = this.file('cluster_ca_cert');
    const named = values.text('cluster_server_name', null);
    // Who gives an authority or a name without saying which mode means PKI.
    const mode = values.oneOf(
      'cluster_mtls',
      ['shared', 'pki'],
      authority === null && named === null ? 'shared' : 'pki',
    );
    const ca = authority ?? identity?.cert ?? null;
    const host = controlPlane?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1') ?? '';
    // An address is no server name (RFC 6066 section 3); the certificate is held against the address that is connected to.
    const serverName = mode === 'shared' ? SHARED_SERVER_NAME : (named ?? (isIP(host) === 0 ? host : ''));
    if (controlPlane === null) return null;
    if (identity === null || ca === null) {
      values.wrong(
        'cluster_cert',
        'a node of a control plane needs KONG_CLUSTER_CERT and KONG_CLUSTER_CERT_KEY',
      );
      return null;
    }
    return { controlPlane, telemetryEndpoint: telemetryEndpoint!, serverName, identity, ca, rpcEnabled };
  }
}
