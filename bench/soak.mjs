/**
 * `npm run soak`: mixed traffic through the product for a while, with sessions that come and go, configurations that change, workers that are killed and
 * clients that go away. Fails where an answer is wrong, a request is lost that no killed worker had, a process writes of an error nobody handled, memory grows,
 * or nothing was traced. Needs Linux.
 *
 *   --seconds N     how long (default: 30)
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isWorker } from './support/cpu.mjs';
import { median } from './support/median.mjs';
import { ROOT } from './support/servers.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
const seconds = Number(values.seconds);
const PORTS = { proxy: 19100, api: 19101, cluster: 19105 };
const CLIENTS = 12;
/** A request that fails this close to a worker's death may have been the worker's, milliseconds. */
const DEATH_MS = 2_000;
/** How much more memory the processes may have in the last quarter than in the second one: factor, and MiB beside it. */
const GROWTH = { factor: 1.3, mib: 60 };
const RULES = [
  'http.method == GET',
  'http.response.status_code==503',
  'http.path ^= "/slow" || any(http.headers.x_debug) == "1"',
  null,
];

const counts = { answered: 0, aborted: 0, lost: 0, wrong: 0, sessions: 0, reloads: 0, kills: 0, traces: 0 };
const problems = [];
const memory = [];
let lastKillMs = Number.NEGATIVE_INFINITY;
let isOver = false;

const upstream = createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('error', () => {});
  req.on('end', () => {
    const answer = () => {
      res.setHeader('x-seen', req.headers['x-number'] ?? '');
      res.statusCode = req.url.includes('/fail') ? 503 : 200;
      res.end(Buffer.concat(chunks));
    };
    if (req.url.includes('/slow')) setTimeout(answer, 20);
    else answer();
  });
});
await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));

const home = mkdtempSync(join(tmpdir(), 'gatescope-soak-'));
const config = (revision) => `_format_version: "3.0"
services:
- name: soak
  url: http://127.0.0.1:${upstream.address().port}
  routes:
  - { name: soak, paths: [/] }
  plugins:
  - { name: response-transformer, config: { add: { headers: ["x-revision:${revision}"] } } }
`;
writeFileSync(join(home, 'kong.yml'), config(0));
const product = spawn(
  process.execPath,
  [
    join(ROOT, 'bin/gatescope'),
    'start',
    '--config',
    join(home, 'kong.yml'),
    '--data-dir',
    join(home, 'data'),
  ],
  {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      KONG_PROXY_LISTEN: `127.0.0.1:${PORTS.proxy}`,
      GATESCOPE_API_LISTEN: `127.0.0.1:${PORTS.api}`,
      GATESCOPE_CLUSTER_LISTEN: `127.0.0.1:${PORTS.cluster}`,
      GATESCOPE_ADMIN_TOKEN: 'soak',
      KONG_NGINX_WORKER_PROCESSES: '2',
    },
  },
);
let told = '';
product.stderr.on('data', (chunk) => {
  told = (told + chunk).slice(-1_000_000);
});
product.on('exit', (code, signal) => {
  if (!isOver) problem(`the product ended with ${code ?? signal}`);
});

const started = performance.now();
const elapsed = () => (performance.now() - started) / 1_000;
try {
  while (!(await fetch(`http://127.0.0.1:${PORTS.api}/ready`).catch(() => null))?.ok) {
    if (elapsed() > 60) throw new Error(`not ready: ${told}`);
    await sleep(100);
  }
  const until = elapsed() + seconds;
  const goesOn = () => elapsed() < until && product.exitCode === null;
  const repeat = async (everyMs, act) => {
    while (goesOn()) {
      await act().catch((error) => problem(`${act.name}: ${error.message}`));
      await sleep(everyMs);
    }
  };
  await Promise.all([
    ...Array.from({ length: CLIENTS }, (_, client) => client).map((client) => traffic(client, goesOn)),
    repeat(15, abort),
    repeat(1_500, session),
    repeat(2_500, reload),
    repeat(8_000, kill),
    repeat(1_000, measure),
  ]);
} finally {
  isOver = true;
  product.kill('SIGTERM');
  await new Promise((resolve) => (product.exitCode === null ? product.once('exit', resolve) : resolve()));
  upstream.close();
  upstream.closeAllConnections();
  rmSync(home, { recursive: true, force: true });
}

