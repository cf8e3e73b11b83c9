import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { ServerLimits } from './limits.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';

const limited = (limits: Partial<ServerLimits>) =>
  TestServer.answering((exchange, body) => reply(exchange, `${exchange.head.target.length} ${body}`), {
    limits,
  });

const refused = (status: string, message: string) =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${message.length + 1}\r\nConnection: close\r\n\r\n${message}\n`;

const LINE = refused('414 URI Too Long', 'request line too long');
const HEAD = refused('431 Request Header Fields Too Large', 'request head too large');

describe('the limit of the request line', () => {
  const line = (bytes: number) => `GET /${'x'.repeat(bytes - 14)} HTTP/1.1`;

  it('lets a line of that many bytes pass and refuses one byte more, wherever it is split', async () => {
    const server = await limited({ requestLineBytesMax: 40 });
    for (const [bytes, answer] of [
      [40, replied('27 ', 'close')],
      [41, LINE],
    ] as const) {
      const request = `${line(bytes)}\r\nHost: a\r\nConnection: close\r\n\r\n`;
      expect(await server.tell(request)).toBe(answer);
      for (let at = 1; at < request.length; at++) {
        const client = await server.connect();
        await client.sendSplit(request, [at]);
        expect([at, await client.ended()]).toEqual([at, answer]);
        client.destroy();
      }
    }
  });

  it('is told from the limit of the head', async () => {
    const server = await limited({ requestLineBytesMax: 40, headBytesMax: 100 });
    expect(await server.tell(`${line(200)}\r\nHost: a\r\n\r\n`)).toBe(LINE);
    expect(await server.tell(line(200))).toBe(LINE);
    expect(await server.tell(`${line(40)}\r\nHost: a\r\nX: ${'x'.repeat(60)}\r\n\r\n`)).toBe(HEAD);
  });

  it('is 32 KB by default', async () => {
    const server = await limited({});
    expect(await server.tell(`${line(32_769)}\r\nHost: a\r\n\r\n`)).toBe(LINE);
    expect(await server.tell(line(200_000))).toBe(LINE);
    expect(await server.tell(`${line(32_768)}\r\nHost: a\r\nConnection: close\r\n\r\n`)).toBe(
      replied('32755 ', 'close'),
    );
  });
});

describe('the limits of the header', () => {
  const start = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';

  it('lets a head of that many bytes pass and refuses one byte more', async () => {
    const server = await limited({ headBytesMax: 100 });
    const head = (bytes: number) => `${start}X: ${'x'.repeat(bytes - start.length - 7)}\r\n\r\n`;
    expect(await server.tell(head(100))).toBe(replied('1 ', 'close'));
    expect(await server.tell(head(101))).toBe(HEAD);
    expect(await server.tell(head(102).slice(0, -1))).toBe(HEAD);
  });

  it('refuses a field line that is too long', async () => {
    const server = await limited({ headerBytesMax: 50 });
    const field = (bytes: number) => `${start}X: ${'x'.repeat(bytes - 3)}\r\nY:\r\n\r\n`;
    expect(await server.tell(field(50))).toBe(replied('1 ', 'close'));
    expect(await server.tell(field(51))).toBe(
      refused('431 Request Header Fields Too Large', 'header field too long'),
    );
  });

  it('refuses too many fields', async () => {
    const server = await limited({ headerCountMax: 5 });
    const fields = (count: number) => `${start}${'X: y\r\n'.repeat(count - 2)}\r\n`;
    expect(await server.tell(fields(5))).toBe(replied('1 ', 'close'));
    expect(await server.tell(fields(6))).toBe(
      refused('431 Request Header Fields Too Large', 'too many header fields'),
    );
  });

  it('may be set far above what the parser is given in one piece by default', async () => {
    const server = await limited({ headBytesMax: 1_000_000, headerBytesMax: 1_000_000 });
    expect(await server.tell(`${start}X: ${'x'.repeat(900_000)}\r\n\r\n`)).toBe(replied('1 ', 'close'));
    expect(await server.tell(`${start}\r\n`)).toBe(replied('1 ', 'close'));
  });
});

describe('the limit of the body', () => {
  const start = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
  const TOO_LARGE = refused('413 Content Too Large', 'body too large');

  it('refuses a length above it before the body comes', async () => {
    const server = await limited({ bodyBytesMax: 5 });
    expect(await server.tell(`${start}Content-Length: 5\r\n\r\nhello`)).toBe(replied('1 hello', 'close'));
    expect(await server.tell(`${start}Content-Length: 6\r\n\r\n`)).toBe(TOO_LARGE);
  });

  it('refuses a chunked body as it exceeds it', async () => {
    const server = await limited({ bodyBytesMax: 5 });
    const chunked = `${start}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`;
    expect(await server.tell(`${chunked}2\r\nlo\r\n0\r\n\r\n`)).toBe(replied('1 hello', 'close'));
    expect(await server.tell(`${chunked}3\r\nlo!\r\n`)).toBe(TOO_LARGE);
    expect(server.endings.sort()).toEqual(['1 closed: body too large', '1 flushed']);
  });

  it('refuses framing out of proportion to what it frames', async () => {
    const server = await limited({});
    expect(
      await server.tell(`${start}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\na\r\n`),
    ).toBe(refused('400 Bad Request', 'too many bytes of chunk framing'));
  });
});

describe('the time limits', () => {
  const SLOW_HEAD = refused('408 Request Timeout', 'the head of the request took too long');

  it('refuse a head that is not complete in time, on a new connection and on a kept one', async () => {
    const server = await limited({ headersTimeoutMs: 150 });
    expect(await server.tell('GET / HT')).toBe(SLOW_HEAD);
    const client = await server.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.bytes(replied('1 ').length);
    client.send('GET / HT');
    expect(await client.ended()).toBe(replied('1 ') + SLOW_HEAD);
  });

  it('close a connection on which nothing comes, without a word', async () => {
    const server = await limited({ headersTimeoutMs: 150, keepAliveTimeoutMs: 150 });
    expect(await server.tell('')).toBe('');
    expect(await server.tell('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe(replied('1 '));
    expect(await server.tell('GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n')).toBe(replied('1 '));
  });

  it('give a head that has begun on an idle connection its own time', async () => {
    const server = await limited({ keepAliveTimeoutMs: 200 });
    const [begun, idle] = [await server.connect(), await server.connect()];
    for (const client of [begun, idle]) {
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.bytes(replied('1 ').length);
      if (client === begun) client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    }
    await idle.ended();
    begun.send('Connection: close\r\n\r\n');
    expect(await begun.ended()).toBe(replied('1 ') + replied('1 ', 'close'));
  });

  it('refuse a body that stops', async () => {
    const server = await limited({ bodyTimeoutMs: 40 });
    expect(await server.tell('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell')).toBe(
      refused('408 Request Timeout', 'the body of the request took too long'),
    );
    expect(server.endings).toEqual(['1 closed: the body of the request took too long']);
  });

  it('cut the answer where the body stops after it has begun', async () => {
    const server = await TestServer.handling(
      (test, exchange) => {
        test.read(exchange, () => exchange.end());
        exchange.start(200, 'OK', '', 'unknown');
      },
      { limits: { bodyTimeoutMs: 40 } },
    );
    expect(await server.tell('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell')).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n',
    );
    expect(server.endings).toEqual(['1 closed: the body of the request took too long']);
  });

  it('drop a client that does not read its answer', async () => {
    const server = await TestServer.answering((exchange) => reply(exchange, 'x'.repeat(32_000_000)), {
      limits: { sendTimeoutMs: 40 },
    });
    const client = await server.connect();
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the exchange to be over', () => server.endings.length > 0);
    expect(server.endings).toEqual(['1 closed: the client does not read']);
    await server.idle();
    client.destroy();
  });
});

describe('the limits of connections', () => {
  it('close a connection too many as soon as it is accepted', async () => {
    const server = await limited({ connectionsMax: 2 });
    const kept = [await server.connect(), await server.connect()];
    await until('both to be accepted', () => server.server.connections === 2);
    expect(await server.tell('')).toBe('');
    expect([server.server.connections, server.server.refusedConnections]).toEqual([2, 1]);
    kept[0]!.destroy();
    await until('one to be gone', () => server.server.connections === 1);
    expect(await server.tell('GET / HTTP/1.0\r\n\r\n')).toBe(replied('1 ', 'close'));
  });

  it('close a connection after its last request', async () => {
    const server = await limited({ requestsPerConnectionMax: 2 });
    expect(await server.tell('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3))).toBe(
      replied('1 ') + replied('1 ', 'close'),
    );
  });
});
