/**
 * `npm run demo:traffic`: sends a mix of good, slow and failing requests through the gateway until Ctrl-C.
 *
 *   --url URL          the gateway (default: http://127.0.0.1:8000)
 *   --rate N           requests a second (default: 10)
 *   --count N          ends after so many
 */

import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    rate: { type: 'string', default: '10' },
    count: { type: 'string' },
  },
});
const rate = Number(values.rate);
const count = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
if (!(rate > 0) || !(count >= 1)) {
  process.stderr.write('--rate and --count are numbers above 0\n');
  process.exit(2);
}

const key = { apikey: 'alice-demo-key' };
/** How often, and what. */
const mix = [
  [30, 'GET', '/catalog'],
  [8, 'GET', '/catalog/search/lamps'],
  [10, 'GET', '/orders', key],
  [
    8,
    'POST',
    '/orders',
    { ...key, 'content-type': 'application/json' },
    () => JSON.stringify({ item: 1 + Math.floor(Math.random() * 40), amount: 2 }),
  ],
  [5, 'GET', '/orders'],
  [10, 'GET', '/status/503'],
  [4, 'GET', '/status/500'],
  [4, 'GET', '/status/404'],
  [6, 'GET', '/slow?ms=400'],
  [3, 'GET', '/stream?n=5'],
  [4, 'GET', '/sample'],
  [4, 'GET', '/quotes'],
  [5, 'GET', '/flaky'],
  [2, 'GET', '/gone'],
  [1, 'GET', '/no-such-route'],
];
const total = mix.reduce((sum, [weight]) => sum + weight, 0);

function pick() {
  let at = Math.random() * total;
  return mix.find(([weight]) => (at -= weight) < 0) ?? mix[0];
}

const statuses = new Map();
let sent = 0;
let unreachable = 0;

async function send() {
  const [, method, path, headers = {}, body] = pick();
  try {
    const response = await fetch(values.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body() }),
    });
    await response.arrayBuffer();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    unreachable = 0;
  } catch (error) {
    if (++unreachable === 10) {
      process.stderr.write(
        `no gateway answers at ${values.url} (${error.cause?.message ?? error.message})\n`,
      );
      process.exit(1);
    }
  }
}

function report() {
  const parts = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
  return `${sent} requests   ${parts.join('   ')}`;
}

process.on('SIGINT', () => {
  process.stdout.write(`\n${report()}\n`);
  process.exit(0);
});

const pending = new Set();
const startedMs = performance.now();
let reportedMs = startedMs;
while (sent < count) {
  const request = send();
  pending.add(request);
  void request.finally(() => pending.delete(request));
  sent++;
  const now = performance.now();
  if (now - reportedMs > 1_000) {
    reportedMs = now;
    process.stdout.write(process.stdout.isTTY ? `\r${report()}` : `${report()}\n`);
  }
  // By the clock rather than by pauses: what is late is caught up.
  await wait(Math.max(0, startedMs + (sent * 1_000) / rate - performance.now()));
}
await Promise.all(pending);
process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${report()}\n`);
