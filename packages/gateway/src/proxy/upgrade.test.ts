import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { oneRoute, pluginList } from '../testing/kong-yml.ts';
import { PRODUCT, TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo/1\r\nX-A: 1\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo/1\r\nX-B: 2\r\n\r\n';

/** An upstream that switches and sends back what it gets, in capitals. */
function capitals(): Promise<ScriptedUpstream> {
  return ScriptedUpstream.start(async (peer) => {
    await peer.holding('\r\n\r\n');
    peer.socket.on('data', (chunk: Buffer) => peer.send(chunk.toString().toUpperCase()));
    peer.socket.on('end', () => peer.finish());
    peer.send(SWITCHED);
  });
}

describe('an upgrade', () => {
  it('carries WebSocket messages both ways, and closes with their codes', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => server.close());
    const closed: number[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
      socket.on('close', (code) => closed.push(code));
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const gateway = await TestGateway.start(
      oneRoute(`http://127.0.0.1:${port}`, { protocols: ['ws', 'wss'] }),
    );
    const collector = await traced(gateway);
    const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/chat`);
    const received: string[] = [];
    client.on('message', (data: Buffer) =>
      received.push(data.length > 100 ? `${data.length} bytes` : data.toString()),
    );
    await new Promise((resolve) => client.once('open', resolve));
    client.send('hello');
    client.send(Buffer.alloc(3_000_000, 7));
    await until('both messages', () => received.length === 2);
    client.close(4_001, 'bye');
    await until('the close', () => closed.length === 1);
    expect({ received, closed }).toEqual({ received: ['hello', '3000000 bytes'], closed: [4_001] });
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    expect(trace!.spans[0]!.attributes).toMatchObject({
      'network.protocol.name': 'ws',
      'http.response.status_code': 101,
      'gatescope.websocket.close_code': 4_001,
    });
  });

  it('passes the handshake on and its answer back, with the gateway’s fields', async () => {
    const upstream = await capitals();
    const gateway = await TestGateway.start(
      oneRoute(`http://127.0.0.1:${upstream.target.port}`, {}, { name: 's' }),
    );
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    const answer = await client.holding('\r\n\r\n');
    expect(answer.split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'X-B: 2',
      expect.stringMatching(/^X-Kong-Upstream-Latency: \d+$/),
      expect.stringMatching(/^X-Kong-Proxy-Latency: \d+$/),
      `Via: 1.1 ${PRODUCT}`,
      expect.stringMatching(/^X-Kong-Request-Id: [0-9a-f]{32}$/),
      'Connection: upgrade',
      'Upgrade: echo/1',
      '',
      '',
    ]);
    const asked = upstream.peers[0]!.received.split('\r\n');
    expect(asked).toEqual(expect.arrayContaining(['X-A: 1', 'Connection: upgrade', 'Upgrade: echo/1']));
    client.destroy();
  });

  it('loses no byte that comes with the handshake or right behind it', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send(`${SWITCHED}first`);
      await peer.holding('earlylate');
      peer.finish();
    });
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const client = await gateway.connect();
    client.send(`${HANDSHAKE}early`);
    expect(await client.holding('first')).toMatch(/\r\n\r\nfirst$/);
    client.send('late');
    await client.ended();
    expect(upstream.peers[0]!.received).toMatch(/\r\n\r\nearlylate$/);
  });

  it.each(['client', 'upstream'])('ends both sides when the %s goes', async (who) => {
    const upstream = await capitals();
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    await client.holding('\r\n\r\n');
    client.send('one');
    await client.holding('ONE');
    const peer = upstream.peers[0]!;
    (who === 'client' ? client : peer).reset();
    await until('the other to be told', () => (who === 'client' ? peer : client).over);
  });

  it('that the upstream does not take is answered as it answers', async () => {
    const upstream = await ScriptedUpstream.answering(
      'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno',
    );
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    expect(await client.holding('\r\n\r\nno')).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    client.destroy();
  });

  it('is refused by a plugin as any request is', async () => {
    const upstream = await capitals();
    const gateway = await TestGateway.start(
      oneRoute(`http://127.0.0.1:${upstream.target.port}`) + pluginList([{ name: 'key-auth', config: {} }]),
    );
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    expect(await client.holding('\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(upstream.peers).toEqual([]);
    client.destroy();
  });

  it('passes header filters', async () => {
    const upstream = await capitals();
    const gateway = await TestGateway.start(
      oneRoute(`http://127.0.0.1:${upstream.target.port}`) +
        pluginList([{ name: 'response-transformer', config: { add: { headers: ['X-T:yes'] } } }]),
    );
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    expect(await client.holding('\r\n\r\n')).toContain('\r\nX-T: yes\r\n');
    client.destroy();
  });

  it('is cut when the worker has drained', async () => {
    const upstream = await capitals();
    const gateway = await TestGateway.open(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const client = await gateway.connect();
    client.send(HANDSHAKE);
    await client.holding('\r\n\r\n');
    await gateway.close();
    await client.ended();
    await until('the upstream to be told', () => upstream.peers[0]!.over);
  });
});
