import http from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { RawPeer } from '../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../http1/src/testing/scripted-upstream.ts';
import { EchoUpstream } from './testing/echo-upstream.ts';
import { oneRoute, routeWith } from './testing/kong-yml.ts';
import { TestGateway } from './testing/test-gateway.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ASK = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** An upstream whose answers wait until they are let go. */
async function waiting() {
  const upstream = await ScriptedUpstream.start(async (peer) => {
    await peer.holding('\r\n\r\n');
  });
  return {
    url: `http://127.0.0.1:${upstream.target.port}`,
    asked: () => until('the upstream to be asked', () => upstream.peers.some((peer) => peer.received !== '')),
    answer: () => upstream.peers[0]!.send(OK),
    upstream,
  };
}

describe('a new configuration', () => {
  it('drops no request under load, and each gets one configuration, whole', async () => {
    const [one, two] = await Promise.all([
      EchoUpstream.start((received, response) => response.end(`one ${received.headers['x-config']}`)),
      EchoUpstream.start((received, response) => response.end(`two ${received.headers['x-config']}`)),
    ]);
    const configOf = (upstream: EchoUpstream, name: string) =>
      routeWith(
        upstream.url,
        { name: 'request-transformer', config: { add: { headers: [`X-Config:${name}`] } } },
        { name: 'response-transformer', config: { add: { headers: [`X-Config:${name}`] } } },
      );
    const gateway = await TestGateway.start(configOf(one, 'one'));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    onTestFinished(() => agent.destroy());
    const found = new Set<string>();
    let loading = true;
    const client = async () => {
      for (let count = 0; loading || count < 50; count++) {
        const { status, headers, body } = await gateway.send('/', { agent });
        found.add(`${status} ${body} ${headers['x-config']}`);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    for (let round = 0; round < 40; round++) {
      gateway.worker.apply(round % 2 === 0 ? configOf(two, 'two') : configOf(one, 'one'));
      await gateway.send('/', { agent });
    }
    loading = false;
    await Promise.all(clients);
    expect([...found].sort()).toEqual(['200 one one one', '200 two two two']);
  });

  it('leaves requests in flight on the one they began with', async () => {
    const slow = await waiting();
    const gateway = await TestGateway.start(
      routeWith(slow.url, { name: 'response-transformer', config: { add: { headers: ['X-Config:old'] } } }),
    );
    const answer = gateway.send('/');
    await slow.asked();
    gateway.worker.apply('_format_version: "3.0"\n');
    slow.answer();
    const { status, headers } = await answer;
    expect({ status, config: headers['x-config'] }).toEqual({ status: 200, config: 'old' });
    expect((await gateway.send('/')).status).toBe(404);
  });

  it('that is wrong changes nothing, and says what is wrong', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    expect(() => gateway.worker.apply('_format_version: "3.0"\nservices:\n- {host: x, ports: 1}\n')).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: 'unknown field ports',
        details: [
          {
            message: 'unknown field ports',
            path: 'services[0].ports',
            line: 3,
            column: 20,
            suggestion: 'did you mean port?',
          },
        ],
      }),
    );
    expect((await gateway.send('/')).status).toBe(200);
  });

  it('answers its hash and what it warns of', async () => {
    const gateway = await TestGateway.start('_format_version: "3.0"\n');
    const applied = gateway.worker.apply('_format_version: "2.1"\n');
    expect(applied).toEqual({
      hash: '3b20f01381f8a946ff3edcb783472a78cb6fb19c31ff10fcdf58cddfc39088d8',
      warnings: 1,
    });
  });
});

describe('a drain', () => {
  it('lets requests in flight end, closes idle connections and refuses new ones', async () => {
    const slow = await waiting();
    const gateway = await TestGateway.open(oneRoute(slow.url), { settings: { drainTimeoutMs: 15_000 } });
    const [idle, busy] = await Promise.all([gateway.connect(), gateway.connect()]);
    busy.send(ASK);
    await slow.asked();
    const drained = gateway.close();
    await idle.ended();
    await expect(RawPeer.connect(gateway.port)).rejects.toThrow('ECONNREFUSED');
    slow.answer();
    expect(await busy.ended()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nConnection: close\r\n\r\nok$/);
    await drained;
  });

  it('cuts what is left when its time is over', async () => {
    const slow = await waiting();
    const gateway = await TestGateway.open(oneRoute(slow.url), { settings: { drainTimeoutMs: 50 } });
    const client = await gateway.connect();
    client.send(ASK);
    await slow.asked();
    await gateway.close();
    expect(await client.ended()).toBe('');
    await until('the upstream to be let go', () => slow.upstream.peers[0]!.over);
  });

  it('waits for tunnels too', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
      await peer.holding('last words');
      peer.send('heard');
      peer.finish();
    });
    const gateway = await TestGateway.open(oneRoute(`http://127.0.0.1:${upstream.target.port}`), {
      settings: { drainTimeoutMs: 15_000 },
    });
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    await client.holding('\r\n\r\n');
    const drained = gateway.close();
    client.send('last words');
    expect(await client.ended()).toMatch(/\r\n\r\nheard$/);
    await drained;
  });

  it('of an idle worker is over at once', async () => {
    const gateway = await TestGateway.open('_format_version: "3.0"\n', {
      settings: { drainTimeoutMs: 60_000 },
    });
    const client = await gateway.connect();
    await gateway.close();
    await client.ended();
  });
});
