import { mkdtempSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import { latencyParts, type Span } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { A_TEST } from '../../../http1/src/testing/certificates.ts';
import { RawPeer, turn } from '../../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { accessPlugin, treeBelow } from '../testing/io-plugin.ts';
import { oneRoute, pluginList, routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { session, traced } from '../testing/trace-collector.ts';

/** What others got wrong before, each with a test of its own where no other test holds it already. */

const SLOW_MS = 150;
const LEAST_MS = SLOW_MS - 2;

function only(spans: readonly Span[], name: string): Span {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
}

/** A way to a port on which the first bytes of a connection wait; bytes after them do not. */
async function slowStart(port: number): Promise<number> {
  const server = net.createServer((client) => {
    const target = net.connect(port, '127.0.0.1');
    target.pipe(client);
    client.once('data', (first) => {
      client.pause();
      void delay(SLOW_MS).then(() => {
        target.write(first);
        client.pipe(target);
      });
    });
    for (const socket of [client, target]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as net.AddressInfo).port;
}

describe('a request over a Unix socket', () => {
  it('is served and traced like any other, and trusted if it is said so', async () => {
    const upstream = await EchoUpstream.start();
    const path = join(mkdtempSync(join(tmpdir(), 'gatescope-unix-')), 'proxy.sock');
    const gateway = await TestGateway.start(
      routeWith(upstream.url, {
        name: 'rate-limiting',
        config: { year: 5, limit_by: 'ip', policy: 'local' },
      }),
      {
        env: {
          KONG_PROXY_LISTEN: `127.0.0.1:0, 127.0.0.1:0 ssl, unix:${path}`,
          KONG_TRUSTED_IPS: 'unix:',
          KONG_REAL_IP_HEADER: 'X-Forwarded-For',
        },
      },
    );
    const collector = await traced(
      gateway,
      session({ id: 'all' }),
      session({ id: 'by-address', rule: 'net.src.ip == 10.1.2.3' }),
    );
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = http.get({ socketPath: path, path: '/', headers, agent: false }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        request.on('error', reject);
      });
    expect([await ask({}), await ask({ 'x-forwarded-for': '10.1.2.3' })]).toEqual([200, 200]);
    const traces = await collector.until(2);
    for (const trace of traces) expectWhole(trace);
    const told = traces.map(({ spans: [root], sessions }) => [
      root!.attributes['network.peer.address'],
      root!.attributes['client.address'],
      sessions,
    ]);
    expect(told).toEqual([
      ['unix:', 'unix:', ['all']],
      ['unix:', '10.1.2.3', ['all', 'by-address']],
    ]);
    expect(upstream.received.map(({ headers }) => headers['x-forwarded-for'])).toEqual([
      'unix:',
      '10.1.2.3, unix:',
    ]);
    expect(gateway.logged('warn', 'error', 'crit')).toEqual([]);
  });
});

describe('the total', () => {
  it('has the upstream’s connect and handshake in it', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }, A_TEST);
    // The first bytes are those of the handshake.
    const port = await slowStart(upstream.target.port);
    const gateway = await TestGateway.start(oneRoute(`https://127.0.0.1:${port}`));
    const collector = await traced(gateway);
    expect((await gateway.send('/')).status).toBe(200);
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const { attributes } = only(trace!.spans, 'kong');
    expect(attributes['proxy.kong.latency.total']).toBeGreaterThanOrEqual(LEAST_MS);
    expect(attributes['proxy.kong.latency.upstream']).toBeGreaterThanOrEqual(LEAST_MS);
  });

  it('has the client’s handshake in it, which is the client’s and not the gateway’s', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    const socket = tls.connect({ host: '127.0.0.1', port: gateway.tlsPort, rejectUnauthorized: false });
    const client = new RawPeer(socket);
    await new Promise((resolve) => socket.once('session', resolve));
    // It is all over for the gateway too, and the client takes its time to ask.
    for (let turns = 0; turns < 4; turns++) await turn();
    await delay(SLOW_MS);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const root = only(trace!.spans, 'kong');
    const handshake = only(trace!.spans, 'kong.tls_handshake');
    expect(handshake.start_unix_nano).toBe(root.start_unix_nano);
    const parts = latencyParts(trace!.spans);
    const handshakeMs = Number(BigInt(handshake.end_unix_nano) - BigInt(handshake.start_unix_nano)) / 1e6;
    expect(parts.client_ms).toBeGreaterThanOrEqual(LEAST_MS + handshakeMs);
    expect(root.attributes['proxy.kong.latency.total']).toBeGreaterThanOrEqual(LEAST_MS + handshakeMs);
    // What is left for the gateway does not hold any of it.
    expect(root.attributes['proxy.kong.latency.internal']).toBeCloseTo(
      parts.total_ms - parts.client_ms - parts.upstream_ms - parts.io_ms,
      2,
    );
  });
});

describe('spans of body filters', () => {
  it('are below their phase, whatever else is open when a piece comes', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.write('one ');
      setImmediate(() => response.end('two'));
    });
    const code = { config: { access: ['await null'], body_filter: ['return chunk'] } };
    const gateway = await TestGateway.start(
      routeWith(upstream.url, { name: 'pre-function', ...code }, { name: 'post-function', ...code }),
    );
    const collector = await traced(gateway);
    expect((await gateway.send('/')).body).toBe('one two');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const names = (name: string) => treeBelow(trace!.spans, name);
    expect(names('kong.phase.body_filter')).toEqual([
      'kong.body_filter.plugin.pre-function',
      'kong.body_filter.plugin.post-function',
    ]);
  });
});

describe('one call of a plugin', () => {
  it('is one span of HTTP, told from that of its connection and from another call', async () => {
    const [upstream, service] = [await EchoUpstream.start(), await EchoUpstream.start()];
    const plugin = accessPlugin(async () => {
      await (await fetch(service.url)).text();
      await (await fetch(service.url, { method: 'POST', body: 'x' })).text();
    });
    const gateway = await TestGateway.start(oneRoute(upstream.url) + pluginList([{ name: 'probe' }]), {
      plugins: [plugin],
    });
    const collector = await traced(gateway);
    await gateway.send('/');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const requests = trace!.spans.filter(({ name }) => name === 'kong.io.http.request');
    expect(requests.map(({ attributes }) => attributes['http.request.method'])).toEqual(['GET', 'POST']);
  });
});
