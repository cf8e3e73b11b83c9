import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { forward } from './testing/forward.ts';
import { type RawPeer, turn } from './testing/raw-peer.ts';
import { ask, ScriptedUpstream, testPool } from './testing/scripted-upstream.ts';
import { replied, TestServer } from './testing/test-server.ts';

const EVIL = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
const own = (path: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`;

/** The path of the n-th request that a peer has sent, from 0, once its head is there. */
async function path(peer: RawPeer, index: number): Promise<string> {
  const received = await peer.holding('\r\n\r\n', index + 1);
  return received.split('\r\n\r\n')[index]!.split(' ')[1]!;
}

/** Answers the first request of the first connection with `first`, every other one with its own path. */
const poisoner = (first: string, later: (peer: RawPeer) => void = () => {}) => {
  let isFresh = true;
  return ScriptedUpstream.start(async (peer) => {
    let isFirst = isFresh;
    isFresh = false;
    for (let index = 0; ; index++) {
      const asked = await path(peer, index);
      peer.send(isFirst ? first : own(asked));
      if (isFirst) later(peer);
      isFirst = false;
    }
  });
};

/** Every answer that has more behind it than it says, and what is told of it. */
const SURPLUS: readonly (readonly [what: string, method: string, bytes: string, body: string])[] = [
  ['by length', 'GET', `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${EVIL}`, 'ok'],
  ['by a length too short for its body', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, evil', 'ok'],
  ['of length 0', 'GET', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${EVIL}`, ''],
  [
    'chunked',
    'GET',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${EVIL}`,
    'ok',
  ],
  ['to HEAD, with the body', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', ''],
  [
    'to HEAD, with a whole response for a body',
    'HEAD',
    `HTTP/1.1 200 OK\r\nContent-Length: ${EVIL.length}\r\n\r\n${EVIL}`,
    '',
  ],
  ['204 with a body', 'GET', `HTTP/1.1 204 None\r\nContent-Length: ${EVIL.length}\r\n\r\n${EVIL}`, ''],
  ['304 with a body', 'GET', `HTTP/1.1 304 None\r\n\r\n${EVIL}`, ''],
  [
    'with an interim one behind it',
    'GET',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 100 Continue\r\n\r\n',
    'ok',
  ],
  ['with a line end behind it', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n', 'ok'],
];

describe.each(SURPLUS)('a response %s and more behind it', (_, method, bytes, body) => {
  it('is told for itself, and its connection is not used again', async () => {
    const upstream = await poisoner(bytes);
    const pool = testPool();
    const first = await ask(pool, upstream.target, { method });
    expect([first.body, first.ending, pool.connections]).toEqual([body, 'complete', 0]);
    expect((await ask(pool, upstream.target, { path: '/own' })).body).toBe('/own');
    expect(upstream.peers.length).toBe(2);
    await upstream.peers[0]!.ended();
  });

  it('never reaches the next request, wherever it is cut', async () => {
    const pool = testPool();
    for (let at = 1; at < bytes.length; at++) {
      const rest = bytes.slice(at);
      let isSent = false;
      const upstream = await poisoner(bytes.slice(0, at), (peer) => {
        void turn().then(() => {
          if (!isSent) peer.send(rest);
          isSent = true;
        });
      });
      const first = await ask(pool, upstream.target, { method });
      // The rest is in the kernel at the latest when the next request is made.
      if (!isSent) upstream.peers[0]!.send(rest);
      isSent = true;
      const next = await ask(pool, upstream.target, { path: `/own/${at}` });
      expect([at, first.body, first.ending, next.body, upstream.peers.length]).toEqual([
        at,
        body,
        'complete',
        `/own/${at}`,
        2,
      ]);
      await upstream.close();
    }
    await until('the pool to know', () => pool.connections === 0);
  });
});

describe('a response nobody asked for', () => {
  it('closes an idle connection', async () => {
    const upstream = await poisoner(own('ok'));
    const pool = testPool();
    await ask(pool, upstream.target);
    upstream.peers[0]!.send(EVIL);
    await upstream.peers[0]!.ended();
    expect(pool.connections).toBe(0);
  });

  it('closes every idle connection it waits on', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => peer.send(own(await path(peer, 0))));
    const pool = testPool();
    await Promise.all([1, 2, 3, 4].map(() => ask(pool, upstream.target)));
    expect(pool.connections).toBe(4);
    for (const peer of upstream.peers) peer.send(EVIL);
    expect((await ask(pool, upstream.target, { path: '/own' })).body).toBe('/own');
    expect([upstream.peers.length, pool.connections]).toEqual([5, 1]);
  });
});

describe('a response shorter than it says', () => {
  it.each([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nok'],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\nok'],
    ['chunked, without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'],
    [
      'chunked, without its last line',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n',
    ],
  ])('is no response, and no other is taken for its rest: %s', async (_, bytes) => {
    const upstream = await poisoner(bytes, (peer) => peer.finish());
    const pool = testPool();
    const first = await ask(pool, upstream.target);
    expect([first.body, first.ending, pool.connections]).toEqual(['ok', 'closed_in_response', 0]);
    expect((await ask(pool, upstream.target, { path: '/own' })).body).toBe('/own');
  });
});

describe('clients that share an upstream', () => {
  it.each(SURPLUS)('get their own answers after a response %s', async (_, method, bytes, body) => {
    const upstream = await poisoner(bytes);
    const pool = testPool();
    const server = await TestServer.handling((test, exchange) =>
      forward(exchange, pool, upstream.target, (how) => test.endings.push(how)),
    );
    const clients = await Promise.all([1, 2, 3].map(() => server.connect()));
    const [attacker, ...victims] = clients;
    attacker!.send(
      `${method} /attack HTTP/1.1\r\nHost: a\r\n\r\nGET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    const answer = await attacker!.ended();
    expect([answer.includes('evil'), answer.endsWith(replied('/after', 'close'))]).toEqual([false, true]);
    expect(answer.replace('2\r\nok\r\n0\r\n\r\n', 'ok')).toContain(`\r\n\r\n${body}HTTP/1.1 200 OK`);
    for (const [index, victim] of victims.entries()) {
      victim.send(`GET /victim/${index} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const expected = replied(`/victim/${index}`);
      expect(await victim.bytes(expected.length)).toBe(expected);
    }
    expect(server.endings).toEqual(['flushed', 'flushed', 'flushed', 'flushed']);
  });
});
