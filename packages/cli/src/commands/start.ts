import { readFileSync } from 'node:fs';
import { AppError } from '@gatescope/base';
import { Supervised } from '../processes/supervised.ts';
import { addressText, parseAddress, urlHost } from '../setup/address.ts';
import { CLUSTER_SERVER_NAME, ensureCertificates } from '../setup/certificates.ts';
import { readConfigFile } from '../setup/config-file.ts';
import { DEMO_CONFIG, DEMO_UPSTREAM, PROGRAM } from '../setup/paths.ts';
import { VERSION } from '../version.ts';
import { type Command, textOf } from './command.ts';
import { dataDirOf, dataDirOption } from './data-dir-option.ts';

export const start: Command = {
  name: 'start',
  summary: 'Starts everything on this machine: gateway, control plane and viewer.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: {
    config: {
      type: 'string',
      placeholder: 'FILE',
      help: 'kong.yml to serve; replaces the stored configuration (default: what is stored, at first the demo)',
    },
    ...dataDirOption('where everything is kept'),
    conf: { type: 'string', placeholder: 'FILE', help: 'kong.conf with settings of the gateway' },
  },
  examples: [
    'gatescope start',
    'gatescope start --config kong.yml',
    'KONG_PROXY_LISTEN=0.0.0.0:80 gatescope start --config kong.yml',
  ],
  async run(given) {
    const dataDir = dataDirOf(given);
    const config = textOf(given, 'config') ?? process.env['KONG_DECLARATIVE_CONFIG'];
    const conf = textOf(given, 'conf');
    if (config !== undefined) await checkFile(config, conf);
    const files = await ensureCertificates(dataDir);
    const api = parseAddress('GATESCOPE_API_LISTEN', process.env['GATESCOPE_API_LISTEN'] ?? '127.0.0.1:8001');
    const cluster = parseAddress(
      'GATESCOPE_CLUSTER_LISTEN',
      process.env['GATESCOPE_CLUSTER_LISTEN'] ?? '127.0.0.1:8005',
    );
    const proxyListen = process.env['KONG_PROXY_LISTEN'] ?? '127.0.0.1:8000, 127.0.0.1:8443 http2 ssl';
    const shared = {
      ...process.env,
      ...(conf === undefined ? {} : { GATESCOPE_CONF: conf }),
      GATESCOPE_DATA_DIR: dataDir.path,
      KONG_LOG_LEVEL: process.env['KONG_LOG_LEVEL'] ?? 'warn',
    };
    return await new Supervisor({
      controlPlane: {
        ...shared,
        GATESCOPE_API_LISTEN: addressText(api),
        GATESCOPE_CLUSTER_LISTEN: addressText(cluster),
        GATESCOPE_START_CONFIG: config ?? DEMO_CONFIG,
        GATESCOPE_START_REPLACES: config === undefined ? '0' : '1',
      },
      dataPlane: {
        ...without(shared, 'KONG_DECLARATIVE_CONFIG'),
        KONG_PROXY_LISTEN: proxyListen,
        KONG_PROXY_ACCESS_LOG: process.env['KONG_PROXY_ACCESS_LOG'] ?? 'off',
        KONG_NGINX_WORKER_PROCESSES: process.env['KONG_NGINX_WORKER_PROCESSES'] ?? '1',
        KONG_CLUSTER_CONTROL_PLANE: urlHost(cluster),
        KONG_CLUSTER_SERVER_NAME: CLUSTER_SERVER_NAME,
        KONG_CLUSTER_CERT: files.nodeCert,
        KONG_CLUSTER_CERT_KEY: files.nodeKey,
        KONG_CLUSTER_CA_CERT: files.ca,
        KONG_CLUSTER_MTLS: 'pki',
      },
      isDemo: config === undefined,
      banner: (signInToken, servesDemo) =>
        banner({ api: urlHost(api), proxyListen, signInToken, servesDemo, dataDir: dataDir.path }),
    }).run();
  },
};

interface SupervisorOptions {
  readonly controlPlane: Readonly<Record<string, string | undefined>>;
  readonly dataPlane: Readonly<Record<string, string | undefined>>;
  readonly isDemo: boolean;
  banner(signInToken: string, servesDemo: boolean): string;
}

