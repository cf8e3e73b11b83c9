import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { Http1Exchange } from './http1-exchange.ts';
import type { ServerExchange } from './server-exchange.ts';
import { RawPeer, turn } from './testing/raw-peer.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('an upgrade', () => {
  /** Hands the socket over and sends back what comes on it in capitals. */
  const shouting = (sockets: Socket[] = []) =>
    TestServer.handling((_, exchange) => {
      if (exchange.head.upgrade !== 'websocket') {
        reply(exchange, 'plain');
        return;
      }
      const { socket, leftover } = exchange.upgrade('Connection: upgrade\r\nUpgrade: websocket\r\n');
      sockets.push(socket);
      socket.on('error', () => socket.destroy());
      const shout = (chunk: Buffer) => socket.write(chunk.latin1Slice().toUpperCase(), 'latin1');
      if (leftover.length > 0) shout(leftover);
      socket.on('data', shout);
      socket.on('end', () => socket.end());
      socket.resume();
    });

  it('hands the socket over with the bytes behind the request', async () => {
    const server = await shouting();
    for (const early of ['', 'hello ']) {
      const client = await server.connect();
      client.send(UPGRADE + early);
      await client.bytes(SWITCHED.length);
      client.send('world');
      const expected = `${SWITCHED}${early.toUpperCase()}WORLD`;
      expect(await client.bytes(expected.length)).toBe(expected);
      client.finish();
      expect(await client.ended()).toBe(expected);
    }
    expect(server.server.connections).toBe(0);
  });

  it('comes after other requests, pipelined too', async () => {
    const server = await shouting();
    const client = await server.connect();
    client.send(`${GET}${UPGRADE}early`);
    const expected = `${replied('plain')}${SWITCHED}EARLY`;
    expect(await client.bytes(expected.length)).toBe(expected);
    client.send('late');
    expect(await client.bytes(expected.length + 4)).toBe(`${expected}LATE`);
    client.reset();
  });

  it('is asked for by Connection and Upgrade together, in HTTP/1.1', async () => {
    const server = await shouting();
    for (const request of [
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n',
      'GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n',
    ]) {
      const client = await server.connect();
      client.send(request);
      expect(await client.bytes(replied('plain').length)).toBe(replied('plain'));
    }
  });

  it('leaves the socket to its new owner when the server closes', async () => {
    const sockets: Socket[] = [];
    const server = await shouting(sockets);
    const client = await server.connect();
    client.send(UPGRADE);
    await client.bytes(SWITCHED.length);
    await server.server.close();
    client.send('still there');
    expect(await client.bytes(SWITCHED.length + 11)).toBe(`${SWITCHED}STILL THERE`);
    sockets[0]!.destroy();
    await client.ended();
  });
});

describe('a server that closes', () => {
  /** A server that answers when told to. */
  const holding = async () => {
    const held: ServerExchange[] = [];
    const server = await TestServer.answering((exchange) => held.push(exchange));
    return { server, held };
  };

  it('ends idle connections at once and takes no new ones', async () => {
    const server = await TestServer.answering((exchange) => reply(exchange, ''));
    const fresh = await server.connect();
    const used = await server.connect();
    used.send(GET);
    await used.bytes(replied('').length);
    await until('both to be accepted', () => server.server.connections === 2);
    await server.server.close(10_000);
    expect([await fresh.ended(), await used.ended()]).toEqual(['', replied('')]);
    await expect(RawPeer.connect(server.port)).rejects.toThrow('ECONNREFUSED');
    expect(server.server.connections).toBe(0);
  });

  it('finishes the answers it is at, and says that it closes', async () => {
    const { server, held } = await holding();
    const client = await server.connect();
    client.send(GET + GET);
    await until('the request', () => held.length === 1);
    const closed = server.server.close(10_000);
    reply(held[0]!, 'done');
    expect(await client.ended()).toBe(replied('done', 'close'));
    client.finish();
    await closed;
    expect([server.endings, server.server.connections]).toEqual([['1 flushed'], 0]);
  });

  it('finishes an answer that has begun', async () => {
    const { server, held } = await holding();
    const client = await server.connect();
    client.send(GET);
    await until('the request', () => held.length === 1);
    held[0]!.start(200, 'OK', '', 'unknown');
    held[0]!.write(Buffer.from('one'));
    await client.holding('one');
    const closed = server.server.close(10_000);
    held[0]!.write(Buffer.from('two'));
    held[0]!.end();
    expect(await client.ended()).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n',
    );
    client.finish();
    await closed;
  });

  it('takes a request whose head has begun', async () => {
    const { server, held } = await holding();
    const client = await server.connect();
    client.send(GET.slice(0, 10));
    await until('the connection', () => server.server.connections === 1);
    await turn();
    const closed = server.server.close(10_000);
    client.send(GET.slice(10));
    await until('the request', () => held.length === 1);
    reply(held[0]!, '');
    expect(await client.ended()).toBe(replied('', 'close'));
    client.finish();
    await closed;
  });

  it('cuts what is left when the time is up', async () => {
    const { server, held } = await holding();
    const client = await server.connect();
    client.send(GET);
    await until('the request', () => held.length === 1);
    await server.server.close(20);
    expect(await client.ended()).toBe('');
    await until('the exchange to be over', () => server.endings.length === 1);
    expect(server.endings).toEqual(['1 closed: connection closed']);
    expect(server.server.connections).toBe(0);
  });

  it('does not cut an answer that is on its way out', async () => {
    const server = await TestServer.answering((exchange) => {
      (exchange as Http1Exchange).closeAfterwards();
      reply(exchange, 'x'.repeat(100));
      setImmediate(() => void server.server.close(10_000));
    });
    const client = await server.connect();
    client.send(`${GET}${'more that nobody reads'.repeat(1_000)}`);
    expect(await client.ended()).toBe(replied('x'.repeat(100), 'close'));
    expect(client.over).toBe('ended');
  });
});

describe('a client that ends its half of the connection', () => {
  it('gets its answer', async () => {
    const server = await TestServer.answering((exchange, body) => reply(exchange, body));
    for (const [request, answer] of [
      [GET, replied('')],
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody', replied('body')],
      [GET + GET + GET, replied('').repeat(3)],
    ] as const) {
      const client = await server.connect();
      client.send(request);
      client.finish();
      expect(await client.ended()).toBe(answer);
    }
    await server.idle();
  });

  it('counts as gone in the middle of a request, and when the answer takes long', async () => {
    const server = await TestServer.answering(() => {});
    for (const request of [
      GET,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbod',
      GET.slice(0, -1),
      '',
    ]) {
      const client = await server.connect();
      client.send(request);
      client.finish();
      expect(await client.ended()).toBe('');
    }
    await server.idle();
    expect(server.endings.sort()).toEqual([
      '1 closed: client closed the connection',
      '1 closed: client closed the connection',
    ]);
  });
});