for (const line of told.split('\n'))
  if (/unhandled|uncaught|TypeError|RangeError|ReferenceError| {4}at /i.test(line))
    problem(`written: ${line.slice(0, 300)}`);
const quarter = Math.floor(memory.length / 4);
const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
if (quarter >= 5 && late > early * GROWTH.factor + GROWTH.mib)
  problem(`memory grew from ${early} to ${late} MiB`);
if (counts.traces === 0) problem('nothing was traced');
if (counts.kills > 0 && seconds > 60 && counts.kills < seconds / 20)
  problem('workers that were killed did not come back in time');
process.stdout.write(`${JSON.stringify({ seconds, ...counts, mib: { early, late } })}\n`);
for (const text of problems.slice(0, 20)) process.stdout.write(`problem: ${text}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function problem(text) {
  problems.push(text);
}

/** Requests one after the other on connections kept alive; each must come back as it went. */
async function traffic(client, goesOn) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; goesOn(); turn++) {
    const number = `${client}-${turn}`;
    const path = turn % 7 === 0 ? '/slow' : turn % 11 === 0 ? '/fail' : '/fast';
    const body = turn % 3 === 0 ? Buffer.alloc((turn * 977) % 200_000, number) : null;
    const sentMs = performance.now();
    const answer = await exchange(agent, path, number, body).catch((error) => error);
    if (answer instanceof Error) {
      const mayBeKilled = lastKillMs >= sentMs - DEATH_MS && lastKillMs <= performance.now();
      counts.lost++;
      if (!mayBeKilled) problem(`${number} ${path}: ${answer.code ?? answer.message}`);
      continue;
    }
    const isRight =
      answer.status === (path === '/fail' ? 503 : 200) &&
      answer.headers['x-seen'] === number &&
      /^\d+$/.test(answer.headers['x-revision'] ?? '') &&
      answer.body.equals(body ?? Buffer.alloc(0));
    counts.answered++;
    if (isRight) continue;
    counts.wrong++;
    problem(
      `${number} ${path} was answered ${answer.status}, ${answer.headers['x-seen']}, ${answer.body.length} bytes`,
    );
  }
  agent.destroy();
}

function exchange(agent, path, number, body) {
  return new Promise((resolve, reject) => {
    const sent = request({
      port: PORTS.proxy,
      host: '127.0.0.1',
      path,
      agent,
      method: body === null ? 'GET' : 'POST',
      headers: { 'x-number': number, 'x-debug': '1' },
    });
    sent.on('error', reject);
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer for 20 s')));
    sent.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.end(body ?? undefined);
  });
}

/** A client that goes away in the middle of its request, or before its answer. */
async function abort() {
  const socket = connect(PORTS.proxy, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    counts.aborted % 2 === 0
      ? 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf'
      : 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  counts.aborted++;
  await sleep(counts.aborted % 30);
  socket.destroy();
}

async function api(method, path, body) {
  const response = await fetch(`http://127.0.0.1:${PORTS.api}/api/v1/control-planes/default${path}`, {
    method,
    headers: {
      authorization: 'Bearer soak',
      ...(body === undefined
        ? {}
        : { 'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}

async function session() {
  const rule = RULES[counts.sessions++ % RULES.length];
  const { id } = await api('POST', '/sessions', { rule, duration_seconds: 10, max_traces: 200 });
  await sleep(1_000);
  await api('POST', `/sessions/${id}/stop`).catch((error) => {
    // It may have ended by itself.
    if (!/session_ended/.test(error.message)) throw error;
  });
  counts.traces += (await api('GET', `/sessions/${id}`)).counts.traces;
}

async function reload() {
  await api('PUT', '/config', config(++counts.reloads));
}

async function kill() {
  await sleep(4_000);
  const workers = processes().filter(({ command }) => isWorker(command));
  if (workers.length < 2) return;
  counts.kills++;
  lastKillMs = performance.now();
  process.kill(workers[counts.kills % workers.length].pid, 'SIGKILL');
}

async function measure() {
  const pages = processes().reduce((sum, { pid }) => sum + residentPages(pid), 0);
  memory.push(Math.round((pages * 4_096) / 1_048_576));
}

function residentPages(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  } catch {
    return 0;
  }
}

/** The product's processes. */
function processes() {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
        return [
          { pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command },
        ];
      } catch {
        return [];
      }
    });
  const own = new Set([product.pid]);
  for (let size = 0; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}
