import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { List, Payload, PayloadCapture, Session, TraceSummary } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisServer } from '../../packages/gateway/src/testing/redis-server.ts';
import { childrenOf, childWith, peakMemoryBytes } from '../support/processes.ts';
import { ADMIN_TOKEN, type Product, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { piecesOf, sumOf, sumOfStream, writeAll } from './support/bytes.ts';
import { foundIn, foundInFiles } from './support/find-secret.ts';

const SESSIONS = '/control-planes/default/sessions';
const MB = 1_000_000;
/** For what takes some seconds on a machine that has nothing else to do. */
const TEST_MS_MAX = 90_000;
/** What a worker may have had in use; it is above what the same transfers need without capture. */
const WORKER_BYTES_MAX = 400 * MB;

/** What must be found nowhere. */
const SECRETS = {
  card: '4111111111111111',
  'card in gzip': '5555555555554444',
  'card in br': '378282246310005',
  'card of the upstream': '6011111111111117',
  bearer: 'bearer-secret-eyJhbGciOiJIUzI1NiJ9',
  'basic credentials': Buffer.from('ann:basic-secret-77').toString('base64'),
  'key in a header': 'header-key-secret-4711',
  'key in the query': 'query-key-secret-4712',
  'password of Redis': 'redis-secret-0815',
  cookie: 'cookie-secret-1234567',
  'cookie of the upstream': 'set-cookie-secret-1234567',
  'token in an upstream URL': 'upstream-token-secret-99',
  'personal data by a rule': 'ssn-078-05-1120',
  'what a plugin logs': 'logged-secret-abcdef',
} as const;
/** What is no secret, and has to be found in what the API tells, for the search to mean something. */
const MARKER = 'marker-which-is-no-secret';
const PATH = '/shop/search';

const answer: RequestListener = (request, response) => {
  if (request.url?.startsWith('/bytes')) {
    void writeAll(response, piecesOf(7, 200 * MB)).catch(() => undefined);
    return;
  }
  void sumOfStream(request).then(
    (sum) => {
      response.setHeader('set-cookie', `sid=${SECRETS['cookie of the upstream']}; Path=/`);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ pan: SECRETS['card of the upstream'], sum, MARKER }));
    },
    () => response.destroy(),
  );
};

let product: Product;
let upstream: Upstream;
let redis: RedisServer;
let session: Session;
const heard: string[] = [];
const exports: Buffer[] = [];

async function get<T>(path: string): Promise<T> {
  const { status, body } = await product.api<T>('GET', path);
  expect({ path, status }).toEqual({ path, status: 200 });
  heard.push(JSON.stringify(body));
  return body;
}

