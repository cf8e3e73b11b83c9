import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { RawPeer } from './testing/raw-peer.ts';
import {
  type Asked,
  ask,
  askFully,
  FINE,
  OK,
  PATIENT,
  ScriptedUpstream,
  SILENT,
  testPool,
} from './testing/scripted-upstream.ts';

const number = ({ connection }: Asked) => [connection!.requests, connection!.isReused];

describe('a pool', () => {
  it('uses a connection for one request after another', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool();
    for (const requests of [1, 2, 3]) {
      const asked = await askFully(pool, upstream.target);
      expect([asked.told, number(asked)]).toEqual([FINE, [requests, requests > 1]]);
    }
    expect([upstream.peers.length, pool.connections]).toEqual([1, 1]);
  });

  it('opens as many connections as requests are under way, and takes the one used last', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool();
    const first = await Promise.all([1, 2, 3].map(() => askFully(pool, upstream.target)));
    expect([upstream.peers.length, pool.connections]).toEqual([3, 3]);
    const last = await askFully(pool, upstream.target);
    const again = await askFully(pool, upstream.target);
    expect([
      again.connection === last.connection,
      first.some((one) => one.connection === last.connection),
    ]).toEqual([true, true]);
    expect(number(again)).toEqual([3, true]);
  });

  it('keeps so many idle connections and no more', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool({ idlePerTargetMax: 1 });
    await Promise.all([1, 2, 3].map(() => ask(pool, upstream.target)));
    expect(pool.connections).toBe(1);
    await until('two to be closed', () => upstream.peers.filter((peer) => peer.over !== null).length === 2);
  });

  it('closes a connection that idles too long', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool({ idleTimeoutMs: 20 });
    await ask(pool, upstream.target);
    expect(pool.connections).toBe(1);
    await upstream.peers[0]!.ended();
    expect(pool.connections).toBe(0);
    expect(await ask(pool, upstream.target)).toEqual(FINE);
  });

  it('closes a connection after its last request', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool({ requestsPerConnectionMax: 2 });
    const seen = [];
    for (let count = 0; count < 3; count++) seen.push(number(await askFully(pool, upstream.target)));
    expect(seen).toEqual([
      [1, false],
      [2, true],
      [1, false],
    ]);
  });

  it('opens a connection where a fresh one is asked for', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool();
    await ask(pool, upstream.target);
    expect(number(await askFully(pool, upstream.target, { fresh: true }))).toEqual([1, false]);
    expect(pool.connections).toBe(2);
  });

  it.each([
    ['that was closed', (peer: RawPeer) => peer.destroy()],
    ['that was reset', (peer: RawPeer) => peer.reset()],
    ['on which bytes wait', (peer: RawPeer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')],
  ])('does not use a connection %s, told by the event loop or not', async (_, spoil) => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool();
    for (const connections of [1, 3]) {
      await ask(pool, upstream.target);
      expect(upstream.peers.length).toBe(connections);
      spoil(upstream.peers.at(-1)!);
      if (connections === 1) await until('the pool to know', () => pool.connections === 0);
      const asked = await askFully(pool, upstream.target, { method: 'POST', body: '' });
      expect([asked.told, number(asked)]).toEqual([FINE, [1, false]]);
      expect(upstream.peers.length).toBe(connections + 1);
      upstream.peers.at(-1)!.destroy();
      await until('the pool to know', () => pool.connections === 0);
    }
  });

  it('tells of a stale connection so that a fresh one can be tried', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send(OK);
      await peer.holding('\r\n\r\n', 2);
      peer.destroy();
    });
    const pool = testPool();
    await ask(pool, upstream.target);
    const lost = await askFully(pool, upstream.target);
    expect([lost.told.ending, lost.connection!.isReused, pool.connections]).toEqual([
      'closed_before_response',
      true,
      0,
    ]);
    expect(await ask(pool, upstream.target, { fresh: true })).toEqual(FINE);
  });

  it.each([
    ['HTTP/1.1', OK, true],
    ['HTTP/1.1 with Connection: close', OK.replace('\r\n', '\r\nConnection: x, Close\r\n'), false],
    ['HTTP/1.0', OK.replace('1.1', '1.0'), false],
    [
      'HTTP/1.0 with keep-alive',
      OK.replace('1.1 200 OK\r\n', '1.0 200 OK\r\nConnection: Keep-Alive\r\n'),
      true,
    ],
  ])('keeps a connection after %s: %#', async (_, answer, kept) => {
    const upstream = await ScriptedUpstream.always(answer);
    const pool = testPool();
    const { body, ending } = await ask(pool, upstream.target);
    expect([body, ending, pool.connections]).toEqual(['ok', 'complete', kept ? 1 : 0]);
  });

  it('closes idle connections when it closes, and busy ones when they are done', async () => {
    const upstream = await ScriptedUpstream.start(() => {});
    const pool = testPool();
    const [idle, busy] = [ask(pool, upstream.target), ask(pool, upstream.target)];
    await until(
      'both',
      () => upstream.peers.filter((peer) => peer.received.endsWith('\r\n\r\n')).length === 2,
    );
    upstream.peers[0]!.send(OK);
    await idle;
    pool.close();
    expect(pool.connections).toBe(1);
    upstream.peers[1]!.send(OK);
    expect([await busy, pool.connections]).toEqual([FINE, 0]);
    await Promise.all(upstream.peers.map((peer) => peer.ended()));
  });
});

