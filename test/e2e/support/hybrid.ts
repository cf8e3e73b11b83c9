import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { ADMIN_TOKEN, ROOT } from '../../support/product.ts';
import { until } from '../../support/until.ts';

/** A process starts within it, also on a machine with much else to do. */
export const START_MS = 60_000;

/** A started process of an installation, and what it printed. */
export interface Started {
  readonly child: ChildProcess;
  output(): string;
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** A control plane and data planes as processes of their own, in one folder, with the certificates of `gatescope certs`. */
export class Hybrid {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatescope-hybrid-'));
  readonly #started: Started[] = [];
  #ports: { api: number; cluster: number } = { api: 0, cluster: 0 };

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#ports.api}`;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async choosePorts(): Promise<void> {
    const [api, cluster] = await freePorts(2);
    this.#ports = { api: api!, cluster: cluster! };
  }

  async controlPlane(): Promise<Started> {
    const started = this.#start('control-plane', 'cp', {
      GATESCOPE_ADMIN_TOKEN: ADMIN_TOKEN,
      GATESCOPE_API_LISTEN: `127.0.0.1:${this.#ports.api}`,
      GATESCOPE_CLUSTER_LISTEN: `127.0.0.1:${this.#ports.cluster}`,
      KONG_CLUSTER_MTLS: 'pki',
      KONG_CLUSTER_CERT: this.path('server.test.crt'),
      KONG_CLUSTER_CERT_KEY: this.path('server.test.key'),
      KONG_CLUSTER_CA_CERT: this.path('ca.crt'),
    });
    await until(
      'the control plane to be ready',
      async () => {
        if (started.child.exitCode !== null) throw new Error(started.output());
        return (await fetch(`${this.apiUrl}/ready`).catch(() => null))?.status === 200;
      },
      START_MS,
    );
    return started;
  }

  /** A data plane with the certificate `cert`.crt; `name` is its folder, by which it is the same node again. */
  async dataPlane(name: string, cert: string, port: number): Promise<Started> {
    mkdirSync(this.path(name), { recursive: true });
    const started = this.#start('data-plane', name, {
      KONG_PROXY_LISTEN: `127.0.0.1:${port}`,
      KONG_PROXY_ACCESS_LOG: 'off',
      KONG_NGINX_WORKER_PROCESSES: '1',
      KONG_CLUSTER_CONTROL_PLANE: `127.0.0.1:${this.#ports.cluster}`,
      KONG_CLUSTER_MTLS: 'pki',
      KONG_CLUSTER_SERVER_NAME: 'server.test',
      KONG_CLUSTER_CA_CERT: this.path('ca.crt'),
      KONG_CLUSTER_CERT: this.path(`${cert}.crt`),
      KONG_CLUSTER_CERT_KEY: this.path(`${cert}.key`),
    });
    await until(
      `${name} to listen`,
      () => {
        if (started.child.exitCode !== null) throw new Error(started.output());
        return started.output().includes('Gateway ');
      },
      START_MS,
    );
    return started;
  }

  /** Runs a command to its end; answers what it printed. */
  async run(...args: string[]): Promise<string> {
    const started = this.#spawn(args, {});
    await new Promise((resolve) => started.child.once('close', resolve));
    if (started.child.exitCode !== 0) throw new Error(`gatescope ${args.join(' ')}: ${started.output()}`);
    return started.output();
  }

  async api<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const response = await fetch(`${this.apiUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.map((one) => one.end('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(command: string, name: string, env: Record<string, string>): Started {
    const started = this.#spawn([command, '--data-dir', this.path(name)], env);
    this.#started.push(started);
    return started;
  }

  #spawn(args: readonly string[], env: Record<string, string>): Started {
    const child = spawn(process.execPath, [join(ROOT, 'bin/gatescope'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    return {
      child,
      output: () => printed,
      async end(signal = 'SIGTERM') {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill(signal);
        await ended;
      },
    };
  }
}
