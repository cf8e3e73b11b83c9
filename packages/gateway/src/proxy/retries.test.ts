import { describe, expect, it } from 'vitest';
import type { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { DnsServer } from '../testing/dns-server.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { kongYml } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

type Env = Record<string, string>;
const POLICY = 'KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM';

/** A gateway in front of one upstream with these targets; all of weight 100 where only ports are given. */
function before(
  targets: readonly (number | { target: string; weight?: number })[],
  service: object = {},
  env: Env = {},
) {
  const rows = targets.map((one) => (typeof one === 'number' ? { target: `127.0.0.1:${one}` } : one));
  return TestGateway.start(
    `_format_version: "3.0"
services:
- ${JSON.stringify({ name: 's', host: 'pool', ...service, routes: [{ paths: ['/'] }] })}
upstreams:
- ${JSON.stringify({ name: 'pool', targets: rows })}
`,
    { env },
  );
}

/** An upstream that reads each request and then does this, and how many it read. */
async function failing(act: (peer: RawPeer) => void) {
  const upstream = await ScriptedUpstream.start(async (peer) => {
    await peer.holding('\r\n\r\n');
    act(peer);
  });
  return {
    port: upstream.target.port,
    get asked() {
      return upstream.peers.filter((peer) => peer.received.includes('\r\n\r\n')).length;
    },
  };
}

const closing = () => failing((peer) => peer.finish());
const answering = (status: number) => EchoUpstream.start((_, response) => response.writeHead(status).end());
/** Nothing listens on the discard service of this machine. */
const CLOSED_PORT = 9;

describe('the balancer', () => {
  it('gives targets requests in proportion to their weights, spread evenly', async () => {
    const [one, two, none] = await Promise.all([
      EchoUpstream.start(),
      EchoUpstream.start(),
      EchoUpstream.start(),
    ]);
    const gateway = await before([
      { target: `127.0.0.1:${one.port}`, weight: 10 },
      { target: `127.0.0.1:${two.port}`, weight: 20 },
      { target: `127.0.0.1:${none.port}`, weight: 0 },
    ]);
    const order: number[] = [];
    for (let sent = 0; sent < 9; sent++) {
      const before = one.received.length;
      await gateway.send('/');
      order.push(one.received.length > before ? 1 : 2);
    }
    expect(order).toEqual([2, 1, 2, 2, 1, 2, 2, 1, 2]);
    expect(none.received).toEqual([]);
  });

  it('passes over targets that are dead, and asks nobody twice', async () => {
    const alive = await EchoUpstream.start();
    const gateway = await before([CLOSED_PORT, alive.port, 1]);
    const statuses: number[] = [];
    for (let sent = 0; sent < 6; sent++) statuses.push((await gateway.send('/')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(alive.received).toHaveLength(6);
  });

  it('gives up with 502 after as many retries as the service has, all targets dead', async () => {
    const gateway = await before([CLOSED_PORT, 1], { retries: 3 });
    expect((await gateway.send('/')).status).toBe(502);
    expect(
      gateway
        .logged('error')
        .filter((line) => line.startsWith('attempt'))
        .map((line) => line.slice(0, 9)),
    ).toEqual(['attempt 1', 'attempt 2', 'attempt 3', 'attempt 4']);
  });

  it('goes to the next address of a name that has several', async () => {
    const alive = await EchoUpstream.start();
    const dns = await DnsServer.start({ 'many.test': ['127.0.0.99', '127.0.0.98', '127.0.0.1'] });
    const gateway = await before(
      [{ target: `many.test:${alive.port}` }],
      {},
      { KONG_DNS_RESOLVER: dns.address },
    );
    expect((await gateway.send('/')).status).toBe(200);
  });

  it('never goes to an address of another target', async () => {
    const alive = await EchoUpstream.start();
    const dns = await DnsServer.start({ 'a.test': ['127.0.0.99', '127.0.0.98'], 'b.test': ['127.0.0.1'] });
    const gateway = await before(
      [{ target: `a.test:${alive.port}` }, { target: `b.test:${alive.port}` }],
      { retries: 1 },
      { KONG_DNS_RESOLVER: dns.address },
    );
    const statuses = [await gateway.send('/'), await gateway.send('/')].map(({ status }) => status);
    expect(statuses).toEqual([200, 200]);
  });

  it('goes on to the next target where a name can’t be resolved', async () => {
    const alive = await EchoUpstream.start();
    const dns = await DnsServer.start({ 'b.test': ['127.0.0.1'] });
    const env = { KONG_DNS_RESOLVER: dns.address };
    const gateway = await before(
      ['a.test', 'b.test'].map((name) => ({ target: `${name}:${alive.port}` })),
      {},
      env,
    );
    expect((await gateway.send('/')).status).toBe(200);
  });
});

describe('a retry', () => {
  it('sends the body to the next target, where nobody was connected yet', async () => {
    const alive = await EchoUpstream.start();
    const gateway = await before([CLOSED_PORT, alive.port]);
    expect((await gateway.send('/', { method: 'POST', body: 'whole' })).status).toBe(200);
    expect(alive.only.body).toBe('whole');
  });

  it.each([
    ['GET', {}, 200],
    ['DELETE', {}, 200],
    ['POST', {}, 502],
    ['POST', { [POLICY]: 'error non_idempotent' }, 200],
    ['GET', { [POLICY]: 'off' }, 502],
    ['GET', { [POLICY]: 'timeout' }, 502],
  ])('of %s, with %j, that was hung up on gives %i', async (method, env, status) => {
    const [dead, alive] = await Promise.all([closing(), EchoUpstream.start()]);
    const gateway = await before([dead.port, alive.port], {}, env as Env);
    expect((await gateway.send('/', { method })).status).toBe(status);
    expect(dead.asked).toBe(1);
  });

  it('of a request whose body was sent is never made', async () => {
    const [dead, alive] = await Promise.all([closing(), EchoUpstream.start()]);
    const gateway = await before([dead.port, alive.port], {}, { [POLICY]: 'error non_idempotent' });
    expect((await gateway.send('/', { method: 'PUT', body: 'sent' })).status).toBe(502);
    expect(alive.received).toEqual([]);
  });

  it.each([
    [{ [POLICY]: 'off' }, 502],
    [{ [POLICY]: 'timeout' }, 502],
    [{ [POLICY]: 'error' }, 200],
  ])('with %j where nothing listens gives %i', async (env, status) => {
    const alive = await EchoUpstream.start();
    const gateway = await before([CLOSED_PORT, alive.port], {}, env as Env);
    expect((await gateway.send('/')).status).toBe(status);
  });

  it.each([
    ['GET', {}, 200],
    ['POST', {}, 504],
    ['GET', { [POLICY]: 'error' }, 504],
  ])('of %s, with %j, that took too long gives %i', async (method, env, status) => {
    const [silent, alive] = await Promise.all([failing(() => {}), EchoUpstream.start()]);
    const gateway = await before([silent.port, alive.port], { read_timeout: 50 }, env as Env);
    expect((await gateway.send('/', { method })).status).toBe(status);
  });

  it.each([
    [{}, 502],
    [{ [POLICY]: 'invalid_header' }, 200],
  ])('with %j of what was answered with nonsense gives %i', async (env, status) => {
    const [broken, alive] = await Promise.all([
      failing((peer) => peer.send('nonsense\r\n\r\n')),
      EchoUpstream.start(),
    ]);
    const gateway = await before([broken.port, alive.port], {}, env as Env);
    expect((await gateway.send('/')).status).toBe(status);
  });

  it('is made for the statuses that the policy names, and the last answer counts', async () => {
    const [bad, worse, good] = await Promise.all([answering(503), answering(500), answering(204)]);
    const env = { [POLICY]: 'http_503 http_500' };
    const found = await before([bad.port, worse.port, good.port], {}, env);
    expect((await found.send('/')).status).toBe(204);
    const tried = await before([bad.port, worse.port], { retries: 1 }, env);
    expect((await tried.send('/')).status).toBe(500);
    expect((await tried.send('/', { method: 'POST' })).status).toBe(503);
  });

  it('is not made once an answer has begun', async () => {
    const [half, alive] = await Promise.all([
      failing((peer) => {
        peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
        peer.finish();
      }),
      EchoUpstream.start(),
    ]);
    const gateway = await before([half.port, alive.port]);
    await expect(gateway.send('/')).rejects.toThrow('aborted');
    expect(alive.received).toEqual([]);
  });
});

describe('a connection that was kept', () => {
  /** An upstream that answers the first request of each connection, and hangs up on the second once it has read it. */
  async function onceOnly() {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      await peer.holding('\r\n\r\n', 2);
      peer.finish();
    });
    return { gateway: await before([upstream.target.port], { retries: 0 }), upstream };
  }

  it('is used again', async () => {
    const ports = new Set<string>();
    const upstream = await EchoUpstream.start((_, response) => {
      ports.add(String(response.socket?.remotePort));
      response.end();
    });
    const gateway = await before([upstream.port]);
    for (let sent = 0; sent < 5; sent++) await gateway.send('/');
    expect(ports.size).toBe(1);
  });

  it('and breaks as a request comes costs a request that may be repeated nothing, beside its retries', async () => {
    const { gateway, upstream } = await onceOnly();
    const statuses = [await gateway.send('/'), await gateway.send('/'), await gateway.send('/')];
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(upstream.peers).toHaveLength(3);
  });

  it('and breaks as a request comes that may not be repeated is a 502: it may have been done', async () => {
    const { gateway } = await onceOnly();
    await gateway.send('/');
    expect((await gateway.send('/', { method: 'POST' })).status).toBe(502);
  });
});

describe('timeouts', () => {
  it('of connecting include the TLS handshake', async () => {
    const silent = await ScriptedUpstream.start(() => {});
    const gateway = await before([silent.target.port], {
      protocol: 'https',
      connect_timeout: 50,
      retries: 0,
    });
    expect((await gateway.send('/')).status).toBe(504);
  });

  it('of reading count from the last byte, so that a slow answer comes through', async () => {
    const slow = await EchoUpstream.start((_, response) => {
      let left = 5;
      const timer = setInterval(() => {
        if (--left > 0) response.write('x');
        else {
          clearInterval(timer);
          response.end('!');
        }
      }, 60);
    });
    const gateway = await before([slow.port], { read_timeout: 150 });
    expect((await gateway.send('/')).body).toBe('xxxx!');
  });

  it('of reading cut an answer that stops coming', async () => {
    const stopping = await failing((peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    const gateway = await before([stopping.port], { read_timeout: 50 });
    await expect(gateway.send('/')).rejects.toThrow('aborted');
  });

  it('of writing end a request whose body the upstream does not read', async () => {
    const deaf = await ScriptedUpstream.start((peer) => {
      peer.socket.pause();
    });
    const gateway = await before([deaf.target.port], { write_timeout: 50, retries: 0 });
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000000\r\n\r\n');
    client.send(Buffer.alloc(30_000_000));
    expect(await client.holding('\r\n\r\n')).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n/);
    client.destroy();
  });
});

describe('a service whose name is one of SRV records', () => {
  it('is reached at their ports, and at the next one where nobody is there', async () => {
    const alive = await EchoUpstream.start();
    const dns = await DnsServer.start({
      '_http._tcp.shop.test': { SRV: ['1 1 9 a.test', `1 1 ${alive.port} a.test`] },
      'a.test': ['127.0.0.1'],
    });
    const gateway = await TestGateway.start(
      kongYml({
        services: [{ name: 's', host: '_http._tcp.shop.test', port: 1, routes: [{ paths: ['/'] }] }],
      }),
      { env: { KONG_DNS_RESOLVER: dns.address } },
    );
    const statuses = [await gateway.send('/'), await gateway.send('/')].map(({ status }) => status);
    expect(statuses).toEqual([200, 200]);
  });
});