/** Keeps the processes of the all-in-one running, and ends them when it is told to end. */
class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children: Supervised[] = [];
  #signInToken: string | null = null;
  #servesDemo = false;
  #gatewayListens = false;
  #greeted = false;
  #finish: (code: number) => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Resolves with the exit code. */
  async run(): Promise<number> {
    const code = await new Promise<number>((resolve) => {
      this.#finish = resolve;
      process.on('SIGTERM', () => resolve(0));
      process.on('SIGINT', () => resolve(0));
      process.on('SIGHUP', () => {
        for (const child of this.#children) child.signal('SIGHUP');
      });
      this.#startControlPlane();
      this.#startDataPlane();
    });
    // The gateway goes first: what it still has to say is taken.
    for (const child of [...this.#children].reverse()) await child.stop();
    return code;
  }

  #startControlPlane(): void {
    this.#children.push(
      new Supervised({
        title: 'control plane',
        args: [PROGRAM, '__control-plane'],
        env: this.#options.controlPlane,
        onListening: (message) => {
          if (this.#signInToken !== null) return;
          this.#signInToken = message.signInToken ?? '';
          this.#servesDemo = message.servesDemo === true;
          if (this.#servesDemo) this.#startDemoUpstream();
          this.#greet();
        },
        onFailed: (message) => this.#onFailed(message),
        onRestart: (how, waitMs) =>
          this.#tell(`the control plane ended (${how}); it starts again in ${waitMs} ms`),
      }),
    );
  }

  #startDataPlane(): void {
    this.#children.push(
      new Supervised({
        title: 'gateway',
        args: [PROGRAM, '__data-plane'],
        env: this.#options.dataPlane,
        onListening: () => {
          this.#gatewayListens = true;
          this.#greet();
        },
        onFailed: (message) => this.#onFailed(message),
        onRestart: (how, waitMs) => this.#tell(`the gateway ended (${how}); it starts again in ${waitMs} ms`),
      }),
    );
  }

  #startDemoUpstream(): void {
    let told: string | null = null;
    // It is tried again and again; a reason that stays the same is told once.
    const tell = (message: string) => {
      if (message !== told) this.#tell(message);
      told = message;
    };
    this.#children.push(
      new Supervised({
        title: 'demo upstream',
        args: [DEMO_UPSTREAM],
        env: process.env,
        onListening: () => undefined,
        onFailed: tell,
        onRestart: () => undefined,
      }),
    );
  }

  #greet(): void {
    if (this.#greeted || this.#signInToken === null || !this.#gatewayListens) return;
    this.#greeted = true;
    process.stdout.write(this.#options.banner(this.#signInToken, this.#servesDemo));
  }

  /** What fails before anything was served is told and ends everything; later on it is tried again. */
  #onFailed(message: string): void {
    this.#tell(message);
    if (!this.#greeted) this.#finish(1);
  }

  #tell(message: string): void {
    process.stderr.write(`gatescope: ${message}\n`);
  }
}

function banner(facts: {
  api: string;
  proxyListen: string;
  signInToken: string;
  servesDemo: boolean;
  dataDir: string;
}): string {
  const proxies = facts.proxyListen.split(',').map((entry) => {
    const [address = '', ...flags] = entry.trim().split(/\s+/);
    if (address.startsWith('unix:')) return address;
    const match = /^(.*):(\d+)$/.exec(address);
    return `${flags.includes('ssl') ? 'https' : 'http'}://${urlHost({ host: (match?.[1] ?? '').replaceAll(/[[\]]/g, ''), port: Number(match?.[2]) })}`;
  });
  const lines = [
    `Gatescope ${VERSION}`,
    '',
    `  Sign in   http://${facts.api}/sign-in#${facts.signInToken}`,
    '            good once, within 10 minutes',
    `  Viewer    http://${facts.api}/`,
    `  Gateway   ${proxies.join('   ')}`,
    `  Data      ${facts.dataDir}`,
    ...(facts.servesDemo
      ? ['', `  Try       curl ${proxies[0]}/catalog`, '            npm run demo:traffic']
      : []),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

async function checkFile(path: string, conf: string | undefined): Promise<void> {
  const text = readConfigFile(path);
  const { checkConfig, loadPlugins, readPluginSettings } = await import('@gatescope/gateway');
  const check = checkConfig(
    text,
    await loadPlugins(
      readPluginSettings(process.env, conf === undefined ? null : readFileSync(conf, 'utf8')),
    ),
  );
  if (!check.ok) throw new AppError('invalid_config', `${path} is not valid`, { details: check.errors });
}

function without<T extends object>(record: T, key: string): T {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) as T;
}
