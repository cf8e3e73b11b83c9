/**
 * `npm run bench`: CPU time a request takes in Gatescope's worker as a ratio to nginx `proxy_pass` in the same run, and how many of the
 * matched traces are stored under load. Needs Linux, nginx and h2load. Both get the same number of requests a second, are measured in turn, and of each
 * the mean of the quarter of measurements that took least is compared: everything else on the machine only adds to it.
 *
 *   --rounds N      rounds a scenario (default: 12)
 *   --seconds N     seconds of load a measurement (default: 3)
 *   --rate N        requests a second (default: 8000); 0: as many as each answers
 *   --only NAME     one scenario
 */
import { parseArgs } from 'node:util';
import { cpuSeconds, isWorker, residentMiB } from './support/cpu.mjs';
import { leastQuarter } from './support/least-quarter.mjs';
import { loadAtRate } from './support/load.mjs';
import { PORTS, Servers } from './support/servers.mjs';
import { CALLER, CONSUMERS, THREE_PLUGINS } from './support/three-plugins.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '8000' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const rate = Number(values.rate);

/** A session takes 10,000 traces at most; so many of them, each for a route of its own, take every request of a burst. */
const SESSIONS = 4;
/** Bursts of requests that are all traced before they are measured: code that runs for the first time is compiled. */
const WARM_UP_BURSTS = 4;

/** The same, and one whose code waits: it is what a context that was not let go of would make dearer. */
const WAITING = [
  {
    name: 'pre-function',
    config: { access: ['for (let wait = 0; wait < 10; wait++) await null;'] },
  },
  ...THREE_PLUGINS,
];
const SPLIT = Array.from({ length: SESSIONS }, (_, route) => ({
  name: `bench-${route}`,
  paths: [`/${route}`],
  strip_path: false,
}));
const config = (plugins = []) =>
  JSON.stringify({
    _format_version: '3.0',
    services: [
      {
        name: 'bench',
        url: `http://127.0.0.1:${PORTS.upstream}`,
        routes: [{ name: 'bench', paths: ['/'] }, ...SPLIT],
        plugins,
      },
    ],
    consumers: CONSUMERS,
  });

/** Two have no target: they ought to be alike. */
const SCENARIOS = [
  { name: 'no session', target: 1.7 },
  {
    name: 'session that matches nothing',
    target: 1.9,
    session: { rule: 'http.response.status_code == 599' },
  },
  { name: 'every request traced', target: 2.3, session: {}, isTraced: true },
  { name: 'three plugins, no session', target: 2.3, plugins: THREE_PLUGINS, headers: CALLER },
  {
    name: 'a plugin that waits, no session',
    target: 2.6,
    plugins: WAITING,
    headers: CALLER,
  },
  {
    name: 'the same after a session',
    plugins: WAITING,
    headers: CALLER,
    isAfterSession: true,
  },
];

const servers = new Servers({ isolated: true });
let missed = 0;
try {
  await servers.nginx();
  const rows = [];
  for (const scenario of SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only))
    rows.push(await measure(scenario));
  process.stdout.write(
    `\n${'scenario'.padEnd(34)} ratio  target  µs/request  nginx  requests/s  worker MiB\n`,
  );
  for (const row of rows) {
    const isMet = row.target === null || row.ratio <= row.target;
    if (!isMet) missed++;
    process.stdout.write(
      `${row.name.padEnd(34)} ${row.ratio.toFixed(2).padStart(5)}  ${String(row.target ?? '–').padStart(6)}  ${row.us.toFixed(1).padStart(10)}  ${row.nginxUs.toFixed(1).padStart(5)}  ${String(Math.round(row.perSecond)).padStart(10)}  ${String(Math.round(row.mib)).padStart(10)}${isMet ? '' : '  missed'}\n`,
    );
    if (row.note !== '') process.stdout.write(`${' '.repeat(34)} ${row.note}\n`);
  }
} finally {
  await servers.close();
}
process.exitCode = missed > 0 ? 1 : 0;

