import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type LatencyParts, latencyParts } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../../../test/support/programs.ts';
import { A_TEST } from '../../../http1/src/testing/certificates.ts';
import type { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { DnsServer } from '../testing/dns-server.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { accessPlugin } from '../testing/io-plugin.ts';
import { kongYml, oneRoute, pluginList, routeWith } from '../testing/kong-yml.ts';
import { RedisServer } from '../testing/redis-server.ts';
import { TestGateway, type TestGatewayOptions } from '../testing/test-gateway.ts';
import { TokenProvider } from '../testing/token-provider.ts';
import { type CollectedTrace, traced } from '../testing/trace-collector.ts';

/** How long somebody takes, from when it is known to have been asked: milliseconds. Nothing else takes as long. */
const SLOW_MS = 300;
/** Clocks of timers may be a little short. */
const LEAST_MS = SLOW_MS - 2;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Fails unless these spans, no others, were that slow, and the time is this part's. */
function expectDelay(trace: CollectedTrace, part: keyof LatencyParts, ...names: readonly string[]): void {
  expectWhole(trace);
  const slow = trace.spans.filter(
    (span) => Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6 >= LEAST_MS,
  );
  expect(slow.map(({ name }) => name)).toEqual(['kong', ...names]);
  const { total_ms: _, ...parts } = latencyParts(trace.spans);
  const slowParts = Object.entries(parts).filter(([, ms]) => ms >= LEAST_MS);
  expect(slowParts.map(([name]) => name)).toEqual([part]);
}

async function traceOf(config: string, options: TestGatewayOptions = {}): Promise<CollectedTrace> {
  const gateway = await TestGateway.start(config, options);
  const collector = await traced(gateway);
  expect((await gateway.send('/')).status).toBe(200);
  const [trace] = await collector.until(1);
  return trace!;
}

function upstreamOf(targets: readonly string[], service: object = {}): string {
  return kongYml({
    services: [{ name: 's', host: 'pool', ...service, routes: [{ paths: ['/'] }] }],
    upstreams: [{ name: 'pool', targets: targets.map((target) => ({ target })) }],
  });
}

/** The first request of each connection is answered by the script. */
async function scripted(script: (peer: RawPeer) => Promise<void> | void): Promise<number> {
  const upstream = await ScriptedUpstream.start(async (peer) => {
    await peer.holding('\r\n\r\n');
    await script(peer);
  });
  return upstream.target.port;
}

describe('the time of', () => {
  it('a slow name server is that of its look-up', async () => {
    const upstream = await EchoUpstream.start();
    const dns = await DnsServer.start({ 'shop.test': ['127.0.0.1'] });
    dns.delayMs = SLOW_MS;
    const trace = await traceOf(oneRoute(`http://shop.test:${upstream.port}`), {
      env: { KONG_DNS_RESOLVER: dns.address },
    });
    expectDelay(trace, 'upstream_ms', 'kong.upstream.selection', 'kong.dns');
    const [dnsSpan] = trace.spans.filter(({ name }) => name === 'kong.dns');
    expect(dnsSpan!.attributes['proxy.kong.dns.entry']).toMatchObject([
      { answer: '127.0.0.1', server: dns.address, duration_ms: expect.toSatisfy((ms) => ms >= LEAST_MS) },
    ]);
  });

  it('a name server that is dead is that of the look-up, with each of its attempts', async () => {
    const upstream = await EchoUpstream.start();
    const [dead, alive] = [await DnsServer.start({}), await DnsServer.start({ 'shop.test': ['127.0.0.1'] })];
    dead.mood = 'silent';
    const gateway = await TestGateway.start(oneRoute(`http://shop.test:${upstream.port}`), {
      env: { KONG_DNS_RESOLVER: `${dead.address}, ${alive.address}` },
    });
    const collector = await traced(gateway);
    await gateway.send('/');
    await gateway.send('/');
    const [first, second] = await collector.until(2);
    expectDelay(first!, 'upstream_ms', 'kong.upstream.selection', 'kong.dns');
    expectDelayless(second!);
    const entryOf = ({ spans }: CollectedTrace) =>
      spans.find(({ name }) => name === 'kong.dns')!.attributes['proxy.kong.dns.entry'];
    expect(entryOf(first!)).toMatchObject([
      { server: dead.address, error: 'ETIMEOUT', cache_hit: false },
      { server: alive.address, answer: '127.0.0.1', cache_hit: false },
    ]);
    expect(entryOf(second!)).toMatchObject([{ answer: '127.0.0.1', cache_hit: true }]);
    expect(gateway.logged('warn')).toContainEqual(expect.stringContaining(`name server ${dead.address}`));
  });

  it.each(['HTTP/1.1', 'HTTP/2'])(
    'a plugin that waits is its own, where the client had sent a body by %s',
    async (version) => {
      const { url } = await EchoUpstream.start();
      const gateway = await TestGateway.start(routeWith(url, { name: 'probe', config: {} }), {
        plugins: [accessPlugin(() => delay(SLOW_MS))],
      });
      const collector = await traced(gateway);
      if (version === 'HTTP/1.1') await gateway.send('/', { method: 'POST', body: 'body' });
      else await (await Http2Client.connect(gateway)).send({ ':method': 'POST' }, 'body');
      const [trace] = await collector.until(1);
      expectDelay(trace!, 'gateway_ms', 'kong.phase.access', 'kong.access.plugin.probe');
      expect(trace!.spans.map(({ name }) => name)).toContain('kong.read_client_http_body');
    },
  );

  it('a first target that lets nobody in is that of its attempt', async () => {
    // Accepts, and never answers the handshake.
    const silent = await scripted(() => undefined);
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send(OK);
    }, A_TEST);
    const trace = await traceOf(
      upstreamOf([`127.0.0.1:${silent}`, `127.0.0.1:${upstream.target.port}`], {
        protocol: 'https',
        connect_timeout: SLOW_MS,
      }),
    );
    expectDelay(trace, 'upstream_ms', 'kong.upstream.selection', 'kong.upstream.find_upstream');
    const tries = trace.spans.filter(({ name }) => name === 'kong.upstream.find_upstream');
    expect(tries.map(({ status }) => status.code)).toEqual(['ERROR', 'UNSET']);
  });

  it('a first target that refuses is nobody’s, and it is seen all the same', async () => {
    const port = await scripted((peer) => peer.send(OK));
    const trace = await traceOf(upstreamOf(['127.0.0.1:9', `127.0.0.1:${port}`]));
    expectDelayless(trace);
    const tries = trace.spans.filter(({ name }) => name === 'kong.upstream.find_upstream');
    expect(tries.map(({ status }) => status.message)).toEqual([
      'refused: connect ECONNREFUSED 127.0.0.1:9',
      '',
    ]);
  });

  it('an upstream that is slow to begin is that of waiting for its head', async () => {
    const port = await scripted(async (peer) => {
      await delay(SLOW_MS);
      peer.send(OK);
    });
    const trace = await traceOf(upstreamOf([`127.0.0.1:${port}`]));
    expectDelay(trace, 'upstream_ms', 'kong.read_headers_from_upstream');
  });

  it('an upstream that is slow to go on is that of reading its body', async () => {
    let goOn: () => void = () => undefined;
    const passedOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const port = await scripted(async (peer) => {
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
      await passedOn;
      await delay(SLOW_MS);
      peer.send('rest');
    });
    const gateway = await TestGateway.start(upstreamOf([`127.0.0.1:${port}`]));
    const collector = await traced(gateway);
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.holding('half');
    goOn();
    await client.ended();
    const [trace] = await collector.until(1);
    // The body filters last from the first piece to the last.
    expectDelay(trace!, 'upstream_ms', 'kong.phase.body_filter', 'kong.read_body_from_upstream');
  });

  it('a plugin is that plugin’s', async () => {
    const upstream = await EchoUpstream.start();
    const trace = await traceOf(oneRoute(upstream.url) + pluginList([{ name: 'slow' }]), {
      plugins: [accessPlugin(() => delay(SLOW_MS), 'slow')],
    });
    expectDelay(trace, 'gateway_ms', 'kong.phase.access', 'kong.access.plugin.slow');
  });

  it('an identity provider is that of the plugin’s call', async () => {
    const [provider, upstream] = [await TokenProvider.start(), await EchoUpstream.start()];
    const config = { issuer: provider.issuer, auth_methods: ['introspection'] };
    const credentials = {
      client_id: ['gateway'],
      client_secret: ['gateway: s3cret'],
      cache_introspection: false,
    };
    const plugin = { name: 'openid-connect', config: { ...config, ...credentials } };
    const gateway = await TestGateway.start(routeWith(upstream.url, plugin));
    const headers = { authorization: `Bearer ${await provider.token('opaque')}` };
    expect((await gateway.send('/', { headers })).status).toBe(200);
    provider.hold = () => delay(SLOW_MS);
    const collector = await traced(gateway);
    expect((await gateway.send('/', { headers })).status).toBe(200);
    const [trace] = await collector.until(1);
    expectDelay(
      trace!,
      ...(['io_ms', 'kong.phase.access', 'kong.access.plugin.openid-connect'] as const),
      'kong.io.http.request',
    );
  });
});

