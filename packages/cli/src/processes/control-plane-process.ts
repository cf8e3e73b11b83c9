import { existsSync, readFileSync } from 'node:fs';
import { AppError, isLogLevel, messageOf } from '@gatescope/base';
import { ControlPlaneServer, readOidcSettings } from '@gatescope/control-plane';
import { checkConfig, loadPlugins, readPluginSettings } from '@gatescope/gateway';
import { RETENTION_DAYS } from '@gatescope/protocol';
import { parseAddress } from '../setup/address.ts';
import { certificateFiles } from '../setup/certificates.ts';
import { clusterTls } from '../setup/cluster-tls.ts';
import type { DataDir } from '../setup/data-dir.ts';
import { VIEWER_DIR } from '../setup/paths.ts';
import { StderrLogger } from '../terminal/stderr-logger.ts';
import { VERSION } from '../version.ts';
import { stopWhenTold } from './child-messages.ts';

export interface ControlPlaneProcessOptions {
  readonly dataDir: DataDir;
  /** Path of a kong.yml, and whether it replaces what is stored. */
  readonly config: { readonly path: string; readonly replaces: boolean } | null;
  readonly waitsForNode: boolean;
  readonly logLevel: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs the control plane in this process until it is told to stop. Answers a sign-in token, and the configuration in force. */
export async function runControlPlane(
  options: ControlPlaneProcessOptions,
): Promise<{ signInToken: string; configText: string | null }> {
  const { dataDir, env, config } = options;
  const files = certificateFiles(dataDir);
  const logger = new StderrLogger(isLogLevel(options.logLevel) ? options.logLevel : 'notice');
  process.on('unhandledRejection', (error) =>
    logger.log('error', 'process', `an error was not handled: ${messageOf(error)}`),
  );
  const conf = env['GATESCOPE_CONF'];
  const plugins = await loadPlugins(
    readPluginSettings(env, conf === undefined ? null : readFileSync(conf, 'utf8')),
  );
  const server = await ControlPlaneServer.start({
    dataDir: dataDir.path,
    api: parseAddress('GATESCOPE_API_LISTEN', env['GATESCOPE_API_LISTEN'] ?? '127.0.0.1:8001'),
    cluster: {
      ...parseAddress('GATESCOPE_CLUSTER_LISTEN', env['GATESCOPE_CLUSTER_LISTEN'] ?? '0.0.0.0:8005'),
      tls: clusterTls(env, files),
    },
    adminToken: env['GATESCOPE_ADMIN_TOKEN'] ?? dataDir.adminToken(),
    version: VERSION,
    logger,
    checkConfig: (text) => checkConfig(text, plugins),
    viewerDir: existsSync(VIEWER_DIR) ? VIEWER_DIR : null,
    config: config === null ? null : { text: readFileSync(config.path, 'utf8'), replaces: config.replaces },
    waitsForNode: options.waitsForNode,
    oidc: readOidcSettings(env),
    publicUrl: env['GATESCOPE_PUBLIC_URL'] ?? null,
    trustedProxies: (env['GATESCOPE_TRUSTED_PROXIES'] ?? '').split(',').flatMap((one) => one.trim() || []),
    payloadRetentionMs: payloadRetentionOf(env['GATESCOPE_PAYLOAD_RETENTION_HOURS']),
  });
  stopWhenTold(() => server.stop());
  return { signInToken: await server.authenticator.newSignInToken(), configText: await server.configText() };
}

/** Milliseconds of so many hours; null where none are set. Throws `invalid_config`. */
function payloadRetentionOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const hours = Number(text);
  const most = RETENTION_DAYS * 24;
  if (!Number.isInteger(hours) || hours < 1 || hours > most)
    throw new AppError(
      'invalid_config',
      `GATESCOPE_PAYLOAD_RETENTION_HOURS is ${text}; set it to whole hours from 1 to ${most}, or leave it out to keep headers and bodies as long as their session`,
    );
  return hours * 3_600_000;
}