describe('a connection to an upstream', () => {
  it('is refused', async () => {
    const upstream = await ScriptedUpstream.start(() => {});
    const { target } = upstream;
    await upstream.close();
    const pool = testPool();
    expect([(await ask(pool, target)).ending, pool.connections]).toEqual(['refused', 0]);
  });

  it('is given up when it takes too long, or when nobody wants it any more', async () => {
    // The handshake never ends: nobody speaks TLS there.
    const upstream = await ScriptedUpstream.start(() => {});
    const target = { ...upstream.target, tls: { serverName: null, verify: false, contextKey: '' } };
    const pool = testPool();
    const asked = await askFully(pool, target, { connectTimeoutMs: 20 });
    expect([asked.told.ending, asked.message]).toEqual(['connect_timeout', 'no connection within 20 ms']);
    await upstream.peers[0]!.ended();
    const called: string[] = [];
    const giveUp = pool.connect(target, 15_000, {
      onConnected: () => called.push('connected'),
      onConnectFailed: () => called.push('failed'),
    });
    await until('the connection', () => upstream.peers.length === 2);
    giveUp!();
    await upstream.peers[1]!.ended();
    expect([called, pool.connections]).toEqual([[], 0]);
  });

  it('stamps its times in order', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const { connection, times } = await askFully(testPool(), upstream.target);
    const stamps = [
      connection!.connectStartMs,
      connection!.connectedMs,
      times!.startedMs,
      times!.requestFlushedMs,
      times!.firstByteMs,
      times!.headersMs,
      times!.lastByteMs,
    ];
    expect(stamps).toEqual([...stamps].sort((one, other) => one - other));
    expect([stamps.some(Number.isNaN), connection!.securedMs]).toEqual([false, Number.NaN]);
  });

  it('sends bodies by length and in chunks, with trailers', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      const request = await peer.holding('END');
      peer.send(
        `HTTP/1.1 200 OK\r\nContent-Length: ${request.length}\r\nConnection: close\r\n\r\n${request}`,
      );
    });
    const pool = testPool();
    const lengthBody = await ask(pool, upstream.target, { method: 'POST', body: 'a bodyEND' });
    expect(lengthBody.body).toBe('POST / HTTP/1.1\r\nHost: up\r\nContent-Length: 9\r\n\r\na bodyEND');
    const chunked = await ask(pool, upstream.target, {
      method: 'POST',
      body: 'a body',
      chunked: true,
      trailers: 'X: END\r\n',
    });
    expect(chunked.body).toBe(
      'POST / HTTP/1.1\r\nHost: up\r\nTransfer-Encoding: chunked\r\n\r\n6\r\na body\r\n0\r\nX: END\r\n\r\n',
    );
  });

  it('passes interim responses on', async () => {
    const upstream = await ScriptedUpstream.always(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\nContent-Length: 5\r\n\r\n${OK}`,
    );
    expect(await ask(testPool(), upstream.target)).toEqual({ ...FINE, interims: [100, 103] });
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 None\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 None\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ])('reads no body where there is none, and is used again: %s %j', async (method, answer) => {
    const upstream = await ScriptedUpstream.always(answer);
    const pool = testPool();
    for (const requests of [1, 2]) {
      const asked = await askFully(pool, upstream.target, { method });
      expect([asked.told.body, asked.told.ending, asked.connection!.requests]).toEqual([
        '',
        'complete',
        requests,
      ]);
    }
  });

  it('reads a body up to the end of the connection', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\n\r\nup to ');
      peer.send('the end');
      peer.finish();
    });
    const pool = testPool();
    expect([await ask(pool, upstream.target), pool.connections]).toEqual([
      { ...FINE, fields: '', body: 'up to the end' },
      0,
    ]);
  });

  it('hands itself over on an upgrade that was asked for', async () => {
    const upstream = await ScriptedUpstream.always(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nearly',
    );
    const pool = testPool();
    const { told: switched, leftover } = await askFully(pool, upstream.target, { upgrade: true });
    expect([switched.status, switched.ending, leftover, pool.connections]).toEqual([
      101,
      'upgraded',
      'early',
      0,
    ]);
    expect((await ask(pool, upstream.target)).ending).toBe('invalid_response');
  });

  it('is closed when the answer comes before the request is complete', async () => {
    const upstream = await ScriptedUpstream.always('HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n');
    const pool = testPool();
    const status = await new Promise((resolve) => {
      pool.connect(upstream.target, 15_000, {
        onConnectFailed: resolve,
        onConnected: (connection) => {
          const listener = {
            ...SILENT,
            onResponseEnd: () => resolve([connection.isClosed, pool.connections]),
          };
          const head = 'POST / HTTP/1.1\r\nHost: up\r\nContent-Length: 10\r\n\r\n';
          connection.send(
            listener,
            { method: 'POST', head, hasBody: true, chunked: false, upgrade: false },
            PATIENT,
          );
        },
      });
    });
    expect(status).toEqual([true, 0]);
  });

  it('does not call a listener that gave the request up', async () => {
    const upstream = await ScriptedUpstream.always(OK);
    const pool = testPool();
    const calls: string[] = [];
    pool.connect(upstream.target, 15_000, {
      onConnectFailed: () => calls.push('failed'),
      onConnected: (connection) => {
        const listener = {
          ...SILENT,
          onError: () => calls.push('error'),
          onResponse: () => calls.push('response'),
        };
        const head = 'GET / HTTP/1.1\r\nHost: up\r\n\r\n';
        connection.send(
          listener,
          { method: 'GET', head, hasBody: false, chunked: false, upgrade: false },
          PATIENT,
        );
        connection.abort();
      },
    });
    await until('the connection', () => upstream.peers.length === 1);
    await upstream.peers[0]!.ended();
    expect([calls, pool.connections]).toEqual([[], 0]);
  });
});
