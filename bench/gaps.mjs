/**
 * `npm run bench:gaps`: where in a request's time no span lies. The product under load with plugins in every phase, a session that traces requests from all of
 * it, and then, of each trace, the stretches of the root that none of its children covers. Those above the limit are listed by the spans they lie between. Fails
 * where parts do not add up, or where more of all time lies in long gaps than may.
 *
 *   --seconds N     of load, of each kind (default: 5)
 *   --limit-ms N    from when on a gap is long (default: 1)
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PORTS, Servers } from './support/servers.mjs';
import { CALLER, CONSUMERS, THREE_PLUGINS } from './support/three-plugins.mjs';

const run = promisify(execFile);
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, 'limit-ms': { type: 'string', default: '1' } },
});
const seconds = Number(values.seconds);
const limitMs = Number(values['limit-ms']);
/** Part of all requests' time that may lie in long gaps. */
const SHARE_MAX = 0.01;
const TRACES = 2_000;
/** Nobody has a span there, and `latencyParts()` says whose time it is: the client's, who has connected and not asked yet. */
const CLIENTS_OWN = 'kong.tls_handshake … kong.read_client_http_headers';
const CODE = 'exchange.request.headers.get("x-any")';
const CONFIG = JSON.stringify({
  _format_version: '3.0',
  services: [
    { name: 'up', url: `http://127.0.0.1:${PORTS.upstream}`, routes: [{ name: 'all', paths: ['/'] }] },
  ],
  consumers: CONSUMERS,
  plugins: [
    ...THREE_PLUGINS,
    { name: 'response-transformer', config: { add: { headers: ['x-more: 1'] } } },
    {
      name: 'pre-function',
      config: { rewrite: [CODE], access: ['await null'], header_filter: [CODE], log: [CODE] },
    },
  ],
});
const KINDS = [
  { name: 'HTTP, 1 connection', connections: 1 },
  { name: 'HTTP, 64 connections', connections: 64 },
  { name: 'HTTP, 64 connections, 16 KiB sent', connections: 64, bodyBytes: 16_384 },
  { name: 'HTTPS, 64 connections', connections: 64, tls: true },
  { name: 'HTTPS, a connection per request', connections: 16, tls: true, headers: { connection: 'close' } },
];

const servers = new Servers();
try {
  await servers.nginx();
  const { api } = await servers.gatescope(CONFIG);
  let isBad = false;
  for (const kind of KINDS) {
    await load(kind, 1);
    const session = await api('POST', '/sessions', { name: kind.name, rate: 0.05, max_traces: TRACES });
    await load(kind, seconds);
    await api('POST', `/sessions/${session.id}/stop`).catch(() => null);
    isBad = report(kind, await tracesOf(api, session.id)) || isBad;
  }
  process.exitCode = isBad ? 1 : 0;
} finally {
  await servers.close();
}

async function load({ connections, tls, bodyBytes, headers = {} }, duration) {
  const script = join(servers.directory, 'load.lua');
  const all = { ...CALLER, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  if (bodyBytes !== undefined) lines.push('wrk.method = "POST"', `wrk.body = string.rep("x", ${bodyBytes})`);
  writeFileSync(script, `${lines.join('\n')}\n`);
  const url = tls ? `https://127.0.0.1:${PORTS.proxyTls}/` : `http://127.0.0.1:${PORTS.proxy}/`;
  await run('wrk', ['-t1', `-c${connections}`, `-d${duration}s`, '-s', script, url]);
}

/** Every trace of a session as a list of spans with times in milliseconds from its root. */
async function tracesOf(api, id) {
  const { resourceSpans } = await api('GET', `/sessions/${id}/export?format=otlp`);
  const byTrace = new Map();
  for (const { scopeSpans } of resourceSpans) {
    for (const { spans } of scopeSpans) {
      const root = spans.find(({ name }) => name === 'kong');
      if (root === undefined) continue;
      const at = (nano) => Number(BigInt(nano) - BigInt(root.startTimeUnixNano)) / 1e6;
      byTrace.set(
        root.spanId,
        spans.map((span) => ({
          name: span.name,
          isTop: span.parentSpanId === root.spanId,
          startMs: at(span.startTimeUnixNano),
          endMs: at(span.endTimeUnixNano),
          attributes: Object.fromEntries(
            span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
          ),
        })),
      );
    }
  }
  return [...byTrace.values()];
}

/** Stretches of the root between its children: which span ended before, which begins after. */
function gapsOf(spans) {
  const totalMs = spans.find(({ name }) => name === 'kong').endMs;
  const top = spans.filter(({ isTop, name }) => isTop && name !== 'kong.phase.log');
  top.sort((one, other) => one.startMs - other.startMs);
  const gaps = [];
  let coveredMs = 0;
  let last = 'the beginning';
  for (const { name, startMs, endMs } of top) {
    if (startMs > coveredMs) gaps.push({ between: `${last} … ${name}`, ms: startMs - coveredMs });
    if (endMs > coveredMs) {
      coveredMs = endMs;
      last = name;
    }
  }
  if (totalMs > coveredMs) gaps.push({ between: `${last} … the end`, ms: totalMs - coveredMs });
  return { totalMs, gaps };
}

/** Prints what was found; whether it is more than may be. */
function report({ name }, traces) {
  let totalMs = 0;
  let uncoveredMs = 0;
  let notAdding = 0;
  const long = new Map();
  for (const spans of traces) {
    const found = gapsOf(spans);
    totalMs += found.totalMs;
    for (const { between, ms } of found.gaps) {
      uncoveredMs += ms;
      if (ms <= limitMs) continue;
      const known = long.get(between) ?? { count: 0, ms: 0, maxMs: 0 };
      long.set(between, { count: known.count + 1, ms: known.ms + ms, maxMs: Math.max(known.maxMs, ms) });
    }
    const { attributes } = spans.find((span) => span.name === 'kong');
    if (Math.abs(Number(attributes['proxy.kong.latency.total']) - found.totalMs) > 0.01) notAdding++;
  }
  const longMs = [...long].reduce((sum, [between, { ms }]) => sum + (between === CLIENTS_OWN ? 0 : ms), 0);
  const percent = (ms) => `${((ms / totalMs) * 100).toFixed(2)} %`;
  const print = (line) => process.stdout.write(`${line}\n`);
  print(
    `${name}: ${traces.length} traces, mean ${(totalMs / traces.length).toFixed(2)} ms; ` +
      `without a span ${percent(uncoveredMs)}, in gaps above ${limitMs} ms ${percent(longMs)}`,
  );
  for (const [between, { count, ms, maxMs }] of [...long].sort(([, one], [, other]) => other.ms - one.ms))
    print(
      `  ${String(count).padStart(5)} × ${between}: ${ms.toFixed(1)} ms in all, longest ${maxMs.toFixed(1)} ms`,
    );
  if (notAdding > 0) print(`  ${notAdding} traces whose total is not their root's`);
  return traces.length === 0 || notAdding > 0 || longMs > totalMs * SHARE_MAX;
}