async function exported(format: string): Promise<Buffer> {
  const path = `/api/v1${SESSIONS}/${session.id}/export?format=${format}`;
  const response = await fetch(product.apiUrl + path, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  expect([format, response.status]).toEqual([format, 200]);
  return Buffer.from(await response.arrayBuffer());
}

async function send(path: string, headers: Record<string, string>, body?: Buffer | string): Promise<number> {
  const response = await fetch(product.proxyUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function startSession(capture: object): Promise<Session> {
  const { body } = await product.api<Session>('POST', SESSIONS, { capture, max_traces: 50 });
  return await until('the session to be active', async () => {
    const { body: now } = await product.api<Session>('GET', `${SESSIONS}/${body.id}`);
    return now.state === 'active' ? now : null;
  });
}

describeWith('redis-server', 'a session full of secrets', (program) => {
  beforeAll(async () => {
    redis = await RedisServer.start(program, '--requirepass', SECRETS['password of Redis']);
    upstream = await startUpstream(answer);
    const directory = mkdtempSync(join(tmpdir(), 'gatescope-secrets-'));
    product = await startProduct({
      dataDir: directory,
      env: { KONG_LOG_LEVEL: 'debug', KONG_PROXY_ACCESS_LOG: join(directory, 'access.log') },
    });
    const config = {
      _format_version: '3.0',
      services: [
        {
          name: 'shop',
          url: `${upstream.url}/hooks;token=${SECRETS['token in an upstream URL']}`,
          routes: [{ name: 'shop', paths: ['/shop'] }],
          plugins: [
            { name: 'key-auth', config: { key_names: ['x-shop-key'] } },
            {
              name: 'rate-limiting',
              config: {
                minute: 100_000,
                policy: 'redis',
                redis: { host: '127.0.0.1', port: redis.port, password: SECRETS['password of Redis'] },
              },
            },
            {
              name: 'pre-function',
              config: { access: [`kong.log.warn("called with password=${SECRETS['what a plugin logs']}")`] },
            },
          ],
        },
        {
          name: 'bytes',
          url: upstream.url,
          routes: [{ name: 'bytes', paths: ['/bytes'], strip_path: false }],
        },
      ],
      consumers: [
        {
          username: 'ann',
          keyauth_credentials: [{ key: SECRETS['key in a header'] }, { key: SECRETS['key in the query'] }],
        },
      ],
    };
    const pushed = await product.api('PUT', '/control-planes/default/config', config);
    expect(pushed.status).toBe(200);
    const { body: consent } = await product.api<PayloadCapture>('GET', '/settings/payload-capture');
    await product.api('PUT', '/settings/payload-capture', {
      enabled: true,
      agreement_text: consent.agreement_text,
    });
    session = await startSession({
      logs: 'debug',
      headers: true,
      bodies: true,
      redact: [{ pattern: 'ssn-[0-9-]+' }],
    });
    await until('the configuration to be live', async () => (await send('/shop', {})) === 401);
  });
  afterAll(async () => {
    await product.close();
    await upstream.close();
    await redis.stop();
  });

  it('is told of without any of them, by every way the API has', { timeout: TEST_MS_MAX }, async () => {
    const key = { 'x-shop-key': SECRETS['key in a header'] };
    const json = { ...key, 'content-type': 'application/json' };
    const card = (number: string) => JSON.stringify({ number, note: MARKER });
    const statuses = [
      await send('/shop/pay', { ...json, authorization: `Bearer ${SECRETS.bearer}` }, card(SECRETS.card)),
      await send(
        '/shop/pay',
        { ...json, 'content-encoding': 'gzip' },
        gzipSync(card(SECRETS['card in gzip'])),
      ),
      await send(
        '/shop/pay',
        { ...json, 'content-encoding': 'br' },
        brotliCompressSync(card(SECRETS['card in br'])),
      ),
      await send(`${PATH}?q=${MARKER}&x-shop-key=${SECRETS['key in the query']}`, {
        authorization: `Basic ${SECRETS['basic credentials']}`,
        cookie: `sid=${SECRETS.cookie}`,
      }),
      await send(`/shop/people/${SECRETS['personal data by a rule']}?pan=${SECRETS.card}`, {
        ...key,
        referer: `http://a.test/?pan=${SECRETS.card}`,
        'x-person': SECRETS['personal data by a rule'],
      }),
    ];
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    const traces = await until('the traces', async () => {
      const { body } = await product.api<List<TraceSummary>>('GET', `${SESSIONS}/${session.id}/traces`);
      return body.data.filter(({ status_code }) => status_code === 200).length === 5 ? body.data : null;
    });
    for (const { id, log_count, has_payload } of traces) {
      expect([log_count > 0, has_payload]).toEqual([true, true]);
      const path = `${SESSIONS}/${session.id}/traces/${id}`;
      await get(path);
      await get(`${path}?format=otlp`);
      await get<Payload>(`${path}/payload`);
      const { data } = await get<List<LogLine>>(`${path}/logs`);
      expect(data.filter(({ type }) => type === 'access')).toHaveLength(1);
    }
    await get(`${SESSIONS}/${session.id}/traces`);
    await get(`${SESSIONS}/${session.id}/logs`);
    await get('/audit-log');
    for (const format of ['otlp', 'har', 'zip']) exports.push(await exported(format));
    const told = Buffer.from(heard.join('\n'));
    expect(told.includes('called with password=****')).toBe(true);
    const sought = [MARKER, PATH, ...Object.values(SECRETS)];
    // OTLP has spans alone, in which there are no queries and no bodies.
    expect([told, ...exports].map((bytes) => foundIn(bytes, sought))).toEqual([
      [MARKER, PATH],
      [PATH],
      [MARKER, PATH],
      [MARKER, PATH],
    ]);
    expect(told.includes('kong.io.redis.')).toBe(true);
  });

  it('leaves none of them in the data directory, its journals and logs, nor in what was printed', {
    timeout: TEST_MS_MAX,
  }, () => {
    const printed = Buffer.from(product.output());
    expect(printed.includes('called with password=****')).toBe(true);
    const secrets = Object.values(SECRETS);
    expect(foundIn(printed, secrets)).toEqual([]);
    // The access log tells queries, so that it has the marker; everything else that could is sealed.
    expect(foundInFiles(product.dataDir, [...secrets, MARKER])).toEqual(new Map([['access.log', [MARKER]]]));
  });

  it('is searched by what finds a marker in gzip, br and Base64, and in one within another', () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatescope-planted-'));
    mkdirSync(join(directory, 'deep'));
    const plant = Buffer.from(`before ${MARKER} after`);
    const planted = {
      plain: Buffer.concat([Buffer.from([0, 255]), plant]),
      gzip: Buffer.concat([Buffer.from('head'), gzipSync(plant)]),
      br: brotliCompressSync(plant),
      base64: Buffer.from(`x=${plant.toString('base64')}&y`),
      'deep/base64-of-gzip': Buffer.from(`{"a":"${gzipSync(plant).toString('base64')}"}`),
    };
    for (const [name, bytes] of Object.entries(planted)) writeFileSync(join(directory, name), bytes);
    writeFileSync(join(directory, 'other'), 'nothing');
    expect([...foundInFiles(directory, [MARKER]).keys()].sort()).toEqual(Object.keys(planted).sort());
    rmSync(directory, { recursive: true });
  });

  it('passes 200 MB each way while bodies are captured, byte for byte and within the memory it may have', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const big = await startSession({ headers: true, bodies: true, body_bytes_max: 1_048_576 });
    const expected = sumOf(piecesOf(7, 200 * MB));
    const down = http.get(`${product.proxyUrl}/bytes`, { agent: false });
    const [response] = (await once(down, 'response')) as [http.IncomingMessage];
    expect(await sumOfStream(response)).toBe(expected);
    const up = http.request(`${product.proxyUrl}/shop/up`, {
      method: 'POST',
      agent: false,
      headers: { 'x-shop-key': SECRETS['key in a header'] },
    });
    const answered = once(up, 'response') as Promise<[http.IncomingMessage]>;
    await writeAll(up, piecesOf(7, 200 * MB));
    const [answerUp] = await answered;
    let text = '';
    for await (const chunk of answerUp as AsyncIterable<Buffer>) text += chunk.toString();
    expect((JSON.parse(text) as { sum: string }).sum).toBe(expected);
    const traces = await until('both traces', async () => {
      const { body } = await product.api<List<TraceSummary>>('GET', `${SESSIONS}/${big.id}/traces`);
      return body.data.length === 2 ? body.data : null;
    });
    for (const { id, has_payload } of traces) {
      expect(has_payload).toBe(true);
      const { body } = await product.api<Payload>('GET', `${SESSIONS}/${big.id}/traces/${id}/payload`);
      const large = [body.client_request!.body, body.client_response!.body].find(
        (one) => one?.size_bytes === 200 * MB,
      );
      expect(large).toMatchObject({ captured_bytes: 1_048_576, truncated: true });
    }
    const dataPlane = childWith(product.process.pid!, '__data-plane');
    const workers = childrenOf(dataPlane).filter(({ args }) => args.includes('__worker'));
    expect(Math.max(...workers.map(({ pid }) => peakMemoryBytes(pid)))).toBeLessThan(WORKER_BYTES_MAX);
  });
});
