import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../../../../test/support/free-ports.ts';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { PRODUCT, TestGateway } from '../testing/test-gateway.ts';

const NO_ROUTES = '_format_version: "3.0"\n';
/** Nothing listens on a port of the discard service of this machine. */
const CLOSED = 'http://127.0.0.1:9';

async function failing(url: string, service: object = {}, env: Record<string, string> = {}) {
  return TestGateway.start(oneRoute(url, {}, { retries: 0, ...service }), { env });
}

/** The answer to one request without the fields that differ each time. */
async function answered(gateway: TestGateway, method = 'GET') {
  const { status, reason, headers, body } = await gateway.send('/', { method });
  const { message, request_id: id } = JSON.parse(body) as Record<string, string>;
  expect(id).toBe(headers['x-kong-request-id']);
  return { status, reason, message };
}

describe('error answers', () => {
  it('carry the message and the request’s id, and the fields of an answer', async () => {
    const gateway = await TestGateway.start(NO_ROUTES);
    const { status, reason, headers, body } = await gateway.send('/nowhere');
    const id = headers['x-kong-request-id'];
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect({ status, reason, headers, body }).toEqual({
      status: 404,
      reason: 'Not Found',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(body.length),
        'x-kong-response-latency': expect.stringMatching(/^\d+$/),
        server: PRODUCT,
        date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
        'x-kong-request-id': id,
        connection: 'close',
      },
      body: `{\n  "message": "no Route matched with those values",\n  "request_id": "${id}"\n}`,
    });
  });

  it.each([
    ['application/json', 'application/json; charset=utf-8', /^\{\n/],
    ['*/*', 'application/json; charset=utf-8', /^\{\n/],
    ['image/png', 'application/json; charset=utf-8', /^\{\n/],
    ['text/plain', 'text/plain; charset=utf-8', /^no Route matched with those values\nrequest_id: \w{32}\n$/],
    ['text/*', 'text/html; charset=utf-8', /^<!doctype html>\n/],
    ['TEXT/HTML', 'text/html; charset=utf-8', /<p>request_id: \w{32}<\/p>/],
    ['text/html;q=0.4, application/xml;q=0.5', 'application/xml; charset=utf-8', /^<\?xml .*\n<error>\n/],
    ['application/xml;q=0, text/plain;q=0.1', 'text/plain; charset=utf-8', /^no Route/],
    ['text/html;q=high, text/plain', 'text/plain; charset=utf-8', /^no Route/],
  ])('come in the type that Accept: %s asks for', async (accept, type, pattern) => {
    const gateway = await TestGateway.start(NO_ROUTES);
    const { headers, body } = await gateway.send('/nowhere', { headers: { accept } });
    expect(headers['content-type']).toBe(type);
    expect(body).toMatch(pattern);
    expect(body).toContain(headers['x-kong-request-id']);
  });

  it('have no body where the request was HEAD, and the length it would have', async () => {
    const gateway = await TestGateway.start(NO_ROUTES);
    const { status, headers, body } = await gateway.send('/', { method: 'HEAD' });
    const { headers: full } = await gateway.send('/');
    expect({ status, body, length: headers['content-length'] }).toEqual({
      status: 404,
      body: '',
      length: full['content-length'],
    });
  });

  it('are 502 where nothing listens', async () => {
    expect(await answered(await failing(CLOSED))).toEqual({
      status: 502,
      reason: 'Bad Gateway',
      message: 'An invalid response was received from the upstream server',
    });
  });

  it.each([
    ['says nothing and hangs up', ''],
    ['answers what is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['breaks off in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['answers with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ])('are 502 where the upstream %s', async (_, said) => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send(said);
      peer.finish();
    });
    const gateway = await failing(`http://127.0.0.1:${upstream.target.port}`);
    expect(await answered(gateway)).toMatchObject({ status: 502 });
  });

  it('are 503 where the route has no service', async () => {
    const gateway = await TestGateway.start('_format_version: "3.0"\nroutes:\n- {paths: [/]}\n');
    expect(await answered(gateway)).toEqual({
      status: 503,
      reason: 'Service Unavailable',
      message: 'no Service found with those values',
    });
  });

  it('are 503 where the service is switched off', async () => {
    expect(await answered(await failing(CLOSED, { enabled: false }))).toMatchObject({ status: 503 });
  });

  it('are 503 where the upstream has no target with a weight', async () => {
    const gateway = await TestGateway.start(
      `${oneRoute('http://pool.test')}upstreams:\n- {name: pool.test, targets: [{target: "127.0.0.1:9", weight: 0}]}\n`,
    );
    expect(await answered(gateway)).toEqual({
      status: 503,
      reason: 'Service Unavailable',
      message: 'failure to get a peer from the ring-balancer',
    });
  });

  it('are 503 where the name can’t be resolved', async () => {
    // Nobody answers on that port: the kernel says so at once.
    const [port] = await freePorts(1);
    const env = { KONG_DNS_RESOLVER: `127.0.0.1:${port}` };
    expect(await answered(await failing('http://nowhere.invalid', {}, env))).toEqual({
      status: 503,
      reason: 'Service Unavailable',
      message: 'name resolution failed',
    });
  });

  it('are 504 where the upstream does not answer in time', async () => {
    const upstream = await ScriptedUpstream.start(() => {});
    const gateway = await failing(`http://127.0.0.1:${upstream.target.port}`, { read_timeout: 50 });
    expect(await answered(gateway)).toEqual({
      status: 504,
      reason: 'Gateway Timeout',
      message: 'The upstream server is timing out',
    });
  });

  it('are 426 for a route of https alone, or its redirect', async () => {
    const upstream = await EchoUpstream.start();
    const refused = await TestGateway.start(oneRoute(upstream.url, { protocols: ['https'] }));
    const { status, headers } = await refused.send('/');
    expect({ status, upgrade: headers['upgrade'], connection: headers['connection'] }).toEqual({
      status: 426,
      upgrade: 'TLS/1.2, HTTP/1.1',
      connection: expect.stringMatching(/Upgrade/i),
    });
    expect((await refused.send('/', { tls: {} })).status).toBe(200);
    const redirected = await TestGateway.start(
      oneRoute(upstream.url, { protocols: ['https'], https_redirect_status_code: 301 }),
    );
    const answer = await redirected.send('/p?q=1', { headers: { host: 'api.test:8000' } });
    expect({ status: answer.status, location: answer.headers['location'] }).toEqual({
      status: 301,
      location: 'https://api.test/p?q=1',
    });
  });

  it('are noted as 499 where the client has gone', async () => {
    const log = join(mkdtempSync(join(tmpdir(), 'gatescope-access-')), 'access.log');
    const upstream = await ScriptedUpstream.start(() => {});
    const gateway = await failing(
      `http://127.0.0.1:${upstream.target.port}`,
      {},
      { KONG_PROXY_ACCESS_LOG: log },
    );
    const client = await gateway.connect();
    client.send('GET /left HTTP/1.1\r\nHost: a.test\r\nUser-Agent: a "b"\r\n\r\n');
    await until('the upstream to be asked', () => upstream.peers[0]?.received.includes('\r\n\r\n'));
    client.reset();
    const line = await until('the line', () => readFileSync(log, 'utf8') || null);
    expect(line).toMatch(
      /^127\.0\.0\.1 - - \[[\dT:.Z-]+\] "GET \/left HTTP\/1\.1" 499 0 "-" "a \\x22b\\x22" kong_request_id: "\w{32}"\n$/,
    );
    await until('the upstream to be let go', () => upstream.peers[0]!.over);
  });

  it('cut the connection where the upstream dies in the middle of its body', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      peer.finish();
    });
    const gateway = await failing(`http://127.0.0.1:${upstream.target.port}`);
    await expect(gateway.send('/')).rejects.toThrow('aborted');
  });

  it.each([
    ['a request line too long', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, '414 URI Too Long'],
    [
      'a header too long',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
    ['another version', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', '400 Bad Request'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n', '400 Bad Request'],
  ])('refuse %s, and close', async (_, bytes, status) => {
    const gateway = await TestGateway.start(NO_ROUTES);
    const client = await gateway.connect();
    client.send(bytes);
    const [head = '', body = ''] = (await client.ended()).split('\r\n\r\n');
    const { message, request_id: id } = JSON.parse(body) as Record<string, string>;
    expect(head.split('\r\n')).toEqual([
      `HTTP/1.1 ${status}`,
      'Content-Type: application/json; charset=utf-8',
      `Server: ${PRODUCT}`,
      `X-Kong-Request-Id: ${id}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(gateway.lines).toEqual([
      {
        level: 'info',
        type: 'access',
        message: `request refused: ${message}`,
        attributes: { status: Number(status.slice(0, 3)), request_id: id },
      },
    ]);
  });
});
