import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { messageOf } from '@gatescope/base';
import {
  DataPlane,
  type GatewaySettings,
  loadPlugins,
  readGatewaySettings,
  runWorkerProcess,
} from '@gatescope/gateway';
import { certificateFiles } from '../setup/certificates.ts';
import { DataDir } from '../setup/data-dir.ts';
import { PROGRAM } from '../setup/paths.ts';
import { StderrLogger } from '../terminal/stderr-logger.ts';
import { VERSION } from '../version.ts';
import { stopWhenTold } from './child-messages.ts';

/** Tells a worker process its data directory. */
export const WORKER_DATA_DIR = 'GATESCOPE_WORKER_DATA_DIR';
export const WORKER_CONF = 'GATESCOPE_WORKER_CONF';

/** The data plane's settings from its environment and `kong.conf`, with the generated certificate for TLS where none is set. */
export function dataPlaneSettings(
  env: Readonly<Record<string, string | undefined>>,
  confPath: string | undefined,
  dataDir: DataDir,
): { settings: GatewaySettings; warnings: readonly string[] } {
  const { proxyCert, proxyKey } = certificateFiles(dataDir);
  return readGatewaySettings(
    { KONG_SSL_CERT: proxyCert, KONG_SSL_CERT_KEY: proxyKey, ...env },
    confPath === undefined ? null : readFileSync(confPath, 'utf8'),
    {
      proxyListen: '0.0.0.0:8000, 0.0.0.0:8443 http2 ssl',
      accessLog: dataDir.file('logs/access.log'),
      workers: availableParallelism(),
    },
  );
}

export interface DataPlaneProcessOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly confPath: string | undefined;
  readonly dataDir: DataDir;
}

/** Runs the primary of a data plane in this process until it is told to stop; SIGHUP loads its configuration file anew. */
export async function runDataPlane({
  env,
  confPath,
  dataDir,
}: DataPlaneProcessOptions): Promise<GatewaySettings> {
  const { settings, warnings } = dataPlaneSettings(env, confPath, dataDir);
  const logger = new StderrLogger(settings.logLevel);
  for (const warning of warnings) logger.log('warn', 'config', warning);
  process.on('unhandledRejection', (error) =>
    logger.log('error', 'process', `an error was not handled: ${messageOf(error)}`),
  );
  const dataPlane = new DataPlane({
    settings,
    plugins: await loadPlugins(settings.plugins),
    version: VERSION,
    nodeId: settings.nodeId ?? dataDir.nodeId(),
    logger,
    worker: {
      program: PROGRAM,
      args: ['__worker'],
      env: {
        [WORKER_DATA_DIR]: dataDir.path,
        ...(confPath === undefined ? {} : { [WORKER_CONF]: confPath }),
      },
    },
    configCachePath: settings.cluster === null ? null : dataDir.file('last-config.yml'),
  });
  stopWhenTold(() => dataPlane.stop());
  process.on(
    'SIGHUP',
    () => void dataPlane.reload().catch((error: unknown) => logger.log('error', 'config', messageOf(error))),
  );
  await dataPlane.start();
  return settings;
}

/** A worker process: everything it needs is in its environment. */
export async function runWorker(): Promise<void> {
  const dataDir = new DataDir(process.env[WORKER_DATA_DIR]!);
  const { settings } = dataPlaneSettings(process.env, process.env[WORKER_CONF], dataDir);
  const logger = new StderrLogger(settings.logLevel);
  process.on('unhandledRejection', (error) =>
    logger.log('error', 'process', `an error was not handled: ${messageOf(error)}`),
  );
  await runWorkerProcess({
    settings,
    plugins: await loadPlugins(settings.plugins),
    version: VERSION,
    nodeId: settings.nodeId ?? dataDir.nodeId(),
    logger,
  });
}
