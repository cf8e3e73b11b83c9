import { describe, expect, it } from 'vitest';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

/** A gateway without fields of its own, so that answers can be told to the byte. */
async function before(upstream: ScriptedUpstream, plugins = ''): Promise<TestGateway> {
  const config = oneRoute(`http://127.0.0.1:${upstream.target.port}`) + plugins;
  return TestGateway.start(config, { env: { KONG_HEADERS: 'off' } });
}

/** What a client gets for these bytes until the connection ends, from an upstream that says this. */
async function exchanged(sent: string, said: string, plugins = ''): Promise<string> {
  const gateway = await before(await ScriptedUpstream.answering(said), plugins);
  const client = await gateway.connect();
  client.send(sent);
  return client.ended();
}

const ask = (method: string, version = '1.1') =>
  `${method} / HTTP/${version}\r\nHost: a.test\r\nConnection: close\r\n\r\n`;
const FILTER = 'plugins:\n- {name: pre-function, config: {body_filter: ["return chunk"]}}\n';
const RESPONSE = 'plugins:\n- {name: pre-function, config: {response: ["return"]}}\n';

describe('messages', () => {
  it('pass with their length', async () => {
    expect(
      await exchanged(ask('GET'), 'HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 4\r\n\r\nbody'),
    ).toBe('HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody');
  });

  it('pass in chunks where the length is not known', async () => {
    expect(
      await exchanged(
        ask('GET'),
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nX-Sum: 9\r\nX-Two: 2\r\n\r\n',
      ),
    ).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\none\r\n0\r\nX-Sum: 9\r\nX-Two: 2\r\n\r\n',
    );
  });

  it('pass without chunks to a client of HTTP/1.0', async () => {
    expect(
      await exchanged(
        ask('GET', '1.0'),
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nX-Sum: 9\r\n\r\n',
      ),
    ).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\none');
  });

  it('pass where the upstream ends them by hanging up', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\n\r\nto the end');
      peer.finish();
    });
    const client = await (await before(upstream)).connect();
    client.send(ask('GET'));
    expect(await client.ended()).toMatch(
      /^HTTP\/1\.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\na\r\nto the end\r\n0\r\n\r\n$/,
    );
  });

  describe.each([
    ['plain', ''],
    ['with a body filter', FILTER],
    ['with a response phase', RESPONSE],
  ])('%s', (_, plugins) => {
    it.each([
      [
        'HEAD keeps the length and has no body',
        'HEAD',
        '200 OK\r\nContent-Length: 44',
        plugins === FILTER ? '' : 'Content-Length: 44\r\n',
      ],
      ['HEAD without a length gets none', 'HEAD', '200 OK\r\nTransfer-Encoding: chunked', ''],
      ['304 has no length of its own', 'GET', '304 Not Modified\r\nETag: "x"', ''],
      ['204 has no length', 'GET', '204 No Content', ''],
    ])('%s', async (_, method, head, length) => {
      const [status = '', field = ''] = head.split('\r\n');
      const kept = /^ETag/.test(field) ? `${field}\r\n` : '';
      expect(await exchanged(ask(method), `HTTP/1.1 ${head}\r\n\r\n`, plugins)).toBe(
        `HTTP/1.1 ${status}\r\n${kept}${length}Connection: close\r\n\r\n`,
      );
    });
  });

  it('pass interim answers before the final one, but 100', async () => {
    expect(
      await exchanged(
        ask('GET'),
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      ),
    ).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n',
    );
  });

  it('tell a client that waits for 100 Continue to go on once the upstream is there, and send no Expect', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('four');
      peer.send('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const client = await (await before(upstream)).connect();
    client.send(
      'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    );
    expect(await client.holding('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('four');
    expect(await client.ended()).toBe(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n',
    );
    expect(upstream.peers[0]!.received).not.toContain('xpect');
  });

  it('refuse a client that waits for 100 Continue without having it send the body', async () => {
    const gateway = await TestGateway.start(
      '_format_version: "3.0"\nservices:\n- {name: s, host: 127.0.0.1, port: 9, retries: 0, routes: [{paths: [/]}]}\n',
      { env: { KONG_HEADERS: 'off' } },
    );
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    expect(await client.ended()).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*\r\nConnection: close\r\n\r\n/,
    );
  });

  it('pass the trailers of a request', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('0\r\nX-Sum: 7\r\n\r\n');
      peer.send('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const client = await (await before(upstream)).connect();
    client.send(
      'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n',
    );
    expect(await client.ended()).toBe('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    const [, body] = upstream.peers[0]!.received.split('\r\n\r\n', 2);
    expect(body).toBe('3\r\nabc\r\n0\r\nX-Sum: 7');
  });

  it('keep a request without a body without one, and one of length 0 with it', async () => {
    const upstream = await ScriptedUpstream.answering(
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
    );
    const client = await (await before(upstream)).connect();
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await client.holding('\r\n\r\n');
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n');
    await client.holding('\r\n\r\n', 2);
    const heads = upstream.peers[0]!.received.split('\r\n\r\n').slice(0, 2);
    expect(heads.map((head) => /^(content-length|transfer-encoding): .*$/im.exec(head)?.[0])).toEqual([
      undefined,
      'Content-Length: 0',
    ]);
  });

  it('answer pipelined requests in their order, each from its own answer', async () => {
    const upstream = await ScriptedUpstream.answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo',
    );
    const client = await (await before(upstream)).connect();
    client.send(`GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\n${ask('GET')}`);
    expect(await client.ended()).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\none' +
        'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo',
    );
  });

  it('pass an answer that comes before the request’s body is complete', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('first');
      peer.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig');
    });
    const client = await (await before(upstream)).connect();
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\nfirst');
    expect(await client.holding('big')).toBe(
      'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nbig',
    );
    client.destroy();
  });

  it('refuse a body larger than KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE with 413', async () => {
    const upstream = await ScriptedUpstream.start(() => {});
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`), {
      env: { KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE: '4' },
    });
    for (const framing of [
      'Content-Length: 5\r\n\r\nfive.',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n',
    ]) {
      const client = await gateway.connect();
      client.send(`POST / HTTP/1.1\r\nHost: a.test\r\n${framing}`);
      expect(await client.ended()).toMatch(/^HTTP\/1\.1 413 Content Too Large\r\n/);
    }
  });
});
