import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { ServerExchange } from './server-exchange.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';

const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Echoes on /, answers at the first piece of a body on /early, and cuts the connection there on /cut. */
const server = () =>
  TestServer.handling((test, exchange) => {
    const { target } = exchange.head;
    let first = true;
    test.read(
      exchange,
      (_, body) => reply(exchange, body),
      () => {
        if (!first) return;
        first = false;
        if (target === '/early') reply(exchange, 'no');
        if (target === '/cut') exchange.abort();
      },
    );
  });

describe('an answer before the end of the request', () => {
  it.each([
    ['a body by length', 'Content-Length: 6\r\n\r\nabc'],
    ['a chunked body', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ['a chunked body that is complete', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
    ['a chunked body that breaks off', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n'],
    ['a chunked body of many pieces', `Transfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(1_000)}`],
  ])('is the only one and closes: %s', async (_, rest) => {
    const test = await server();
    expect(await test.tell(`POST /early HTTP/1.1\r\nHost: a\r\n${rest}`)).toBe(replied('no'));
    expect(test.endings).toEqual(['1 flushed']);
  });

  it('leaves the parser fit for the next chunked body', async () => {
    const test = await server();
    for (const target of ['/early', '/cut']) {
      for (const broken of [
        '3\r\nabc\r\n7\r\nab',
        `ffff\r\n${'x'.repeat(0xffff)}\r\n3\r\nab`,
        '3\r\nabc\r\n0\r\n\r\n',
      ]) {
        await test.tell(`${CHUNKED.replace('/', target)}${broken}`);
        const client = await test.connect();
        client.send(`${CHUNKED}3\r\nabc\r\n`);
        client.send('2\r\nde\r\n0\r\n\r\n');
        expect(await client.bytes(replied('abcde').length)).toBe(replied('abcde'));
      }
    }
  });

  it('lets a client that sends on without end see it', async () => {
    const test = await server();
    const client = await test.connect();
    client.send('POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
    const more = Buffer.alloc(65_536);
    client.socket.on('drain', () => client.socket.write(more));
    client.socket.write(Buffer.concat([more, more]));
    expect(await client.ended()).toBe(replied('no'));
    client.destroy();
    await test.idle();
  });
});

describe('a handler that gets it wrong', () => {
  it('can not send more than the length it told', async () => {
    const test = await TestServer.answering((exchange) => {
      exchange.start(200, 'OK', '', 3);
      exchange.write(Buffer.from('ab'));
      exchange.write(Buffer.from('cdef'));
      exchange.end();
    });
    expect(await test.tell('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
    expect(test.endings).toEqual(['1 closed: the answer is longer than its Content-Length']);
  });

  it('can not end before the length it told', async () => {
    const test = await TestServer.answering((exchange) => {
      exchange.start(200, 'OK', '', 3);
      exchange.write(Buffer.from('ab'));
      exchange.end();
    });
    expect(await test.tell('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
    expect(test.endings).toEqual(['1 closed: the answer is shorter than its Content-Length']);
  });

  it('writes nothing behind the end, and nothing into the next answer', async () => {
    const big = 'x'.repeat(4_000_000);
    const test = await TestServer.answering((exchange) => {
      exchange.start(200, 'OK', '', 'unknown');
      exchange.write(Buffer.from(exchange.ordinal === 1 ? big : 'b'));
      exchange.end();
      exchange.write(Buffer.from('late'));
      exchange.end();
      setImmediate(() => exchange.write(Buffer.from('later')));
    });
    const head = (connection: string) =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: ${connection}\r\n\r\n`;
    expect(
      (
        await test.tell(
          'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
        )
      ).replace(big, 'big'),
    ).toBe(`${head('keep-alive')}3d0900\r\nbig\r\n0\r\n\r\n${head('close')}1\r\nb\r\n0\r\n\r\n`);
  });

  it('leaves a paused connection readable for the next request', async () => {
    const read: ServerExchange[] = [];
    const test = await TestServer.handling((server, exchange) => {
      read.push(exchange);
      server.read(
        exchange,
        (_, body) => reply(exchange, body),
        () => exchange.pause(),
      );
    });
    const client = await test.connect();
    for (const count of [1, 2]) {
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n');
      await until('the request to be read', () => read.length === count);
      client.send('ab');
      expect(await client.bytes(replied('ab').length * count)).toBe(replied('ab').repeat(count));
    }
  });
});

describe('a client that goes away', () => {
  it.each([1, 2, 3])('is noticed while request %d of three pipelined ones is served', async (served) => {
    const test = await TestServer.answering((exchange) => {
      if (exchange.ordinal < served) reply(exchange, '');
    });
    const client = await test.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(served));
    if (served > 1) await client.bytes(replied('').length * (served - 1));
    else await until('the request', () => test.server.connections === 1);
    client.reset();
    await test.idle();
    expect(test.endings.at(-1)).toMatch(new RegExp(`^${served} closed: `));
  });

  it('before it has read its answer has not been answered', async () => {
    const test = await TestServer.answering((exchange) => reply(exchange, 'x'.repeat(32_000_000)));
    const client = await test.connect();
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the answer to begin', () => client.socket.bytesRead > 0);
    client.reset();
    await test.idle();
    expect(test.endings).toEqual([expect.stringMatching(/^1 closed: /)]);
  });
});
