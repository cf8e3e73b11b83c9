import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import { latencyParts } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RawPeer, turn } from '../../../http1/src/testing/raw-peer.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { Http2Client, readAnswer } from '../testing/http2-client.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../testing/trace-collector.ts';

/** How long a slow client makes the gateway wait, milliseconds; clocks of timers may be one short. */
const SLOW_MS = 80;
const LEAST_MS = SLOW_MS - 2;

const PIECE = Buffer.alloc(65_536, 'x');

async function start(bodyBytes = 2) {
  let sent = 0;
  function* pieces() {
    while (sent < bodyBytes) {
      const piece = PIECE.subarray(0, bodyBytes - sent);
      sent += piece.length;
      yield piece;
    }
  }
  const upstream = await EchoUpstream.start((_, response) => void Readable.from(pieces()).pipe(response));
  const gateway = await TestGateway.start(oneRoute(upstream.url));
  /** Resolves once nobody takes any more of the body: all of this runs in one thread. */
  const stalled = async () => {
    let before = -1;
    while (sent !== before) {
      before = sent;
      for (let turns = 0; turns < 20; turns += 1) await turn();
    }
    expect(sent).toBeLessThan(bodyBytes);
  };
  return { gateway, stalled, collector: await traced(gateway) };
}

/** Waits as a slow client does, from when the gateway, which shares this thread, has read what was sent before. */
async function slowly(): Promise<void> {
  // A connection just made is accepted in one turn and read in the next.
  for (let turns = 0; turns < 4; turns += 1) await turn();
  await delay(SLOW_MS);
}

/** How long the spans of that name took together. */
function spentIn({ spans }: CollectedTrace, name: string): number {
  return spans
    .filter((span) => span.name === name)
    .reduce((sum, span) => sum + Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6, 0);
}

/** Since the parts add up to the total, what is the client's is nobody else's. */
function expectClientTime(trace: CollectedTrace, name: string): void {
  expectWhole(trace);
  expect(spentIn(trace, name)).toBeGreaterThanOrEqual(LEAST_MS);
  expect(latencyParts(trace.spans).client_ms).toBeGreaterThanOrEqual(LEAST_MS);
}

describe('the client’s time', () => {
  it('is a slow head’s', async () => {
    const { gateway, collector } = await start();
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHo');
    await slowly();
    client.send('st: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.read_client_http_headers');
  });

  it('is not the pause between two requests on a connection', async () => {
    const { gateway, collector } = await start();
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.holding('xx');
    const [first] = await collector.until(1);
    await delay(SLOW_MS);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const second = (await collector.until(2))[1]!;
    const pauseNs = BigInt(second.spans[0]!.start_unix_nano) - BigInt(first!.spans[0]!.end_unix_nano);
    expect(Number(pauseNs) / 1e6).toBeGreaterThanOrEqual(LEAST_MS);
    expect(second.spans[0]!.attributes['proxy.kong.client_KA']).toBe(true);
  });

  it('is a slow body’s', async () => {
    const { gateway, collector } = await start();
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbo');
    await slowly();
    client.send('dy');
    await client.ended();
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.read_client_http_body');
  });

  it('is a slow body’s by HTTP/2', async () => {
    const { gateway, collector } = await start();
    const client = await Http2Client.connect(gateway);
    const stream = client.open({ ':method': 'POST' }, false);
    const answer = readAnswer(stream);
    stream.write('bo');
    await new Promise((resolve) => client.session.ping(resolve));
    await slowly();
    stream.end('dy');
    await answer;
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.read_client_http_body');
  });

  it('is a slow handshake’s, and what lies between it and the request', async () => {
    const { gateway, collector } = await start();
    // Passes the first flight on at once, and what follows late.
    const proxy = net.createServer((client) => {
      const server = net.connect(gateway.tlsPort, '127.0.0.1');
      server.pipe(client);
      client.once('data', (hello) => {
        server.write(hello);
        client.pause();
        void delay(2 * SLOW_MS).then(() => client.pipe(server));
      });
      for (const socket of [client, server]) socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as net.AddressInfo;
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const client = new RawPeer(socket);
    await once(socket, 'secureConnect');
    // Its end is known to be behind it, not before: the session ticket comes once the server has it.
    await once(socket, 'session');
    await slowly();
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.tls_handshake');
    expect(latencyParts(trace!.spans).client_ms).toBeGreaterThanOrEqual(2 * LEAST_MS);
  });

  it('is not the wait before a connection’s first byte', async () => {
    const { gateway, collector } = await start();
    const before = BigInt(Date.now()) * 1_000_000n;
    const client = await gateway.connect();
    await delay(SLOW_MS);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const [trace] = await collector.until(1);
    const waited = Number(BigInt(trace!.spans[0]!.start_unix_nano) - before) / 1e6;
    expect(waited).toBeGreaterThanOrEqual(LEAST_MS);
  });

  it('is a slow reader’s', async () => {
    const { gateway, collector, stalled } = await start(24_000_000);
    const client = await gateway.connect();
    // At the first bytes, before a fast machine has passed everything on.
    const paused = new Promise<void>((resolve) => {
      client.socket.once('data', () => {
        client.socket.pause();
        resolve();
      });
    });
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await paused;
    await stalled();
    await slowly();
    client.socket.resume();
    await client.ended();
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.wait_for_client_read');
  });

  it('is a slow reader’s by HTTP/2', async () => {
    const { gateway, collector, stalled } = await start(24_000_000);
    const client = await Http2Client.connect(gateway);
    const stream = client.open();
    await once(stream, 'response');
    stream.pause();
    await stalled();
    await slowly();
    const answer = readAnswer(stream);
    stream.resume();
    expect((await answer).body.length).toBe(24_000_000);
    const [trace] = await collector.until(1);
    expectClientTime(trace!, 'kong.wait_for_client_read');
  });
});
