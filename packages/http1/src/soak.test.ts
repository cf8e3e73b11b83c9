import net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { fallbacks } from './plain-socket.ts';
import { forward } from './testing/forward.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** Requests sent through a proxy; more than the default are for a run by hand. */
const REQUESTS = Number(process.env['GATESCOPE_SOAK_REQUESTS'] ?? 100_000);
const CLIENTS = 50;
const WARM_UP = Math.min(10_000, REQUESTS);
/** What a request may leave on the heap, bytes: far below the smallest object. */
const LEAKED_BYTES_MAX = 8;
/** What the heap may grow by whatever the number of requests: caches of the platform, code being optimized. */
const GROWN_BYTES_MAX = 2_000_000;

const chunkedAnswer = (body: string) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\nX-Sum: ${body.length}\r\n\r\n`;
const BODY = 'b'.repeat(1_000);

/** What a client sends in turn, and what it must get to the byte. */
const TURNS: readonly (readonly [request: string, answer: string])[] = [
  ['GET /get HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\n\r\n', replied('GET /get ', 'keep-alive')],
  [
    `POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${BODY}`,
    replied(`POST /length ${BODY}`, 'keep-alive'),
  ],
  [
    `POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8;x=y\r\n${BODY}\r\n0\r\nX: y\r\n\r\n`,
    chunkedAnswer(`POST /chunked ${BODY}`),
  ],
  [
    'HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n',
  ],
];

/** Sends requests one after another on one connection; rejects at the first answer that is not the one expected. */
function drive(port: number, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let received = '';
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    const send = () => socket.write(TURNS[sent % TURNS.length]![0], 'latin1');
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.latin1Slice();
      const expected = TURNS[sent % TURNS.length]![1];
      if (received.length < expected.length) return;
      if (received !== expected) {
        socket.destroy();
        reject(new Error(`answer ${sent} is ${JSON.stringify(received)}`));
        return;
      }
      received = '';
      if (++sent < count) send();
      else socket.end(resolve);
    });
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes on the heap and in buffers once what nobody refers to is gone; several rounds, since finalizers free more. */
async function heapBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Sockets and timers that are open in this thread, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = { TCPSocketWrap: 0, TCPServerWrap: 0, Timeout: 0, Immediate: 0 };
  for (const kind of process.getActiveResourcesInfo()) if (kind in counts) counts[kind]!++;
  return counts;
}

it(
  `${REQUESTS} requests through a proxy are answered to the byte and leave nothing behind`,
  async () => {
    const before = resources();
    const origin = await TestServer.answering((exchange, body) => {
      const { method, target } = exchange.head;
      if (target !== '/chunked') {
        reply(exchange, `${method} ${target} ${body}`);
        return;
      }
      const answer = Buffer.from(`${method} ${target} ${body}`, 'latin1');
      exchange.start(200, 'OK', '', 'unknown');
      exchange.write(answer);
      exchange.end(`X-Sum: ${answer.length}\r\n`);
    });
    const pool = new UpstreamPool();
    onTestFinished(() => pool.close());
    const target = { address: '127.0.0.1', port: origin.port, tls: null };
    let flushed = 0;
    const failed: string[] = [];
    const proxy = await TestServer.handling((_, exchange) =>
      forward(exchange, pool, target, (how) => {
        if (how === 'flushed') flushed++;
        else failed.push(how);
      }),
    );
    const run = (requests: number) =>
      Promise.all(Array.from({ length: CLIENTS }, () => drive(proxy.port, Math.ceil(requests / CLIENTS))));

    await run(WARM_UP);
    await proxy.idle();
    origin.endings.length = 0;
    const heapBefore = await heapBytes();
    await run(REQUESTS - WARM_UP);
    await proxy.idle();
    origin.endings.length = 0;
    const grownBytes = (await heapBytes()) - heapBefore;

    expect(grownBytes).toBeLessThan(GROWN_BYTES_MAX + LEAKED_BYTES_MAX * REQUESTS);
    expect([flushed, failed]).toEqual([Math.ceil(REQUESTS / CLIENTS) * CLIENTS, []]);
    expect(pool.connections).toBe(origin.server.connections);
    expect(pool.connections).toBeLessThanOrEqual(CLIENTS);
    expect(fallbacks.count).toBe(0);

    pool.close();
    await Promise.all([proxy.server.close(), origin.server.close()]);
    await origin.idle();
    await until('sockets and timers to be gone', () => {
      const after = resources();
      return Object.keys(after).every((kind) => after[kind]! <= before[kind]!) ? true : null;
    });
    expect([pool.connections, proxy.server.connections, origin.server.connections]).toEqual([0, 0, 0]);
  },
  Math.max(60_000, REQUESTS),
);
