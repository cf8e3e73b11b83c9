import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { forward } from './testing/forward.ts';
import { type RawPeer, turn } from './testing/raw-peer.ts';
import { ScriptedUpstream } from './testing/scripted-upstream.ts';
import { TestServer } from './testing/test-server.ts';
import { UpstreamPool } from './upstream-pool.ts';

const BODIES = [
  ['by length', 'Content-Length: 4\r\n\r\nbody'],
  ['chunked', 'Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nbod\r\n1\r\ny\r\n0\r\nT: z\r\n\r\n'],
] as const;

const LEAVES: readonly (readonly [how: string, leave: (peer: RawPeer) => void])[] = [
  ['closes', (peer) => peer.destroy()],
  ['resets', (peer) => peer.reset()],
  ['ends its half of', (peer) => peer.finish()],
];
const CASES = BODIES.flatMap(([framing, message]) =>
  LEAVES.map(([how, leave]) => [how, framing, leave, message] as const),
);

let server: TestServer;
let upstream: ScriptedUpstream;
let pool: UpstreamPool;
/** What the upstream of the present case does with a connection. */
let script: (peer: RawPeer) => Promise<void>;
/** How the exchanges of the present case ended. */
let endings: string[];
let woken: () => void;

/** Resolves with how the exchanges ended, once one has. */
async function over(): Promise<string[]> {
  while (endings.length === 0)
    await new Promise<void>((resolve) => {
      woken = resolve;
    });
  return endings;
}

/** Nothing is left of a case: no connection on any side, nor an exchange that ended twice. */
async function nothingLeft(): Promise<void> {
  await server.idle();
  await until('the pool to be empty', () => pool.connections === 0);
  await until('the upstream to be left', () => upstream.peers.every((peer) => peer.over !== null));
}

beforeAll(async () => {
  pool = new UpstreamPool();
  upstream = await ScriptedUpstream.open((peer) => script(peer));
  server = await TestServer.open((_, exchange) =>
    forward(exchange, pool, upstream.target, (how) => {
      endings.push(how);
      woken();
    }),
  );
});
afterAll(async () => {
  await server.server.close();
  pool.close();
  await upstream.close();
});
beforeEach(() => {
  endings = [];
  woken = () => {};
  upstream.peers.length = 0;
});

describe.each(CASES)(
  'a client that %s the connection, with a request %s',
  (how, _framing, leave, message) => {
    const request = `POST / HTTP/1.1\r\nHost: a\r\n${message}`;
    const headBytes = request.indexOf('\r\n\r\n') + 4;

    it('after any byte of it leaves nothing behind', async () => {
      script = async (peer) => void (await peer.ended());
      for (let bytes = 0; bytes < request.length; bytes++) {
        endings = [];
        const client = await server.connect();
        client.send(request.slice(0, bytes));
        // A reset overtakes what was sent, unless that was read.
        await turn();
        await turn();
        leave(client);
        if (bytes < headBytes) continue;
        expect([bytes, await over()]).toEqual([
          bytes,
          [how === 'resets' ? 'read ECONNRESET' : 'client closed the connection'],
        ]);
        if (how === 'ends its half of') expect(await client.ended()).toBe('');
      }
      await nothingLeft();
      expect(endings.length).toBe(1);
    });
  },
);

describe.each(CASES.filter(([how]) => how !== 'ends its half of'))(
  'a client that %s the connection, with a response %s',
  (_how, _framing, leave, message) => {
    const response = `HTTP/1.1 200 OK\r\n${message}`;

    it('after any byte of it ends the request to the upstream', async () => {
      const leaving: RawPeer[] = [];
      script = async (peer) => {
        const received = await peer.holding('\r\n\r\n');
        const bytes = Number(/^GET \/(\d+) /.exec(received)![1]);
        peer.send(response.slice(0, bytes));
        await turn();
        leave(leaving[bytes]!);
        await peer.ended();
      };
      // All at once: a client that closes counts as gone after a time of grace.
      for (let bytes = 0; bytes < response.length; bytes++) {
        const client = await server.connect();
        leaving.push(client);
        client.send(`GET /${bytes} HTTP/1.1\r\nHost: a\r\n\r\n`);
      }
      await until('all to be over', () => endings.length === response.length);
      expect(endings.filter((how) => !/ECONNRESET|client closed/.test(how))).toEqual([]);
      await nothingLeft();
    });
  },
);