describeWith('redis-server', 'the time of Redis', (program) => {
  it('is that of the plugin’s call', async () => {
    const redis = await RedisServer.start(program);
    onTestFinished(() => redis.stop());
    const relay = await Relay.start(redis.port);
    const upstream = await EchoUpstream.start();
    const config = { year: 10, policy: 'redis', redis: { host: '127.0.0.1', port: relay.port } };
    const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'rate-limiting', config }));
    await gateway.send('/');
    relay.delayMs = SLOW_MS;
    const collector = await traced(gateway);
    expect((await gateway.send('/')).status).toBe(200);
    const [trace] = await collector.until(1);
    expectDelay(
      trace!,
      ...(['io_ms', 'kong.phase.access', 'kong.access.plugin.rate-limiting'] as const),
      'kong.io.redis.eval',
    );
  });
});

/** Fails if any span was slow. */
function expectDelayless(trace: CollectedTrace): void {
  expectWhole(trace);
  const slow = trace.spans.filter(
    (span) => Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6 >= LEAST_MS,
  );
  expect(slow.map(({ name }) => name)).toEqual([]);
}

/** Passes on what a client sends, late. */
class Relay {
  delayMs = 0;
  readonly port: number;

  private constructor(server: net.Server, toPort: number) {
    this.port = (server.address() as net.AddressInfo).port;
    server.on('connection', (client) => {
      const target = net.connect(toPort, '127.0.0.1');
      target.pipe(client);
      client.on('data', async (chunk) => {
        if (this.delayMs > 0) await delay(this.delayMs);
        target.write(chunk);
      });
      for (const [socket, other] of [
        [client, target],
        [target, client],
      ] as const) {
        socket.on('error', () => undefined);
        socket.on('close', () => other.destroy());
      }
    });
  }

  /** Closed when the test is over. */
  static async start(toPort: number): Promise<Relay> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return new Relay(server, toPort);
  }
}
