import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import type { Session } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { childrenOf, childWith, peakMemoryBytes } from '../support/processes.ts';
import { type Product, startProduct } from '../support/product.ts';
import { describeWith, findProgram } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { piecesOf, sumOf, sumOfStream, writeAll } from './support/bytes.ts';
import { type Nginx, startNginx } from './support/nginx.ts';

const MB = 1_000_000;
/** Of one worker, whatever passes through it. */
const WORKER_BYTES_MAX = 250 * MB;

let product: Product;
let bytesUpstream: Upstream;
let nginx: Nginx | null = null;
let mortalPort: number;
/** Bytes that the upstream of the slow reader has written so far. */
let written = 0;
/** What the upstream of a trickle waits for before it goes on. */
let goOn: () => void = () => {};
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** Tells the sum of what it is sent, or sends bytes by their seed and length, by length or in chunks. */
const serveBytes: http.RequestListener = (request, response) => {
  const url = new URL(request.url ?? '', 'http://upstream.test');
  const [, kind, seed = '0', length = '0'] = url.pathname.split('/');
  if (kind === 'sum') {
    void sumOfStream(request).then(
      (sum) => response.end(sum),
      () => response.destroy(),
    );
  } else if (kind === 'trickle') {
    response.write('first ');
    goOn = () => response.end('last');
  } else {
    if (!url.searchParams.has('chunked')) response.setHeader('content-length', length);
    response.on('error', () => {});
    void writeAll(response, piecesOf(Number(seed), Number(length)), (bytes) => (written = bytes)).catch(
      () => {},
    );
  }
};

interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Length and SHA-256 of the body. */
  readonly sum: string;
}

/** Sends a request through the gateway, and sums its answer up. */
async function send(
  path: string,
  options: { method?: string; headers?: http.OutgoingHttpHeaders; body?: Iterable<Buffer> } = {},
): Promise<Answered & { text: string }> {
  const { method = 'GET', headers = {}, body } = options;
  const request = http.request(product.proxyUrl + path, { method, headers, agent });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  if (body === undefined) request.end();
  else await Promise.race([writeAll(request, body), answered]);
  const [response] = await answered;
  let text = '';
  const sum = await sumOfStream(response, (piece) => {
    if (text.length < 1_000) text += piece.subarray(0, 1_000).latin1Slice();
  });
  return { status: response.statusCode!, headers: response.headers, sum, text };
}

/** Asks on a connection of its own, since connections are what the workers share. */
async function statusOfOwnConnection(): Promise<number | undefined> {
  const request = http.get(`${product.proxyUrl}/get/bytes/1/5`, { agent: false });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await sumOfStream(response);
  return response.statusCode;
}

/** The most memory that any worker has had. */
function workerPeakBytes(): number {
  const dataPlane = childWith(product.process.pid!, '__data-plane');
  const workers = childrenOf(dataPlane).filter(({ args }) => args.includes('__worker'));
  if (workers.length === 0) throw new Error('the data plane has no worker');
  return Math.max(...workers.map(({ pid }) => peakMemoryBytes(pid)));
}