describe.each(CASES)(
  'an upstream that %s the connection, with a response %s',
  (how, framing, leave, message) => {
    const response = `HTTP/1.1 200 OK\r\nX: y\r\n${message}`;
    const headBytes = response.indexOf('\r\n\r\n') + 4;
    const whole =
      framing === 'chunked'
        ? 'HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\nT: z\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nbody';
    /** Whether an answer begins as the whole one and can't be taken for it; chunks may be cut anew. */
    const isCut = (received: string) => {
      const from = whole.indexOf('\r\n\r\n') + 4;
      const payload = received.slice(from).replaceAll(/[0-9a-f]+\r\n([^\r]*)\r\n/g, '$1');
      const isBegun = whole.startsWith(received.slice(0, from)) && 'body'.startsWith(payload);
      return (
        isBegun && (framing === 'chunked' ? !received.endsWith('0\r\nT: z\r\n\r\n') : payload.length < 4)
      );
    };
    const badGateway = (kind: string) =>
      `HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${kind.length}\r\nConnection: keep-alive\r\n\r\n${kind}`;

    it('after any byte of it is told with 502, or by an answer that is cut', async () => {
      for (let bytes = 0; bytes < response.length; bytes++) {
        endings = [];
        script = async (peer) => {
          await peer.holding('\r\n\r\n');
          peer.send(response.slice(0, bytes));
          await turn();
          leave(peer);
          await peer.ended();
        };
        const client = await server.connect();
        client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        const ended = await over();
        if (bytes < headBytes) {
          const expected = badGateway(how === 'resets' ? 'reset' : 'closed_before_response');
          expect([bytes, await client.bytes(expected.length), ended]).toEqual([bytes, expected, ['flushed']]);
          client.destroy();
        } else {
          const received = await client.ended();
          expect([bytes, isCut(received), ended]).toEqual([bytes, true, ['aborted']]);
        }
      }
      await nothingLeft();
    });

    it('behind its last byte has answered', async () => {
      script = async (peer) => {
        await peer.holding('\r\n\r\n');
        peer.send(response);
        await turn();
        leave(peer);
        await peer.ended();
      };
      const client = await server.connect();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect([await client.bytes(whole.length), await over()]).toEqual([whole, ['flushed']]);
      client.destroy();
      await nothingLeft();
    });
  },
);

describe.each(CASES)(
  'an upstream that %s the connection, with a request %s',
  (how, _framing, leave, message) => {
    const request = `POST / HTTP/1.1\r\nHost: a\r\n${message}`;

    it('after any byte of its body is told with 502', async () => {
      script = async (peer) => {
        await peer.holding('\r\n\r\n');
        leave(peer);
        await peer.ended();
      };
      for (let bytes = request.indexOf('\r\n\r\n') + 4; bytes <= request.length; bytes++) {
        endings = [];
        const client = await server.connect();
        client.send(request.slice(0, bytes));
        expect([bytes, await over()]).toEqual([bytes, ['flushed']]);
        const answer = await client.holding('\r\n\r\n');
        expect([bytes, answer.slice(0, 24)]).toEqual([bytes, 'HTTP/1.1 502 Bad Gateway']);
        const kinds = how === 'resets' ? ['reset'] : ['closed_before_response', 'reset'];
        expect(kinds).toContain(answer.slice(answer.indexOf('\r\n\r\n') + 4));
        client.destroy();
      }
      await nothingLeft();
    });
  },
);

describe('a client that goes away while its upstream is connected to', () => {
  it.each(LEAVES.slice(0, 2))('%s: the attempt is given up', async (_, leave) => {
    script = async (peer) => void (await peer.ended());
    // Nobody speaks TLS there, so the attempt would go on and on.
    const target = { ...upstream.target, tls: { serverName: null, verify: false, contextKey: '' } };
    const ended: string[] = [];
    const connecting = await TestServer.handling((__, exchange) =>
      forward(exchange, pool, target, (how) => ended.push(how)),
    );
    const client = await connecting.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbod');
    await until('the attempt', () => upstream.peers.length === 1);
    leave(client);
    await upstream.peers[0]!.ended();
    await connecting.idle();
    expect([ended.length, pool.connections]).toEqual([1, 0]);
  });
});
