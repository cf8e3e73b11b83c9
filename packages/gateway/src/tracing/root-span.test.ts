import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectSpans, expectWhole, PROXIED } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute, pluginList } from '../testing/kong-yml.ts';
import { NODE_ID, TestGateway } from '../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../testing/trace-collector.ts';

const MS = expect.any(Number);
const PARTS = {
  'proxy.kong.request.time': MS,
  'proxy.kong.latency.total': MS,
  'proxy.kong.latency.upstream': MS,
  'proxy.kong.latency.internal': MS,
  'proxy.kong.latency.net_io_timings': [],
};

async function only(collector: { until(count: number): Promise<readonly CollectedTrace[]> }) {
  const [trace] = await collector.until(1);
  expectWhole(trace!);
  return { ...trace!, root: trace!.spans[0]! };
}

describe('the root span', () => {
  it('tells all there is to know of a plain request', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('answer'));
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    const client = await gateway.connect();
    const request = 'POST /p/%41?secret=1 HTTP/1.1\r\nHost: api.test:8000\r\nContent-Length: 4\r\n\r\nbody';
    client.send(request);
    const answer = await client.holding('answer');
    const { root, resource, sessions } = await only(collector);
    expect(root.attributes).toEqual({
      'url.full': 'http://api.test:8000/p/%41',
      'url.scheme': 'http',
      'client.address': '127.0.0.1',
      'client.port': client.socket.localPort,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': client.socket.localPort,
      'server.address': 'api.test',
      'server.port': gateway.port,
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'http.request.method': 'POST',
      'http.request.header.host': 'api.test:8000',
      'http.request.body.size': 4,
      'http.request.size': request.length,
      'http.response.status_code': 200,
      'http.response.body.size': 6,
      'http.response.size': answer.length,
      'proxy.kong.request.id': upstream.only.headers['x-kong-request-id'],
      'proxy.kong.upstream_status_code': 200,
      'proxy.kong.client_KA': false,
      ...PARTS,
    });
    expect({ resource, sessions }).toEqual({
      resource: {
        'service.name': 'gatescope',
        'service.instance.id': NODE_ID,
        'service.version': '1.2.3',
      },
      sessions: ['session-1'],
    });
    client.destroy();
  });

  it('tells of TLS, of the consumer and of the upstream entity', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(`_format_version: "3.0"
services:
- {name: s, host: pool, routes: [{name: r, paths: [/]}]}
upstreams:
- {name: pool, targets: [{target: "127.0.0.1:${upstream.port}"}]}
consumers:
- {username: ann, keyauth_credentials: [{key: ann-key}]}
${pluginList([{ name: 'key-auth', config: {} }])}`);
    const collector = await traced(gateway);
    await gateway.send('/', { headers: { apikey: 'ann-key' }, tls: { servername: 'a.test' } });
    const { root } = await only(collector);
    const { config } = gateway.worker.runtime;
    expect(root.attributes).toMatchObject({
      'url.scheme': 'https',
      'server.port': gateway.tlsPort,
      'tls.client.server_name': 'a.test',
      'tls.resumed': false,
      'tls.server.subject': 'CN=a.test',
      'tls.cipher': expect.stringMatching(/^TLS_/),
      'proxy.kong.consumer_id': config.consumers[0]!.id,
      'proxy.kong.upstream_id': config.upstreams[0]!.id,
    });
    expect(root.attributes).not.toHaveProperty('tls.client.subject');
  });

  it('tells the client’s address as a trusted proxy tells it, beside the peer’s', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url), {
      env: { KONG_TRUSTED_IPS: '127.0.0.1', KONG_REAL_IP_HEADER: 'X-Forwarded-For' },
    });
    const collector = await traced(gateway);
    await gateway.send('/', { headers: { 'x-forwarded-for': '[2001:db8::1]:4711' } });
    const { root } = await only(collector);
    expect(root.attributes).toMatchObject({
      'client.address': '2001:db8::1',
      'client.port': 4_711,
      'network.peer.address': '127.0.0.1',
    });
  });

  it('takes trace id and parent of a traceparent, and passes it on unchanged', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await gateway.send('/', { headers: { traceparent, tracestate: 'a=1' } });
    const { root, traceId } = await only(collector);
    expect([traceId, root.parent_span_id]).toEqual([traceparent.slice(3, 35), 'b7ad6b7169203331']);
    const { headers } = upstream.only;
    expect([headers['traceparent'], headers['tracestate']]).toEqual([traceparent, 'a=1']);
  });

  it.each([
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
    'nonsense',
  ])('does not take %s', async (traceparent) => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    await gateway.send('/', { headers: { traceparent } });
    const { root, traceId } = await only(collector);
    expect(root.parent_span_id).toBe(null);
    expect(traceparent).not.toContain(traceId);
  });

  it('counts keep-alive from a connection’s second request on', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let sent = 0; sent < 3; sent++) await gateway.send('/', { agent });
    const traces = await collector.until(3);
    expect(traces.map(({ spans }) => spans[0]!.attributes['proxy.kong.client_KA'])).toEqual([
      false,
      true,
      true,
    ]);
    expect(
      traces.map(
        ({ spans }) => spans.find(({ name }) => name.endsWith('find_upstream'))!.attributes['keepalive'],
      ),
    ).toEqual([false, true, true]);
    const cacheHits = traces.map(
      ({ spans }) =>
        spans.find(({ name }) => name === 'kong.router')!.attributes['proxy.kong.router.cache_hit'],
    );
    expect(cacheHits).toEqual([false, true, true]);
  });

  it('of a client that left before the answer is an error of status 499', async () => {
    const silent = await ScriptedUpstream.start(() => {});
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${silent.target.port}`));
    const collector = await traced(gateway);
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await until('the upstream to be asked', () => silent.peers[0]?.received.includes('\r\n\r\n'));
    client.reset();
    const { root, spans } = await only(collector);
    expect([root.attributes['http.response.status_code'], root.status.code]).toEqual([499, 'ERROR']);
    expectSpans(spans, { routed: true, proxied: true, attempted: true, connected: true, sent: true });
  });

  it('of a client that left in the middle of its answer is an error too', async () => {
    const half = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${half.target.port}`));
    const collector = await traced(gateway);
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await client.holding('half');
    client.reset();
    const { root } = await only(collector);
    expect([root.attributes['http.response.status_code'], root.status.code]).toEqual([200, 'ERROR']);
  });

  it('of a body too large has the status that was answered', async () => {
    const silent = await ScriptedUpstream.start(() => {});
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${silent.target.port}`), {
      env: { KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE: '4' },
    });
    const collector = await traced(gateway);
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n');
    const answer = await client.ended();
    const { root } = await only(collector);
    expect(root.attributes['http.response.status_code']).toBe(413);
    const id = root.attributes['proxy.kong.request.id'];
    expect([answer.includes(`X-Kong-Request-Id: ${id}`), answer.includes(`"request_id": "${id}"`)]).toEqual([
      true,
      true,
    ]);
  });

  it('of an upgrade lasts as long as the tunnel, and counts its bytes', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
      await peer.holding('four');
      peer.send('eight...');
      peer.finish();
    });
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const collector = await traced(gateway);
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    await client.holding('\r\n\r\n');
    client.send('four');
    await client.ended();
    const { root, spans } = await only(collector);
    expect(root.attributes).toMatchObject({
      'network.protocol.name': 'http',
      'http.response.status_code': 101,
      'proxy.kong.upstream_status_code': 101,
      'http.request.body.size': 4,
      'http.response.body.size': 8,
    });
    expect(root.status.code).toBe('UNSET');
    expectSpans(spans, { ...PROXIED, answerBody: false, bodySent: false });
  });
});
