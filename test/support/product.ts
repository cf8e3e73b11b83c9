import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'bin/gatescope');

/** A product starts within it, also on a machine with much else to do. */
const START_MS = 45_000;
/** The bootstrap token every product started by a test has. */
export const ADMIN_TOKEN = 'test-admin-token';

/** A started all-in-one and the ways to talk to it. */
export interface Product {
  readonly apiUrl: string;
  readonly proxyUrl: string;
  readonly proxyTlsUrl: string;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** A call of the REST API with the admin's token; `body` is sent as JSON. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** Ends it with SIGTERM and removes its data directory unless told to keep it. */
  close(options?: { keepData?: boolean }): Promise<void>;
}

export interface ProductOptions {
  /** Text of a kong.yml; the demo configuration where it is left out. */
  readonly config?: string;
  readonly dataDir?: string;
  readonly env?: Record<string, string>;
  /** Ports of an earlier product, to start again where it was. */
  readonly ports?: Ports;
}

export interface Ports {
  readonly proxy: number;
  readonly proxyTls: number;
  readonly api: number;
  readonly cluster: number;
}

/** Four free ports for a product. */
export async function productPorts(): Promise<Ports> {
  const [proxy, proxyTls, api, cluster] = await freePorts(4);
  return { proxy: proxy!, proxyTls: proxyTls!, api: api!, cluster: cluster! };
}

/** Starts `gatescope start` as a user would and resolves once `/ready` says so. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const ports = options.ports ?? (await productPorts());
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'gatescope-test-'));
  const args = ['start', '--data-dir', dataDir];
  if (options.config !== undefined) {
    const file = join(dataDir, 'kong.test.yml');
    writeFileSync(file, options.config);
    args.push('--config', file);
  }
  const env = {
    ...process.env,
    GATESCOPE_ADMIN_TOKEN: ADMIN_TOKEN,
    KONG_PROXY_LISTEN: `127.0.0.1:${ports.proxy}, 127.0.0.1:${ports.proxyTls} ssl`,
    GATESCOPE_API_LISTEN: `127.0.0.1:${ports.api}`,
    GATESCOPE_CLUSTER_LISTEN: `127.0.0.1:${ports.cluster}`,
    ...options.env,
  };
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const apiUrl = `http://127.0.0.1:${ports.api}`;

  const api = async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${apiUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${env.GATESCOPE_ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  };

  await until(
    'the product to be ready',
    async () => {
      if (child.exitCode !== null)
        throw new Error(`gatescope start ended with ${child.exitCode}:\n${printed}`);
      return (await fetch(`${apiUrl}/ready`).catch(() => null))?.status === 200;
    },
    START_MS,
  );

  return {
    apiUrl,
    proxyUrl: `http://127.0.0.1:${ports.proxy}`,
    proxyTlsUrl: `https://127.0.0.1:${ports.proxyTls}`,
    dataDir,
    env,
    process: child,
    output: () => printed,
    api,
    async close({ keepData = false } = {}) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      if (!keepData) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