async function measure({
  name,
  target,
  session,
  plugins,
  headers,
  isTraced = false,
  isAfterSession = false,
}) {
  const gateway = await servers.gatescope(config(plugins));
  const url = `http://127.0.0.1:${PORTS.proxy}/`;
  const own = [];
  const baseline = [];
  let note = '';
  let perSecond = Number.POSITIVE_INFINITY;
  let mib = 0;
  const stored = { traces: 0, matched: 0, dropped: {} };
  await load(url, { headers });
  if (isTraced) for (let burst = 0; burst < WARM_UP_BURSTS; burst++) await traced(gateway, url, stored);
  else if (session !== undefined) await withSession(gateway, session, stored, () => load(url));
  // A session that has traced requests and is over leaves nothing behind.
  if (isAfterSession) await withSession(gateway, {}, stored, () => load(url, { headers }));
  for (let round = 0; round < rounds; round++) {
    const measured = await perRequest(
      () => cpuSeconds(gateway.pid, isWorker),
      () =>
        isTraced
          ? traced(gateway, url, stored)
          : withSession(gateway, session, stored, () => load(url, { headers })),
    );
    mib = Math.max(mib, residentMiB(gateway.pid, isWorker));
    const nginx = await perRequest(
      () => cpuSeconds(servers.baselinePid),
      () => load(`http://127.0.0.1:${PORTS.baseline}/`, { headers, paths: isTraced ? SESSIONS : 1 }),
    );
    own.push(measured.us);
    baseline.push(nginx.us);
    perSecond = Math.min(perSecond, measured.perSecond);
    process.stdout.write(
      `${name}, round ${round + 1}: ${measured.us.toFixed(1)} µs, nginx ${nginx.us.toFixed(1)} µs, ratio ${(measured.us / nginx.us).toFixed(2)}${measured.failed > 0 ? `, ${measured.failed} failed` : ''}\n`,
    );
  }
  if (session !== undefined && stored.matched > 0) {
    note = `${stored.traces} of ${stored.matched} matched traces stored (${((100 * stored.traces) / stored.matched).toFixed(1)} %), dropped: ${JSON.stringify(stored.dropped)}`;
  }
  await gateway.end();
  const us = leastQuarter(own);
  const nginxUs = leastQuarter(baseline);
  return {
    name,
    target,
    ratio: us / nginxUs,
    us,
    nginxUs,
    perSecond,
    mib,
    note,
  };
}

function load(url, options) {
  return loadAtRate(url, { seconds, rate, ...options });
}

async function perRequest(cpu, run) {
  const before = cpu();
  const { requests, failed } = await run();
  return {
    us: ((cpu() - before) / requests) * 1e6,
    perSecond: requests / seconds,
    failed,
  };
}

/** A burst in which every request is traced, by the session of its route, until the last trace has been sent and stored. */
async function traced(gateway, url, stored) {
  const ids = [];
  for (let route = 0; route < SESSIONS; route++)
    ids.push(await startSession(gateway, { route: `bench-${route}` }));
  const result = await load(url, { paths: SESSIONS });
  for (const id of ids) await settle(gateway, id, stored);
  return result;
}

async function withSession(gateway, session, stored, run) {
  if (session === undefined) return await run();
  const id = await startSession(gateway, session);
  const result = await run();
  await settle(gateway, id, stored);
  return result;
}

async function startSession(gateway, request) {
  const { id } = await gateway.api('POST', '/sessions', {
    duration_seconds: 1_800,
    max_traces: 10_000,
    ...request,
  });
  for (;;) {
    const session = await gateway.api('GET', `/sessions/${id}`);
    if (session.state === 'active') return id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends a session, once what is on its way has arrived, and adds its counts up. */
async function settle(gateway, id, stored) {
  await gateway.api('POST', `/sessions/${id}/stop`).catch(() => null);
  for (;;) {
    const session = await gateway.api('GET', `/sessions/${id}`);
    if (session.state === 'ended') {
      stored.traces += session.counts.traces;
      stored.matched += session.counts.matched;
      for (const [reason, count] of Object.entries(session.counts.dropped))
        stored.dropped[reason] = (stored.dropped[reason] ?? 0) + count;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
