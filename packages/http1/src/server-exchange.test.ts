import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { fallbacks } from './plain-socket.ts';
import type { ServerExchange } from './server-exchange.ts';
import { turn } from './testing/raw-peer.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';

/** Answers with what the request was, as one line. */
const echo = () =>
  TestServer.answering((exchange, body) => {
    const { method, target } = exchange.head;
    reply(exchange, `${exchange.ordinal} ${method} ${target} ${body}`);
  });

const chunkedEcho = () =>
  TestServer.answering((exchange, body) => {
    exchange.start(200, 'OK', '', 'unknown');
    for (const piece of body.split(' ')) exchange.write(Buffer.from(piece));
    exchange.end('X-Sum: 7\r\n');
  });

describe('a server exchange', () => {
  it('is one of many on a connection that is kept', async () => {
    const server = await echo();
    const client = await server.connect();
    let expected = '';
    for (const ordinal of [1, 2, 3]) {
      client.send(`GET /${ordinal} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expected += replied(`${ordinal} GET /${ordinal} `);
      expect(await client.bytes(expected.length)).toBe(expected);
    }
    expect(server.server.connections).toBe(1);
    expect(server.endings).toEqual(['1 flushed', '2 flushed', '3 flushed']);
  });

  it('answers pipelined requests in order, bodies and all', async () => {
    const server = await echo();
    const answer = await server.tell(
      'GET /a HTTP/1.1\r\nHost: a\r\n\r\n' +
        'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none' +
        'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n' +
        '\r\n\r\nHEAD /d HTTP/1.1\r\nHost: a\r\n\r\n' +
        'GET /e HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toBe(
      replied('1 GET /a ') +
        replied('2 POST /b one') +
        replied('3 POST /c two') +
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: keep-alive\r\n\r\n' +
        replied('5 GET /e ', 'close'),
    );
  });

  it('answers pipelined requests in order though the first takes longest', async () => {
    const waiting: ServerExchange[] = [];
    const server = await TestServer.answering((exchange) => {
      if (exchange.ordinal === 1) waiting.push(exchange);
      else reply(exchange, exchange.head.target);
    });
    const client = await server.connect();
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the first request', () => waiting.length === 1);
    client.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await turn();
    expect(client.received).toBe('');
    reply(waiting[0]!, '/1');
    expect(await client.ended()).toBe(replied('/1') + replied('/2') + replied('/3', 'close'));
  });

  it('answers a thousand pipelined requests', async () => {
    const server = await echo();
    const client = await server.connect();
    let expected = '';
    let sent = '';
    for (let ordinal = 1; ordinal <= 1_000; ordinal++) {
      sent += `POST /${ordinal} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n${'b'.repeat(100)}`;
      expected += replied(`${ordinal} POST /${ordinal} ${'b'.repeat(100)}`);
    }
    client.send(sent);
    expect(await client.bytes(expected.length)).toBe(expected);
  });

  it('answers HEAD without a body, and the GET behind it with one', async () => {
    const server = await echo();
    expect(
      await server.tell(
        'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      ),
    ).toBe(
      `HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n${replied('2 GET / ', 'close')}`,
    );
  });

  it('reads a chunked body and writes one, with trailers', async () => {
    const server = await chunkedEcho();
    expect(
      await server.tell(
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
          '6;a=b\r\nhello \r\n00005\r\nworld\r\n0\r\nX: y\r\n\r\n',
      ),
    ).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
        '5\r\nhello\r\n5\r\nworld\r\n0\r\nX-Sum: 7\r\n\r\n',
    );
  });

  it('writes a body of unknown length to HTTP/1.0 up to the end of the connection', async () => {
    const server = await chunkedEcho();
    expect(
      await server.tell('POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 11\r\n\r\nhello world'),
    ).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhelloworld');
  });

  it('closes after HTTP/1.0, unless asked to keep the connection', async () => {
    const server = await echo();
    expect(
      await server.tell('GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n'),
    ).toBe(replied('1 GET /a ') + replied('2 GET /b ', 'close'));
  });

  it('closes on Connection: close, and answers nothing behind it', async () => {
    const server = await echo();
    expect(
      await server.tell(
        'GET /a HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
      ),
    ).toBe(replied('1 GET /a ', 'close'));
  });

  it('leaves Content-Length out of 204, and the body out of 304', async () => {
    const server = await TestServer.answering((exchange) => {
      reply(exchange, 'dropped', '', exchange.ordinal === 1 ? 204 : 304, 'None');
    });
    expect(
      await server.tell(
        'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      ),
    ).toBe(
      'HTTP/1.1 204 None\r\nConnection: keep-alive\r\n\r\n' +
        'HTTP/1.1 304 None\r\nContent-Length: 7\r\nConnection: close\r\n\r\n',
    );
  });

  it('passes obs-text and every byte value of a body through', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value)).latin1Slice();
    const server = await TestServer.answering((exchange, body) => {
      reply(exchange, body, `X: ${exchange.headers.get('x')}\r\n`);
    });
    expect(
      await server.tell(
        `POST / HTTP/1.1\r\nHost: a\r\nX: \xe9\t\xff\r\nContent-Length: 256\r\nConnection: close\r\n\r\n${bytes}`,
      ),
    ).toBe(replied(bytes, 'close', 'X: \xe9\t\xff\r\n'));
  });

  it('reads plaintext into the shared buffer, past the streams of the sockets', () => {
    expect(fallbacks.count).toBe(0);
  });
});

describe('Expect: 100-continue', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n';

  it('is answered when the body is asked for', async () => {
    const server = await echo();
    const client = await server.connect();
    client.send(`${head}\r\n`);
    const first = 'HTTP/1.1 100 Continue\r\n\r\n';
    expect(await client.bytes(first.length)).toBe(first);
    client.send('body');
    const expected = first + replied('1 POST / body');
    expect(await client.bytes(expected.length)).toBe(expected);
  });

  it('is not answered if the body came already', async () => {
    const server = await echo();
    expect(await server.tell(`${head}Connection: close\r\n\r\nbody`)).toBe(replied('1 POST / body', 'close'));
  });

  it('closes the connection if the body is not asked for', async () => {
    const server = await TestServer.handling((_, exchange) => reply(exchange, 'no'));
    expect(await server.tell(`${head}\r\n`)).toBe(replied('no', 'close'));
  });

  it('is not understood by HTTP/1.0', async () => {
    const server = await echo();
    const client = await server.connect();
    client.send('POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    client.send('body');
    expect(await client.ended()).toBe(replied('1 POST / body', 'close'));
  });
});
