/**
 * `npm run bench:route-rule`: what a session whose rule asks for a route costs the requests of other routes: CPU time a request in the worker, without a
 * session and with one, on the same gateway. A round is without, with, with, without, so that a machine that gets slower or faster counts on both sides
 * alike. Compared is the mean of each side's quarter that took least: everything else on the machine only adds to it. Needs Linux, nginx and wrk.
 *
 *   --rounds N      rounds (default: 24)
 *   --seconds N     seconds of load a measurement (default: 1)
 */
import { parseArgs } from 'node:util';
import { cpuSeconds, isWorker } from './support/cpu.mjs';
import { leastQuarter } from './support/least-quarter.mjs';
import { load } from './support/load.mjs';
import { PORTS, Servers } from './support/servers.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '24' },
    seconds: { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
/** CPU time with the session, in that without, at most. */
const RATIO_MAX = 1.05;
const CONFIG = `_format_version: "3.0"
services:
- name: bench
  url: http://127.0.0.1:${PORTS.upstream}
  routes:
  - { name: loaded, paths: [/] }
  - { name: traced, paths: [/traced], strip_path: false }
`;
const url = `http://127.0.0.1:${PORTS.proxy}/`;

const servers = new Servers({ isolated: true });
try {
  await servers.nginx();
  const gateway = await servers.gatescope(CONFIG);
  await load(url, { seconds: 3 });
  // What arming compiles anew is compiled before the first round.
  const first = await start(gateway);
  await load(url, { seconds: 2 });
  await stop(gateway, first);
  const [without, withSession] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    without.push(await microseconds(gateway));
    const id = await start(gateway);
    withSession.push(await microseconds(gateway), await microseconds(gateway));
    await stop(gateway, id);
    without.push(await microseconds(gateway));
    process.stdout.write(
      `round ${round + 1}: ${shown(without.slice(-2))} µs, with the session ${shown(withSession.slice(-2))} µs\n`,
    );
  }
  const [armed, bare] = [leastQuarter(withSession), leastQuarter(without)];
  const ratio = armed / bare;
  const isMet = ratio <= RATIO_MAX;
  process.stdout.write(
    `a rule on another route: ${armed.toFixed(1)} µs a request, ${bare.toFixed(1)} µs without a session, ratio ${ratio.toFixed(3)}, target ${RATIO_MAX}${isMet ? '' : '  missed'}\n`,
  );
  process.exitCode = isMet ? 0 : 1;
} finally {
  await servers.close();
}

function shown(measured) {
  return measured.map((us) => us.toFixed(1)).join(' and ');
}

async function microseconds({ pid }) {
  const before = cpuSeconds(pid, isWorker);
  const { requests } = await load(url, { seconds });
  return ((cpuSeconds(pid, isWorker) - before) / requests) * 1e6;
}

async function stop(gateway, id) {
  await gateway.api('POST', `/sessions/${id}/stop`);
}

/** Starts a session for another route, and waits until it is armed. */
async function start(gateway) {
  const { id } = await gateway.api('POST', '/sessions', {
    rule: 'route.name == "traced"',
    duration_seconds: 600,
  });
  while ((await gateway.api('GET', `/sessions/${id}`)).state !== 'active')
    await new Promise((resolve) => setTimeout(resolve, 20));
  return id;
}
