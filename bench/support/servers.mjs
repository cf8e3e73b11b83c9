/** The servers a benchmark runs: nginx as upstream and as the baseline, and Gatescope, each in processes of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { giveTheLast, leaveOneFree } from './affinity.mjs';
import { isWorker, pidsBelow } from './cpu.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PORTS = {
  upstream: 19080,
  baseline: 19081,
  proxy: 19000,
  proxyTls: 19443,
  api: 19001,
  cluster: 19005,
};
const BODY_BYTES = 1_024;

/** Ends everything that was started, last first. */
export class Servers {
  #stops = [];
  #isIsolated;
  directory = mkdtempSync(join(tmpdir(), 'gatescope-bench-'));

  /** Isolated, Gatescope's worker and the baseline have a processor for themselves, in turn; all else runs on the others. */
  constructor({ isolated = false } = {}) {
    this.#isIsolated = isolated;
    if (isolated) leaveOneFree();
  }

  /** An nginx with one worker that answers 1 KiB, and one that proxies to it with connections kept alive. */
  async nginx() {
    for (const [name, port, location] of [
      ['upstream', PORTS.upstream, `return 200 '${'x'.repeat(BODY_BYTES)}';`],
      [
        'baseline',
        PORTS.baseline,
        'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;',
      ],
    ]) {
      const home = join(this.directory, name);
      mkdirSync(join(home, 'tmp'), { recursive: true });
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${home}/tmp/${kind};`)
        .join(' ');
      writeFileSync(
        join(home, 'nginx.conf'),
        `worker_processes 1; daemon off; pid ${home}/nginx.pid; error_log ${home}/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; ${temporary}
  upstream up { server 127.0.0.1:${PORTS.upstream}; keepalive 512; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${port} backlog=4096; location / { ${location} } } }\n`,
      );
      const child = spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf')], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      this.#stops.push(() => stop(child, 'SIGQUIT'));
      this[`${name}Pid`] = child.pid;
      await reachable(`http://127.0.0.1:${port}/`);
    }
    if (this.#isIsolated) giveTheLast(pidsBelow(this.baselinePid, () => true));
  }

  /** Gatescope with a configuration; answers the pid of its supervisor and a function that calls its API. */
  async gatescope(config) {
    const file = join(this.directory, 'kong.yml');
    writeFileSync(file, config);
    const dataDir = mkdtempSync(join(this.directory, 'data-'));
    const child = spawn(
      process.execPath,
      [join(ROOT, 'bin/gatescope'), 'start', '--config', file, '--data-dir', dataDir],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          KONG_PROXY_LISTEN: `127.0.0.1:${PORTS.proxy}, 127.0.0.1:${PORTS.proxyTls} http2 ssl`,
          GATESCOPE_API_LISTEN: `127.0.0.1:${PORTS.api}`,
          GATESCOPE_CLUSTER_LISTEN: `127.0.0.1:${PORTS.cluster}`,
          GATESCOPE_ADMIN_TOKEN: 'bench',
          KONG_LOG_LEVEL: 'error',
        },
      },
    );
    const end = () => stop(child, 'SIGTERM');
    this.#stops.push(end);
    await reachable(`http://127.0.0.1:${PORTS.api}/ready`);
    if (this.#isIsolated) giveTheLast(pidsBelow(child.pid, isWorker));
    return { pid: child.pid, api, end };
  }

  /** Ends another server with the rest. */
  keep(child, signal = 'SIGTERM') {
    this.#stops.push(() => stop(child, signal));
    return child.pid;
  }

  async close() {
    for (const end of this.#stops.reverse()) await end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function api(method, path, body) {
  const response = await fetch(`http://127.0.0.1:${PORTS.api}/api/v1/control-planes/default${path}`, {
    method,
    headers: {
      authorization: 'Bearer bench',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

async function reachable(url) {
  for (const deadline = Date.now() + 20_000; ; ) {
    if ((await fetch(url).catch(() => null))?.ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}
