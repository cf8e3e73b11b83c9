import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import type { Question } from '../testing/send-request.ts';
import { PRODUCT, TestGateway } from '../testing/test-gateway.ts';

const TRUSTING = { KONG_TRUSTED_IPS: '127.0.0.0/8, 10.1.0.0/16' };

interface Setting {
  readonly route?: object;
  readonly service?: object;
  readonly env?: Record<string, string>;
}

/** The headers that the upstream gets of one request, and the gateway it went through. */
async function forwarded(path: string, question: Question, { route, service, env }: Setting = {}) {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(oneRoute(upstream.url, route, service), { env: env ?? {} });
  const answer = await gateway.send(path, question);
  return { headers: upstream.only.headers, target: upstream.only.target, gateway, upstream, answer };
}

describe('the request to the upstream', () => {
  it('says who asked for what, and carries the gateway’s own fields', async () => {
    const { headers, gateway, upstream, answer } = await forwarded('/p?q=1', {
      headers: { host: 'api.test:8000', accept: 'text/plain' },
    });
    expect(headers).toEqual({
      host: `127.0.0.1:${upstream.port}`,
      accept: 'text/plain',
      connection: 'keep-alive',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.test',
      'x-forwarded-port': String(gateway.port),
      'x-forwarded-path': '/p',
      'x-real-ip': '127.0.0.1',
      via: `1.1 ${PRODUCT}`,
      'x-kong-request-id': answer.headers['x-kong-request-id'],
    });
  });

  it('replaces what an untrusted client claims, and adds to X-Forwarded-For', async () => {
    const { headers, gateway } = await forwarded('/p', {
      headers: {
        host: 'api.test',
        'X-Forwarded-For': '1.1.1.1',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'forged.test',
        'X-Forwarded-Port': '1',
        'X-Forwarded-Path': '/forged',
        'X-Forwarded-Prefix': '/forged',
        'X-Real-IP': '1.1.1.1',
        'X-Kong-Request-Id': 'forged',
        Via: '1.0 cache.test',
      },
    });
    expect(headers).toMatchObject({
      'x-forwarded-for': '1.1.1.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.test',
      'x-forwarded-port': String(gateway.port),
      'x-forwarded-path': '/p',
      'x-real-ip': '127.0.0.1',
      'x-kong-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      via: `1.0 cache.test, 1.1 ${PRODUCT}`,
    });
    expect(headers['x-forwarded-prefix']).toBeUndefined();
  });

  it('keeps what a trusted proxy says, and takes the client’s address from X-Real-IP', async () => {
    const { headers } = await forwarded(
      '/p',
      {
        headers: {
          'X-Forwarded-For': '1.1.1.1',
          'X-Forwarded-Proto': 'https',
          'X-Forwarded-Host': 'shop.test',
          'X-Forwarded-Port': '443',
          'X-Forwarded-Path': '/shop/p',
          'X-Forwarded-Prefix': '/shop',
          'X-Real-IP': '9.9.9.9',
        },
      },
      { env: TRUSTING },
    );
    expect(headers).toMatchObject({
      'x-forwarded-for': '1.1.1.1, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.test',
      'x-forwarded-port': '443',
      'x-forwarded-path': '/shop/p',
      'x-forwarded-prefix': '/shop',
      'x-real-ip': '9.9.9.9',
    });
  });

  it.each([
    ['the last, of several', { recursive: 'off' }, '8.8.8.8, 9.9.9.9', '9.9.9.9'],
    ['the last that is not trusted', { recursive: 'on' }, '8.8.8.8, 9.9.9.9, 10.1.2.3', '9.9.9.9'],
    ['the first, if all are trusted', { recursive: 'on' }, '10.1.0.1, 10.1.0.2', '10.1.0.1'],
    ['the peer, if it is no address', { recursive: 'on' }, 'unknown', '127.0.0.1'],
    ['the last that is an address', { recursive: 'on' }, 'unknown, 10.1.0.2', '10.1.0.2'],
    ['without its port', { recursive: 'off' }, '9.9.9.9:4711', '9.9.9.9'],
    ['of IPv6', { recursive: 'off' }, '[2001:db8::1]:4711', '2001:db8::1'],
  ])('takes %s, from X-Forwarded-For', async (_, { recursive }, told, expected) => {
    const env = {
      ...TRUSTING,
      KONG_REAL_IP_HEADER: 'X-Forwarded-For',
      KONG_REAL_IP_RECURSIVE: recursive,
    };
    const { headers } = await forwarded('/', { headers: { 'X-Forwarded-For': told } }, { env });
    expect(headers['x-real-ip']).toBe(expected);
  });

  it('tells the part of the path that was stripped', async () => {
    const { headers, target } = await forwarded(
      '/shop/items?x=1',
      {},
      { route: { paths: ['/shop'], strip_path: true } },
    );
    expect([target, headers['x-forwarded-path'], headers['x-forwarded-prefix']]).toEqual([
      '/items?x=1',
      '/shop/items',
      '/shop',
    ]);
  });

  it('keeps the client’s Host where the route says so', async () => {
    const { headers } = await forwarded(
      '/',
      { headers: { host: 'API.test:8000' } },
      { route: { preserve_host: true } },
    );
    expect(headers['host']).toBe('API.test:8000');
  });

  it('names the upstream, or what the upstream wants to be called', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(`_format_version: "3.0"
services:
- {name: plain, host: pool-a, routes: [{paths: [/a]}]}
- {name: called, host: pool-b, routes: [{paths: [/b]}]}
upstreams:
- {name: pool-a, targets: [{target: "127.0.0.1:${upstream.port}"}]}
- {name: pool-b, host_header: called.test, targets: [{target: "127.0.0.1:${upstream.port}"}]}
`);
    await gateway.send('/a');
    await gateway.send('/b');
    expect(upstream.received.map(({ headers }) => headers['host'])).toEqual(['pool-a', 'called.test']);
  });

  it('leaves out what concerns the client’s connection, and nothing else', async () => {
    const { headers } = await forwarded('/', {
      headers: {
        Connection: 'close, X-Secret',
        'X-Secret': 'hop',
        'Keep-Alive': 'timeout=5',
        'Proxy-Connection': 'keep-alive',
        Upgrade: 'h2c',
        TE: 'gzip',
        'Proxy-Authorization': 'Basic eDp5',
        Cookie: 'a=1; b=2',
        'X-Empty': '',
      },
    });
    const left = ['x-secret', 'keep-alive', 'proxy-connection', 'upgrade', 'te'];
    expect(left.filter((name) => headers[name] !== undefined)).toEqual([]);
    expect(headers).toMatchObject({
      connection: 'keep-alive',
      cookie: 'a=1; b=2',
      'x-empty': '',
      'proxy-authorization': 'Basic eDp5',
    });
  });

  it('does not let a client take away what a plugin sets', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      `${oneRoute(upstream.url)}plugins:
- {name: key-auth, config: {}}
consumers:
- {username: ann, keyauth_credentials: [{key: ann-key}]}
`,
    );
    const { status } = await gateway.send('/', {
      headers: { apikey: 'ann-key', connection: 'close, X-Consumer-Username, X-Forwarded-For, Host' },
    });
    const { 'x-consumer-username': username, 'x-forwarded-for': address } = upstream.only.headers;
    expect({ status, username, address }).toEqual({ status: 200, username: 'ann', address: '127.0.0.1' });
  });

  it('keeps the path as the client escaped it, normalised, and the query to the byte', async () => {
    const { target } = await forwarded('/a/./b/../%41%2f%7e%20%c3%A9//x?y=%41&%zz', {});
    expect(target).toBe('/a/A%2F~%20%C3%A9/x?y=%41&%zz');
  });

  it('says https of a request over TLS', async () => {
    const { headers, gateway } = await forwarded('/', { tls: { servername: 'a.test' } });
    expect([headers['x-forwarded-proto'], headers['x-forwarded-port']]).toEqual([
      'https',
      String(gateway.tlsPort),
    ]);
  });

  it('does not carry the request’s id where KONG_HEADERS_UPSTREAM says off', async () => {
    const { headers } = await forwarded('/', {}, { env: { KONG_HEADERS_UPSTREAM: 'off' } });
    expect(headers['x-kong-request-id']).toBeUndefined();
  });
});