describe('the gateway in front of three services with five routes', () => {
  beforeAll(async () => {
    bytesUpstream = await startUpstream(serveBytes);
    const program = findProgram('nginx');
    nginx = program === null ? null : await startNginx(program);
    [mortalPort] = (await freePorts(1)) as [number];
    product = await startProduct({
      config: `_format_version: "3.0"
services:
- name: bytes
  url: ${bytesUpstream.url}
  routes:
  - {name: get, paths: [/get], methods: [GET]}
  - {name: sum, paths: [/sum], strip_path: false}
  - {name: keyed, paths: [/keyed], plugins: [{name: key-auth}]}
- name: files
  url: ${nginx?.url ?? 'http://127.0.0.1:9'}
  routes:
  - {name: files, paths: [/files]}
- name: mortal
  url: http://127.0.0.1:${mortalPort}
  routes:
  - {name: mortal, paths: [/mortal]}
consumers:
- {username: ann, keyauth_credentials: [{key: ann-key}]}
`,
      env: { KONG_NGINX_WORKER_PROCESSES: '2' },
    });
  });
  afterAll(async () => {
    agent.destroy();
    await product.close();
    await nginx?.close();
    await bytesUpstream.close();
  });

  it('finds each route’s way, and answers what has none', async () => {
    const found = await Promise.all([
      send('/get/bytes/1/5'),
      send('/sum/', { method: 'POST', body: [Buffer.from('abc')] }),
      send('/keyed/bytes/1/5'),
      send('/keyed/bytes/1/5', { headers: { apikey: 'ann-key' } }),
      send('/get/bytes/1/5', { method: 'POST' }),
      send('/nowhere'),
    ]);
    expect(found.map(({ status }) => status)).toEqual([200, 200, 401, 200, 404, 404]);
    expect([found[0]!.sum, found[1]!.text]).toEqual([sumOf(piecesOf(1, 5)), sumOf([Buffer.from('abc')])]);
  });

  const SIZES = [0, 1, 1_023, 16_384, 65_535, 65_536, 65_537, 1_000_003];

  it.each(['', '?chunked'])('brings bodies down byte for byte %s', async (how) => {
    const answers = await Promise.all(SIZES.map((size) => send(`/get/bytes/${size + 1}/${size}${how}`)));
    expect(answers.map(({ sum }) => sum)).toEqual(SIZES.map((size) => sumOf(piecesOf(size + 1, size))));
    const framings = answers.map(({ headers }) => headers['content-length'] ?? headers['transfer-encoding']);
    expect(framings).toEqual(SIZES.map((size) => (how === '' || size === 0 ? String(size) : 'chunked')));
  });

  it.each(['by length', 'in chunks'])('takes bodies up byte for byte %s', async (how) => {
    const answers = await Promise.all(
      SIZES.map((size) =>
        send('/sum/', {
          method: 'PUT',
          headers: how === 'by length' ? { 'content-length': size } : { 'transfer-encoding': 'chunked' },
          body: piecesOf(size, size),
        }),
      ),
    );
    expect(answers.map(({ text }) => text)).toEqual(SIZES.map((size) => sumOf(piecesOf(size, size))));
  });

  it('keeps many requests at once apart', async () => {
    const round = async (seed: number) => {
      const size = 1 + ((seed * 7_919) % 200_000);
      const [down, up] = await Promise.all([
        send(`/get/bytes/${seed}/${size}${seed % 2 === 0 ? '?chunked' : ''}`),
        send('/sum/', { method: 'POST', body: piecesOf(seed, size) }),
      ]);
      return [down.sum, up.text];
    };
    const seeds = Array.from({ length: 300 }, (_, seed) => seed + 1);
    const found = await Promise.all(seeds.map(round));
    const wrong = seeds.filter((seed, index) => {
      const expected = sumOf(piecesOf(seed, 1 + ((seed * 7_919) % 200_000)));
      return found[index]!.some((sum) => sum !== expected);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['down by length', () => send('/get/bytes/7/200000000')],
    ['down in chunks', () => send('/get/bytes/7/200000000?chunked')],
    [
      'up by length',
      () =>
        send('/sum/', {
          method: 'POST',
          headers: { 'content-length': 200 * MB },
          body: piecesOf(7, 200 * MB),
        }),
    ],
    ['up in chunks', () => send('/sum/', { method: 'POST', body: piecesOf(7, 200 * MB) })],
  ])('passes 200 MB %s within the memory it may have', async (way, transfer) => {
    const { sum, text } = await transfer();
    expect(way.startsWith('up') ? text : sum).toBe(sumOf(piecesOf(7, 200 * MB)));
    expect(workerPeakBytes()).toBeLessThan(WORKER_BYTES_MAX);
  });

  it('holds the upstream back for a client that reads slowly, and loses nothing', async () => {
    const size = 100 * MB;
    const { port } = new URL(product.proxyUrl);
    const client = net.connect({ host: '127.0.0.1', port: Number(port) });
    written = 0;
    client.write(`GET /get/bytes/3/${size} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
    client.pause();
    let before = -1;
    let still = 0;
    await until('the upstream to be held back', () => {
      still = written === before && written > 0 ? still + 1 : 0;
      before = written;
      return still === 30;
    });
    expect(written).toBeLessThan(50 * MB);
    expect(workerPeakBytes()).toBeLessThan(WORKER_BYTES_MAX);
    const pieces: Buffer[] = [];
    for await (const piece of client as AsyncIterable<Buffer>) pieces.push(piece);
    const answer = Buffer.concat(pieces);
    const head = answer.indexOf('\r\n\r\n') + 4;
    expect(sumOf([answer.subarray(head)])).toBe(sumOf(piecesOf(3, size)));
  });

  it('passes each piece on as it comes', async () => {
    const request = http.get(`${product.proxyUrl}/get/trickle`, { agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('first ');
    goOn();
    let rest = '';
    for await (const piece of response as AsyncIterable<Buffer>) rest += piece.toString();
    expect(rest).toBe('last');
  });

  it('lives through an upstream that dies, before its answer and in the middle, and finds it again', async () => {
    expect((await send('/mortal')).status).toBe(502);
    const start = async (answer: string) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          socket.write(answer);
          setImmediate(() => socket.resetAndDestroy());
        });
      });
      await new Promise<void>((resolve) => server.listen(mortalPort, '127.0.0.1', resolve));
      return () => new Promise((resolve) => server.close(resolve));
    };
    let stop = await start('');
    expect((await send('/mortal', { method: 'POST' })).status).toBe(502);
    await stop();
    stop = await start('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf');
    await expect(send('/mortal')).rejects.toThrow(/aborted|reset|hang up/i);
    await stop();
    const alive = http.createServer((_, response) => response.end('alive again'));
    await new Promise<void>((resolve) => alive.listen(mortalPort, '127.0.0.1', resolve));
    const { status, text } = await send('/mortal');
    expect({ status, text }).toEqual({ status: 200, text: 'alive again' });
    alive.closeAllConnections();
    await new Promise((resolve) => alive.close(resolve));
    expect((await send('/mortal')).status).toBe(502);
    expect((await send('/get/bytes/1/5')).status).toBe(200);
  });

  describeWith('nginx', 'before nginx', () => {
    it('serves files byte for byte, their ranges, their heads and what has not changed', async () => {
      const content = randomBytes(20 * MB);
      writeFileSync(join(nginx!.root, 'file.bin'), content);
      const whole = await send('/files/file.bin');
      expect([whole.status, whole.sum]).toEqual([200, sumOf([content])]);
      const part = await send('/files/file.bin', { headers: { range: 'bytes=1000-1099' } });
      expect([part.status, part.headers['content-range'], part.sum]).toEqual([
        206,
        `bytes 1000-1099/${content.length}`,
        sumOf([content.subarray(1_000, 1_100)]),
      ]);
      const head = await send('/files/file.bin', { method: 'HEAD' });
      expect([head.status, head.headers['content-length'], head.text]).toEqual([
        200,
        String(content.length),
        '',
      ]);
      const unchanged = await send('/files/file.bin', { headers: { 'if-none-match': whole.headers.etag! } });
      expect([unchanged.status, unchanged.text, unchanged.headers.etag]).toEqual([
        304,
        '',
        whole.headers.etag,
      ]);
      const missing = await send('/files/none');
      expect([missing.status, missing.headers.server]).toEqual([404, whole.headers.server]);
      expect(whole.headers.server).toMatch(/^nginx/);
    });

    it('uses its connections again, for many at once', async () => {
      writeFileSync(join(nginx!.root, 'small.txt'), 'small');
      const answers = await Promise.all(Array.from({ length: 500 }, () => send('/files/small.txt')));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 small']));
    });
  });

  it('replaces a worker that was killed, and counts what it had not sent yet', async () => {
    const sessions = '/control-planes/default/sessions';
    const { body } = await product.api<Session>('POST', sessions, { max_traces: 10_000 });
    const session = async () => (await product.api<Session>('GET', `${sessions}/${body.id}`)).body;
    const controlPlane = childWith(product.process.pid!, '__control-plane');
    const dataPlane = childWith(product.process.pid!, '__data-plane');
    const workers = () => childrenOf(dataPlane).map(({ pid }) => pid);
    const [killed, other] = workers();
    // Nobody takes traces meanwhile, so that the worker has some when it ends.
    process.kill(controlPlane, 'SIGSTOP');
    try {
      // Each worker tells what it has several times a second, between requests that come one after the other.
      for (const untilMs = performance.now() + 1_000; performance.now() < untilMs; )
        expect(await statusOfOwnConnection()).toBe(200);
      process.kill(killed!, 'SIGKILL');
      await until('another worker', () => workers().some((pid) => pid !== killed && pid !== other));
      expect(workers()).toContain(other);
      await until('the killed one to get no more', async () => !workers().includes(killed!));
      for (let sent = 0; sent < 20; sent++) expect(await statusOfOwnConnection()).toBe(200);
    } finally {
      process.kill(controlPlane, 'SIGCONT');
    }
    const { counts, state } = await until('the loss to be told', async () => {
      const latest = await session();
      return (latest.counts.dropped['worker_ended'] ?? 0) > 0 ? latest : null;
    });
    expect(state).toBe('active');
    expect(counts.seen).toBeGreaterThan(counts.dropped['worker_ended']!);
    await until('the traces of the other', async () => (await session()).counts.traces > 0);
    await product.api('POST', `${sessions}/${body.id}/stop`);
    await until('the session to end', async () => (await session()).state === 'ended');
  });
});
