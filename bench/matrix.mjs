/**
 * `npm run bench:matrix`: CPU time a request takes in Gatescope's worker, over every protocol, with and without plugins, with small and large
 * bodies, over few and many connections, as a ratio to nginx and to haproxy in the same run. Needs Linux, nginx, haproxy, wrk and h2load.
 *
 *   --seconds N     seconds of load a measurement (default: 2)
 *   --rounds N      rounds, interleaved; the median counts (default: 3)
 *   --only TEXT     the rows whose name holds the text
 */
import { parseArgs } from 'node:util';
import { cpuSeconds, isWorker } from './support/cpu.mjs';
import { load, loadHttp2 } from './support/load.mjs';
import { certificate, startHaproxy, startNginxProxy, startUpstream } from './support/proxies.mjs';
import { PORTS, Servers } from './support/servers.mjs';
import { CALLER, CONSUMERS, THREE_PLUGINS } from './support/three-plugins.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

const UPSTREAM = 19180;
const NGINX = { plain: 19181, tls: 19182, upstream: UPSTREAM };
const HAPROXY = { plain: 19183, tls: 19184, upstream: UPSTREAM };
const BODIES = { '1k': 1_024, '1m': 1_048_576 };
const PROTOCOLS = ['HTTP', 'HTTPS', 'HTTP/2'];

const CONFIG = JSON.stringify({
  _format_version: '3.0',
  services: [
    {
      name: 'bench',
      url: `http://127.0.0.1:${UPSTREAM}`,
      routes: [
        { name: 'plain', paths: ['/'] },
        {
          name: 'plugins',
          paths: ['/plugins'],
          plugins: [
            ...THREE_PLUGINS,
            { name: 'request-transformer', config: { add: { headers: ['x-added:yes'] } } },
            { name: 'response-transformer', config: { add: { headers: ['x-answered:yes'] } } },
          ],
        },
      ],
    },
  ],
  consumers: CONSUMERS,
});

const servers = new Servers();
try {
  const tls = certificate(servers.directory);
  servers.keep(startUpstream(servers.directory, UPSTREAM, BODIES), 'SIGQUIT');
  const nginx = servers.keep(startNginxProxy(servers.directory, NGINX, tls), 'SIGQUIT');
  const haproxy = servers.keep(startHaproxy(servers.directory, HAPROXY, tls));
  const gateway = await servers.gatescope(CONFIG);
  const worker = () => cpuSeconds(gateway.pid, isWorker);
  process.stdout.write('protocol  plugins  body  connections   µs/request  × nginx  × haproxy\n');
  for (const protocol of PROTOCOLS)
    for (const body of Object.keys(BODIES))
      for (const connections of [1, 50, 500])
        for (const plugins of [0, 5]) {
          const name = `${protocol.padEnd(8)}  ${plugins}        ${body}    ${String(connections).padEnd(11)}`;
          if (!name.includes(values.only)) continue;
          const runs = { own: [], nginx: [], haproxy: [] };
          for (let round = 0; round < rounds; round++) {
            const own = { plain: PORTS.proxy, tls: PORTS.proxyTls };
            const path = plugins === 0 ? `/${body}` : `/plugins/${body}`;
            runs.own.push(
              await measure(worker, protocol, own, path, connections, plugins === 0 ? {} : CALLER),
            );
            runs.nginx.push(
              await measure(() => cpuSeconds(nginx), protocol, NGINX, `/${body}`, connections, {}),
            );
            runs.haproxy.push(
              await measure(() => cpuSeconds(haproxy), protocol, HAPROXY, `/${body}`, connections, {}),
            );
          }
          const us = median(runs.own);
          const ratio = (other) => median(runs.own.map((one, round) => one / other[round])).toFixed(2);
          process.stdout.write(
            `${name}  ${us.toFixed(1).padStart(10)}  ${ratio(runs.nginx).padStart(7)}  ${ratio(runs.haproxy).padStart(9)}\n`,
          );
        }
} finally {
  await servers.close();
}

async function measure(cpu, protocol, ports, path, connections, headers) {
  const url =
    protocol === 'HTTP' ? `http://127.0.0.1:${ports.plain}${path}` : `https://127.0.0.1:${ports.tls}${path}`;
  const before = cpu();
  const { requests, failed } = await (protocol === 'HTTP/2' ? loadHttp2 : load)(url, {
    seconds,
    connections,
    headers,
  });
  if (failed > 0) process.stdout.write(`${url}: ${failed} of ${requests + failed} failed\n`);
  return ((cpu() - before) / requests) * 1e6;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
