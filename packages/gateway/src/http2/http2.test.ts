import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectSpans, expectWhole, PROXIED } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { Http2Client, readAnswer } from '../testing/http2-client.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway, type TestGatewayOptions } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';
import { CONTROL_FRAMES_MAX, RESETS_MAX } from './http2-connections.ts';

async function start(
  respond?: Parameters<typeof EchoUpstream.start>[0],
  options: TestGatewayOptions = {},
  route: object = {},
) {
  const upstream = await EchoUpstream.start(respond);
  const gateway = await TestGateway.start(oneRoute(upstream.url, route), options);
  return { upstream, gateway, client: await Http2Client.connect(gateway) };
}

describe('HTTP/2', () => {
  it('passes a request and its answer on as HTTP/1.1 does', async () => {
    const { upstream, client } = await start((_, response) => {
      response.writeHead(201, [
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-Twice', 'one'],
        ['X-Twice', 'two'],
        ['Connection', 'keep-alive'],
      ] as never);
      response.end('made');
    });
    const answer = await client.send(
      { ':method': 'POST', ':path': '/p/%41?q=1', cookie: ['a=1', 'b=2'], 'x-own': 'é', te: 'trailers' },
      'body',
    );
    expect({ ...answer, headers: undefined }).toMatchObject({ status: 201, body: 'made', trailers: {} });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      'set-cookie': ['a=1', 'b=2'],
      'x-twice': 'one, two',
      via: '1.1 gatescope/1.2.3',
    });
    expect(answer.headers).not.toHaveProperty('connection');
    const { method, target, headers, body } = upstream.only;
    expect({ method, target, body }).toEqual({ method: 'POST', target: '/p/A?q=1', body: 'body' });
    expect(headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      cookie: 'a=1; b=2',
      'x-own': 'é',
      te: 'trailers',
      via: '2 gatescope/1.2.3',
      'transfer-encoding': 'chunked',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'a.test',
    });
  });

  it('carries bodies of every size both ways, many at once', async () => {
    const { client } = await start(({ body }, response) => response.end(body, 'latin1'));
    const sizes = [0, 1, 16_383, 16_384, 65_535, 65_536, 300_000, 2_000_000];
    const bodies = sizes.map((size) => Buffer.alloc(size, `${size}-`).latin1Slice());
    const answers = await Promise.all(
      bodies.map((body) => client.send({ ':method': 'PUT' }, Buffer.from(body, 'latin1'))),
    );
    expect(answers.map(({ body }, index) => body === bodies[index])).toEqual(sizes.map(() => true));
  });

  it('answers HEAD, 204 and 304 without a body, with the length that a GET would have', async () => {
    const { client } = await start(({ target }, response) => {
      response.writeHead(target === '/' ? 200 : Number(target.slice(1)), { 'content-length': '5' });
      response.end();
    });
    const answers = [await client.send({ ':method': 'HEAD' }), await client.send({ ':path': '/304' })];
    expect(answers.map(({ status, headers, body }) => [status, headers['content-length'], body])).toEqual([
      [200, '5', ''],
      [304, '5', ''],
    ]);
    expect((await client.send({ ':path': '/204' })).headers).not.toHaveProperty('content-length');
  });

  it('carries trailers both ways', async () => {
    const { upstream, client } = await start((_, response) => {
      response.writeHead(200, { trailer: 'grpc-status' });
      response.write('payload');
      response.addTrailers({ 'grpc-status': '0' });
      response.end();
    });
    const stream = client.session.request(
      { ':method': 'POST', ':path': '/', ':authority': 'a.test', te: 'trailers' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
    stream.end('data');
    const { body, trailers } = await readAnswer(stream);
    expect({ body, trailers }).toEqual({ body: 'payload', trailers: { 'grpc-status': '0' } });
    expect(upstream.only).toMatchObject({ body: 'data', trailers: { 'x-sum': '42' } });
  });

  it('tells a client that waits for it to go on, once its body is wanted', async () => {
    const { upstream, client } = await start();
    const stream = client.open({ ':method': 'POST', expect: '100-continue' }, false);
    const answer = readAnswer(stream);
    await once(stream, 'continue');
    stream.end('now');
    expect((await answer).status).toBe(200);
    expect(upstream.only.body).toBe('now');
  });

  it.each([
    ['a fragment', { ':path': '/a#b' }, 400],
    ['a method that is not served', { ':method': 'TRACE' }, 405],
    ['a Host field that differs', { host: 'b.test' }, 400],
    ['a field that is too long', { 'x-long': 'x'.repeat(33_000) }, 431],
    ['a target that is too long', { ':path': `/${'x'.repeat(33_000)}` }, 414],
    ['an unknown expectation', { expect: 'tea' }, 417],
  ])('refuses %s, and serves the next request', async (_, headers, status) => {
    const { upstream, client } = await start();
    const answer = await client.send(headers);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { message: expect.any(String), request_id: answer.headers['x-kong-request-id'] },
    ]);
    expect(upstream.received).toEqual([]);
    expect((await client.send()).status).toBe(200);
  });

  it('refuses a body that is longer than it may be', async () => {
    const { client } = await start(undefined, { env: { KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE: '10' } });
    const told = await client.send({ ':method': 'POST', 'content-length': '11' }, 'x'.repeat(11));
    const untold = await client.send({ ':method': 'POST' }, 'x'.repeat(11));
    expect([told.status, untold.status]).toEqual([413, 413]);
  });

  it('takes 414 and 431 from no more fields than it says it takes', async () => {
    const { client } = await start();
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`x-${index}`, '1']));
    expect((await client.send(many)).status).toBe(431);
  });

  it('cuts a stream whose answer breaks off, and no other', async () => {
    const { client } = await start(({ target }, response) => {
      if (target === '/whole') response.end('whole');
      else response.write('part', () => response.destroy());
    });
    await expect(client.send({ ':path': '/cut' })).rejects.toThrow('reset with 2');
    expect((await client.send({ ':path': '/whole' })).body).toBe('whole');
  });

  it('lets the upstream go when the client gives a request up', async () => {
    let left: Promise<string> | null = null;
    const upstream = await ScriptedUpstream.start((peer) => {
      left = peer.ended();
    });
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const collector = await traced(gateway);
    const client = await Http2Client.connect(gateway);
    const stream = client.open();
    await until('the request', () => left !== null);
    stream.close(8);
    await left;
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    expect(trace!.spans[0]).toMatchObject({
      attributes: { 'http.response.status_code': 499 },
      status: { code: 'ERROR', message: 'the client gave the request up' },
    });
  });

  it('is traced as such, stream by stream', async () => {
    const { gateway, client } = await start((_, response) => response.end('ok'));
    const collector = await traced(gateway);
    await client.send({ ':method': 'POST' }, 'body');
    await client.send();
    const traces = await collector.until(2);
    for (const trace of traces) expectWhole(trace);
    const [first, second] = traces.map(({ spans }) => spans);
    expectSpans(first!, { ...PROXIED, firstOnTls: true, body: true });
    expectSpans(second!, PROXIED);
    expect(first![0]!.attributes).toMatchObject({
      'network.protocol.name': 'http',
      'network.protocol.version': '2',
      'proxy.kong.client_KA': false,
      'http.request.header.host': 'a.test',
      'http.request.body.size': 4,
      'tls.client.server_name': 'a.test',
      'url.full': 'https://a.test/',
    });
    expect(second![0]!.attributes['proxy.kong.client_KA']).toBe(true);
  });

  it('is not offered where the listener does not say so', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url), {
      env: { KONG_PROXY_LISTEN: '127.0.0.1:0, 127.0.0.1:0 ssl' },
    });
    await expect(Http2Client.connect(gateway)).rejects.toThrow();
  });

  it('gives a connection up whose client gives up every request', async () => {
    const { gateway, client } = await start(() => {});
    const closed = once(client.session, 'close');
    for (let index = 0; index <= RESETS_MAX && !client.session.destroyed; index++) {
      const stream = client.open();
      const over = once(stream, 'close');
      // The next PING is answered behind the request, which has come by then.
      await new Promise((resolve) => client.session.ping(resolve));
      stream.close(8);
      await over;
    }
    await closed;
    expect(gateway.logged('info')).toEqual([
      'HTTP/2 connection given up: too many requests were given up by the client',
    ]);
  });

  it('gives a connection up whose client floods it with PING', async () => {
    const { gateway, client } = await start();
    const closed = once(client.session, 'close');
    for (let index = 0; index <= CONTROL_FRAMES_MAX && !client.session.destroyed; index++)
      await new Promise((resolve) => {
        client.session.once('close', resolve);
        client.session.ping(() => {
          client.session.off('close', resolve);
          resolve(null);
        });
      });
    await closed;
    expect(gateway.logged('info')).toEqual(['HTTP/2 connection given up: too many PING or SETTINGS frames']);
  });

  it('ends what is open before it closes, when it drains', async () => {
    const held: (() => void)[] = [];
    const { gateway, client } = await start((_, response) => held.push(() => response.end('late')), {
      settings: { drainTimeoutMs: 10_000 },
    });
    const answer = client.send();
    await until('the request', () => held.length === 1);
    const drained = gateway.worker.drain();
    held[0]!();
    expect((await answer).body).toBe('late');
    await drained;
  });

  it('waits for a client that does not read, and for no other on the connection', async () => {
    const { gateway, client } = await start(({ target }, response) =>
      response.end(target === '/big' ? Buffer.alloc(3_000_000, 'b') : 'small'),
    );
    const collector = await traced(gateway);
    const slow = client.open({ ':path': '/big' });
    await once(slow, 'response');
    slow.pause();
    expect((await client.send()).body).toBe('small');
    await collector.until(1);
    const answer = readAnswer(slow);
    slow.resume();
    expect((await answer).body.length).toBe(3_000_000);
    const traces = await collector.until(2);
    for (const trace of traces) expectWhole(trace);
  });
});
