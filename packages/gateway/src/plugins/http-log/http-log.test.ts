import { describe, expect, it } from 'vitest';
import { until } from '../../../../../test/support/until.ts';
import { loadConfig } from '../../config/load-config.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { treeBelow } from '../../testing/io-plugin.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { traced } from '../../testing/trace-collector.ts';
import { bundledPlugins } from '../registry.ts';

/** A gateway that logs to a server; `log` is what came there. */
async function start(config: object = {}, ...plugins: readonly { name: string; config: object }[]) {
  const upstream = await EchoUpstream.start((_, response) =>
    response.writeHead(201, { 'x-twice': ['1', '2'] }).end('made'),
  );
  let status = 200;
  const log = await EchoUpstream.start((_, response) => response.writeHead(status).end());
  const plugin = { name: 'http-log', config: { http_endpoint: `${log.url}/in`, ...config } };
  const gateway = await TestGateway.start(
    `${routeWith(upstream.url, plugin, ...plugins)}consumers:\n- {username: ann, keyauth_credentials: [{key: k-1}]}\n`,
    { logLevel: 'debug' },
  );
  return { upstream, log, gateway, refuse: (with_: number) => (status = with_) };
}

describe('http-log', () => {
  it('tells of a request as Kong does', async () => {
    const { upstream, log, gateway } = await start(
      { headers: { 'x-log-key': 'abc' } },
      { name: 'key-auth', config: {} },
    );
    const answer = await gateway.send('/orders?a=1&a=2&flag', {
      method: 'POST',
      headers: { apikey: 'k-1', authorization: 'Basic c2VjcmV0', host: 'shop.test' },
      body: 'hello',
    });
    await until('the log to be written', () => log.received.length === 1);
    const { method, target, headers, body } = log.only;
    expect([method, target, headers['content-type'], headers['x-log-key']]).toEqual([
      'POST',
      '/in',
      'application/json',
      'abc',
    ]);
    const entry = JSON.parse(body);
    expect(entry).toMatchObject({
      request: {
        id: answer.headers['x-kong-request-id'],
        method: 'POST',
        uri: '/orders?a=1&a=2&flag',
        url: `http://shop.test:${gateway.port}/orders?a=1&a=2&flag`,
        querystring: { a: ['1', '2'], flag: true },
        headers: { host: 'shop.test', authorization: 'REDACTED' },
        size: expect.any(Number),
      },
      response: { status: 201, headers: { 'x-twice': ['1', '2'] }, size: expect.any(Number) },
      latencies: {
        request: expect.any(Number),
        kong: expect.any(Number),
        proxy: expect.any(Number),
        receive: expect.any(Number),
      },
      tries: [{ ip: '127.0.0.1', port: upstream.port }],
      client_ip: '127.0.0.1',
      started_at: expect.any(Number),
      upstream_uri: '/orders?a=1&a=2&flag',
      upstream_status: '201',
      source: 'upstream',
      route: { name: 'all', service: { id: expect.any(String) } },
      service: { name: 'up', port: upstream.port },
      consumer: { username: 'ann', custom_id: null },
      authenticated_entity: { id: expect.any(String) },
    });
    const { request, kong, proxy, receive } = entry.latencies;
    expect(Math.abs(request - kong - proxy - receive)).toBeLessThanOrEqual(3);
    expect(body).not.toContain('c2VjcmV0');
    expect(entry.consumer).not.toHaveProperty('keyauth_credentials');
  });

  it('tells who answered, where no upstream did', async () => {
    const { log, gateway, upstream } = await start({}, { name: 'key-auth', config: {} });
    await gateway.send('/');
    await until('the first line', () => log.received.length === 1);
    await upstream.close();
    await gateway.send('/', { headers: { apikey: 'k-1' } });
    await until('the second line', () => log.received.length === 2);
    const told = log.received.map(({ body }) => JSON.parse(body));
    expect(
      told.map(({ source, response, tries, latencies }) => [
        source,
        response.status,
        tries.length,
        latencies.proxy,
      ]),
    ).toEqual([
      ['exit', 401, 0, -1],
      ['error', 502, 1, -1],
    ]);
  });

  it('sends batches as a list, and what waits when its configuration goes', async () => {
    const { log, gateway } = await start({
      method: 'PUT',
      queue: { max_batch_size: 3, max_coalescing_delay: 3_600 },
    });
    await gateway.send('/1');
    await gateway.send('/2');
    await gateway.untilLogged('on its way to the log server');
    gateway.worker.apply('_format_version: "3.0"');
    await until('the batch', () => log.received.length === 1);
    const uris = JSON.parse(log.only.body).map(({ request }: { request: { uri: string } }) => request.uri);
    expect([log.only.method, uris]).toEqual(['PUT', ['/1', '/2']]);
  });

  it('tries again where the server does not take it, and never keeps a client waiting', async () => {
    const { log, gateway, refuse } = await start({ queue: { initial_retry_delay: 0.001 } });
    refuse(503);
    expect((await gateway.send('/')).status).toBe(201);
    await gateway.untilLogged('could not send 1 entry');
    refuse(200);
    const [first] = log.received;
    await until(
      'it to be sent again',
      () => log.received.length > 1 && log.received.at(-1)!.body === first!.body,
    );
  });

  it('has a span of its own in the log phase, and none for what it sends later', async () => {
    const { log, gateway } = await start();
    const collector = await traced(gateway);
    await gateway.send('/');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    expect(treeBelow(trace!.spans, 'kong.phase.log')).toEqual(['kong.log.plugin.http-log']);
    await until('the line', () => log.received.length === 1);
  });

  it('says what is wrong with its configuration', () => {
    const errorsOf = (config: object) => {
      const loaded = loadConfig(
        routeWith('http://127.0.0.1:1', { name: 'http-log', config }),
        bundledPlugins,
      );
      return loaded.ok ? [] : loaded.errors.map(({ message }) => message);
    };
    expect(errorsOf({ http_endpoint: 'http://log.test' })).toEqual([]);
    expect(errorsOf({ http_endpoint: 'log.test' })).toEqual([expect.stringContaining('begins with http://')]);
    expect(
      errorsOf({
        http_endpoint: 'http://log.test',
        headers: { host: 'x', 'bad name': 'y' },
        custom_fields_by_lua: { x: 'return 1' },
      }),
    ).toEqual([
      expect.stringContaining('host is set by the gateway'),
      expect.stringContaining('no name or value'),
      expect.stringContaining('Lua does not run'),
    ]);
    expect(errorsOf({ http_endpoint: 'http://log.test', queue: { max_batch_sise: 2 } })).toEqual([
      expect.stringContaining('unknown field max_batch_sise'),
    ]);
  });
});
