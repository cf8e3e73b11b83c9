import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Agent, fetch as undiciFetch, request as undiciRequest } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../../../../test/support/programs.ts';
import { A_TEST } from '../../../../http1/src/testing/certificates.ts';
import type { Exchange } from '../../pipeline/exchange.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { accessPlugin, testPlugin, treeBelow } from '../../testing/io-plugin.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { RedisServer } from '../../testing/redis-server.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../../testing/trace-collector.ts';
import { ioObserverFailures } from './io-observer.ts';

const HTTP = ['http.request.method', 'http.response.status_code', 'network.peer.port'] as const;

/** The trace of one request whose plugin does this. */
async function traceOf(access: (exchange: Exchange) => void | Promise<void>): Promise<CollectedTrace> {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'probe', config: {} }), {
    plugins: [accessPlugin(access)],
  });
  const collector = await traced(gateway);
  const answer = await gateway.send('/');
  expect(answer.status, answer.body).toBe(200);
  const [trace] = await collector.until(1);
  expectWhole(trace!);
  expect(ioObserverFailures()).toBe(0);
  return trace!;
}

/** What a plugin's access phase did, as a tree. */
async function ioOf(
  access: (exchange: Exchange) => void | Promise<void>,
  ...attributes: readonly string[]
): Promise<string[]> {
  return treeBelow((await traceOf(access)).spans, 'kong.access.plugin.probe', ...attributes);
}

const timings = (trace: CollectedTrace) =>
  trace.spans[0]!.attributes['proxy.kong.latency.net_io_timings'] as {
    ip: string;
    connect_time: number;
    rw_time: number;
  }[];

describe('observeIo() in the certificate phase', () => {
  it('keeps what a plugin does for the first request of the connection, and for no other', async () => {
    const { url, port } = await EchoUpstream.start();
    const certificate = async () => {
      await trace.getTracer('test').startActiveSpan('own', async (span) => {
        span.setAttribute('step', 'one').addEvent('half way');
        await (await fetch(`${url}/keys?secret=1`)).text();
        span.end();
      });
      await undiciRequest('http://127.0.0.1:9').catch(() => undefined);
    };
    const gateway = await TestGateway.start(routeWith(url, { name: 'probe', config: {} }), {
      plugins: [testPlugin('probe', { certificate })],
    });
    const collector = await traced(gateway);
    const agent = new https.Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const ask = () => gateway.send('/', { tls: { servername: 'a.test', agent } as object });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const [first, second] = await collector.until(2);
    expectWhole(first!);
    expectWhole(second!);
    const plugin = 'kong.certificate.plugin.probe';
    expect(treeBelow(first!.spans, plugin, 'step', ...HTTP)).toEqual([
      'own one',
      `  kong.io.http.request GET 200 ${port}`,
      `    kong.io.http.connect ${port}`,
      'kong.io.http.request GET ! ECONNREFUSED',
      '  kong.io.http.connect ! ECONNREFUSED',
    ]);
    expect(first!.spans.find(({ name }) => name === 'own')!.events.map(({ name }) => name)).toEqual([
      'half way',
    ]);
    expect(timings(first!)).toHaveLength(2);
    expect(second!.spans.map(({ name }) => name)).not.toContain(plugin);
  });

  it('is silent about a handshake that nobody recorded', async () => {
    const { url } = await EchoUpstream.start();
    const gateway = await TestGateway.start(routeWith(url, { name: 'probe', config: {} }), {
      plugins: [testPlugin('probe', { certificate: async () => void (await (await fetch(url)).text()) })],
    });
    const socket = connectTls({ port: gateway.tlsPort, servername: 'a.test', rejectUnauthorized: false });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    const collector = await traced(gateway);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [only] = await collector.until(1);
    expectWhole(only!);
    expect(treeBelow(only!.spans, 'kong.certificate.plugin.probe')).toEqual([]);
  });
});

describe('observeIo() over HTTP', () => {
  it("sees Node's own fetch, and the connection it makes", async () => {
    const { url, port } = await EchoUpstream.start();
    expect(await ioOf(async () => void (await (await fetch(`${url}/a?secret=1`)).text()), ...HTTP)).toEqual([
      `kong.io.http.request GET 200 ${port}`,
      `  kong.io.http.connect ${port}`,
    ]);
  });

  it('sees the name that has to be looked up', async () => {
    const { port } = await EchoUpstream.start();
    const trace = await traceOf(async () => void (await (await fetch(`http://localhost:${port}/`)).text()));
    expect(treeBelow(trace.spans, 'kong.access.plugin.probe')).toEqual([
      'kong.io.http.request',
      '  kong.io.http.connect',
      '    kong.dns',
    ]);
    const [entry] = trace.spans.find(({ name }) => name === 'kong.dns')!.attributes[
      'proxy.kong.dns.entry'
    ] as { name: string }[];
    expect(entry).toMatchObject({ name: 'localhost', source: 'system', cache_hit: false });
  });

  it('sees undici, by fetch and by request, on a connection that is used again', async () => {
    const { url, port } = await EchoUpstream.start();
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    const tree = await ioOf(
      async () => {
        await (await undiciFetch(url, { dispatcher, method: 'POST', body: 'x' })).text();
        // The pool has the connection back one turn later.
        await new Promise(setImmediate);
        await (await undiciRequest(url, { dispatcher, method: 'DELETE' })).body.text();
      },
      ...HTTP,
    );
    expect(tree).toEqual([
      `kong.io.http.request POST 200 ${port}`,
      `  kong.io.http.connect ${port}`,
      `kong.io.http.request DELETE 200 ${port}`,
    ]);
  });

  it('sees node:http, with and without a connection of its own', async () => {
    const { url, port } = await EchoUpstream.start();
    const agent = new http.Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const get = () =>
      new Promise((resolve, reject) =>
        http.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject),
      );
    const tree = await ioOf(
      async () => {
        await get();
        // The agent has the connection back one turn later.
        await new Promise(setImmediate);
        await get();
      },
      ...HTTP,
    );
    expect(tree).toEqual([
      `kong.io.http.request GET 200 ${port}`,
      `  kong.io.http.connect ${port}`,
      `kong.io.http.request GET 200 ${port}`,
    ]);
  });

  it('sees node:https and its handshake', async () => {
    const server = https.createServer({ cert: A_TEST.cert, key: A_TEST.key }, (_, response) =>
      response.end('ok'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const tree = await ioOf(
      () =>
        new Promise<void>((resolve, reject) => {
          https
            .get(`https://127.0.0.1:${port}/`, { rejectUnauthorized: false, agent: false }, (response) =>
              response.resume().on('end', () => resolve()),
            )
            .on('error', reject);
        }),
      ...HTTP,
    );
    expect(tree).toEqual([`kong.io.http.request GET 200 ${port}`, `  kong.io.http.connect ${port}`]);
  });

  it('sees undici over TLS', async () => {
    const server = https.createServer({ cert: A_TEST.cert, key: A_TEST.key }, (_, response) =>
      response.end('ok'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    onTestFinished(() => dispatcher.close());
    const tree = await ioOf(
      async () =>
        void (await (await undiciRequest(`https://127.0.0.1:${port}/`, { dispatcher })).body.text()),
      ...HTTP,
    );
    expect(tree).toEqual([`kong.io.http.request GET 200 ${port}`, `  kong.io.http.connect ${port}`]);
  });

  it('says in a word why a request failed, without quoting anything', async () => {
    const gone = await EchoUpstream.start();
    await gone.close();
    expect(await ioOf(async () => void (await fetch(`${gone.url}/secret`).catch(() => null)))).toEqual([
      'kong.io.http.request ! ECONNREFUSED',
      '  kong.io.http.connect ! ECONNREFUSED',
    ]);
  });

  it('keeps parallel requests apart and counts their time once', async () => {
    const first = await EchoUpstream.start();
    const second = await EchoUpstream.start();
    const trace = await traceOf(async () => {
      const get = async (url: string) => (await fetch(url)).text();
      await Promise.all([get(`${first.url}/x`), get(`${second.url}/y`), get(`${first.url}/z`)]);
    });
    const requests = treeBelow(trace.spans, 'kong.access.plugin.probe', 'network.peer.port')
      .filter((line) => line.startsWith('kong.io.http.request'))
      .sort();
    expect(requests).toEqual(
      [first.port, first.port, second.port].map((port) => `kong.io.http.request ${port}`).sort(),
    );
    expect(timings(trace).map(({ ip }) => ip)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    // expectWhole() has seen that the parts, I/O among them, add up to the total.
    const total = trace.spans[0]!.attributes['proxy.kong.latency.total'] as number;
    const internal = trace.spans[0]!.attributes['proxy.kong.latency.internal'] as number;
    expect(internal).toBeLessThanOrEqual(total);
  });

  it('leaves out what goes on when the plugin is done, and what it begins later', async () => {
    const slow = await EchoUpstream.start(() => undefined);
    const trace = await traceOf(() => {
      void fetch(slow.url).catch(() => undefined);
      setTimeout(() => void fetch(slow.url).catch(() => undefined), 1);
    });
    await slow.close();
    const io = trace.spans.filter(({ name }) => name === 'kong.io.http.request');
    expect(io.map(({ attributes }) => attributes['gatescope.io.unfinished'])).toEqual([true]);
  });

  it("tells no path, no query and no header of a plugin's requests", async () => {
    const { url } = await EchoUpstream.start();
    const trace = await traceOf(async () => {
      await (
        await fetch(`${url}/hooks/s3cret-path?token=s3cret-query`, {
          headers: { authorization: 'Bearer s3cret-header' },
        })
      ).text();
    });
    expect(Buffer.from(trace.bytes).toString('latin1')).not.toContain('s3cret');
  });
});

describe('observeIo() over sockets', () => {
  it('sees a plain socket connect, and read until its end', async () => {
    const { port } = await EchoUpstream.start();
    const tree = await ioOf(
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () =>
            socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
          );
          socket.resume().on('end', resolve).on('error', reject);
        }),
      'network.protocol.name',
      'network.peer.port',
    );
    expect(tree).toEqual([`kong.io.socket.connect tcp ${port}`, `kong.io.socket.receive tcp ${port}`]);
  });

  it('says why a socket could not connect', async () => {
    const tree = await ioOf(
      () => new Promise<void>((resolve) => void connect(9, '127.0.0.1').on('error', () => resolve())),
    );
    expect(tree).toEqual(['kong.io.socket.connect ! ECONNREFUSED']);
  });

  it("leaves out the gateway's own connections", async () => {
    const trace = await traceOf(() => undefined);
    expect(trace.spans.filter(({ name }) => name.startsWith('kong.io.'))).toEqual([]);
    expect(timings(trace)).toEqual([]);
  });
});

describeWith('redis-server', 'observeIo() over Redis', (program) => {
  it('sees commands of ioredis by their names alone, and not what the client says of itself', async () => {
    const redis = await RedisServer.start(program, '--requirepass', 's3cret-password');
    onTestFinished(() => redis.stop());
    const trace = await traceOf(async () => {
      const client = new Redis(redis.port, '127.0.0.1', { password: 's3cret-password', lazyConnect: true });
      await client.connect();
      await client.set('s3cret-key', 's3cret-value');
      await Promise.all([client.incrby('s3cret-counter', 2), client.get('s3cret-key')]);
      await client.hget('s3cret-key', 's3cret-field').catch(() => null);
      await client.call('s3cretcommand s3cret', 's3cret-argument').catch(() => null);
      client.disconnect();
    });
    expect(
      treeBelow(
        trace.spans,
        'kong.access.plugin.probe',
        'network.protocol.name',
        'network.peer.address',
        'network.peer.port',
      ),
    ).toEqual([
      `kong.io.redis.connect redis 127.0.0.1 ${redis.port}`,
      `kong.io.redis.set redis 127.0.0.1 ${redis.port}`,
      `kong.io.redis.incrby redis 127.0.0.1 ${redis.port}`,
      `kong.io.redis.get redis 127.0.0.1 ${redis.port}`,
      `kong.io.redis.hget redis 127.0.0.1 ${redis.port} ! WRONGTYPE`,
      `kong.io.redis.other redis 127.0.0.1 ${redis.port} ! ERR`,
    ]);
    expect(Buffer.from(trace.bytes).toString('latin1')).not.toContain('s3cret');
    expect(timings(trace).map(({ connect_time, rw_time }) => [connect_time > 0, rw_time > 0])).toEqual([
      [true, false],
      ...Array.from({ length: 5 }, () => [false, true]),
    ]);
  });

  it('sees commands of node-redis', async () => {
    const redis = await RedisServer.start(program);
    onTestFinished(() => redis.stop());
    const trace = await traceOf(async () => {
      const client = createClient({ url: `redis://127.0.0.1:${redis.port}` });
      await client.connect();
      await client.set('s3cret-key', 's3cret-value');
      await client.incr('s3cret-counter');
      await client.close();
    });
    expect(
      treeBelow(trace.spans, 'kong.access.plugin.probe', 'network.protocol.name', 'network.peer.port'),
    ).toEqual([
      `kong.io.redis.connect redis ${redis.port}`,
      `kong.io.redis.set redis ${redis.port}`,
      `kong.io.redis.incr redis ${redis.port}`,
    ]);
    expect(Buffer.from(trace.bytes).toString('latin1')).not.toContain('s3cret');
  });

  it('raises nothing for a peer behind a Unix socket', async () => {
    const redis = await RedisServer.start(program);
    onTestFinished(() => redis.stop());
    const tree = await ioOf(async () => {
      const client = new Redis(redis.path, { lazyConnect: true });
      await client.connect();
      await client.ping();
      client.disconnect();
    }, 'network.peer.address');
    expect(tree).toEqual([`kong.io.redis.connect unix:`, `kong.io.redis.ping ${redis.path}`]);
  });
});
