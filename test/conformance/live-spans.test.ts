import { Agent } from 'node:https';
import type { Span } from '@gatescope/trace';
import { expect, it, onTestFinished } from 'vitest';
import {
  expectSpans,
  expectWhole,
  LISTED,
  listedSpan,
  PROXIED,
  type RequestFacts,
} from '../../packages/gateway/src/testing/check-trace.ts';
import { DnsServer } from '../../packages/gateway/src/testing/dns-server.ts';
import { EchoUpstream } from '../../packages/gateway/src/testing/echo-upstream.ts';
import { kongYml } from '../../packages/gateway/src/testing/kong-yml.ts';
import { RedisServer } from '../../packages/gateway/src/testing/redis-server.ts';
import { TestGateway } from '../../packages/gateway/src/testing/test-gateway.ts';
import { TokenProvider } from '../../packages/gateway/src/testing/token-provider.ts';
import { traced } from '../../packages/gateway/src/testing/trace-collector.ts';
import { AUTHORITY, B_TEST } from '../../packages/http1/src/testing/certificates.ts';
import { describeWith } from '../support/programs.ts';

/** What a request was, as far as attributes depend on it. */
interface AttributeFacts extends RequestFacts {
  readonly tls?: boolean;
  readonly serverName?: boolean;
  readonly clientCertificate?: boolean;
  readonly host?: boolean;
  readonly consumer?: boolean;
  readonly upstreamEntity?: boolean;
}

/** When a span has an attribute; one that is not named here it has always. */
const CONDITIONS: Readonly<Record<string, (facts: AttributeFacts, span: Span) => boolean | undefined>> = {
  'kong tls.client.server_name': (facts) => facts.serverName,
  'kong tls.client.subject': (facts) => facts.clientCertificate,
  'kong tls.server.subject': (facts) => facts.tls,
  'kong tls.resumed': (facts) => facts.tls,
  'kong tls.cipher': (facts) => facts.tls,
  'kong http.request.header.host': (facts) => facts.host,
  'kong proxy.kong.consumer_id': (facts) => facts.consumer,
  'kong proxy.kong.upstream_id': (facts) => facts.upstreamEntity,
  'kong proxy.kong.upstream_status_code': (facts) => facts.sent,
  'kong.router proxy.kong.router.route_id': (facts) => facts.routed,
  'kong.router proxy.kong.router.service_id': (facts) => facts.routed,
  'kong.router proxy.kong.router.upstream_path': (facts) => facts.routed,
  // Whoever refuses a connection is no peer.
  'kong.io.<client>.<function> network.peer.address': (_, span) => span.status.code !== 'ERROR',
};

const CA = '11111111-1111-4111-8111-111111111111';

describeWith('redis-server', 'the spans of live traffic', (program) => {
  /** A gateway with plugins in every phase that call a real Redis, a real identity provider and a socket. */
  async function start() {
    const redis = await RedisServer.start(program);
    onTestFinished(() => redis.stop());
    const provider = await TokenProvider.start();
    const log = await EchoUpstream.start();
    const dns = await DnsServer.start({ 'backend.test': ['127.0.0.1'] });
    const upstream = await EchoUpstream.start(({ target }, response) => {
      if (target.startsWith('/empty')) response.writeHead(204).end();
      else response.setHeader('content-type', 'application/json').end('{"price":7}');
    });
    const ping = `const net = process.getBuiltinModule('node:net');
      await new Promise((resolve) => {
        const socket = net.connect(${redis.port}, '127.0.0.1', () => socket.write('PING\\r\\n'));
        socket.on('data', () => socket.end()).on('error', resolve).on('close', resolve);
      });`;
    const everything = (name: string, config: object) => ({ name, service: 'everything', config });
    const route = (name: string) => ({ name, paths: [`/${name}`], strip_path: false });
    const gateway = await TestGateway.start(
      kongYml({
        services: [
          { name: 'everything', host: 'pool', port: 80, routes: [route('everything')] },
          { name: 'plain', url: upstream.url, routes: [route('plain'), route('empty')] },
          { name: 'refused', url: 'http://127.0.0.1:9', retries: 0, routes: [route('refused')] },
        ],
        upstreams: [{ name: 'pool', targets: [{ target: `backend.test:${upstream.port}` }] }],
        consumers: [{ username: 'gateway' }],
        ca_certificates: [{ id: CA, cert: AUTHORITY }],
        plugins: [
          { name: 'pre-function', config: { certificate: [''], rewrite: [''] } },
          everything('mtls-auth', { ca_certificates: [CA], skip_consumer_lookup: true }),
          everything('openid-connect', {
            issuer: provider.issuer,
            auth_methods: ['bearer', 'introspection'],
            client_id: ['gateway'],
            client_secret: ['gateway: s3cret'],
            consumer_claim: ['client_id'],
          }),
          everything('rate-limiting', {
            year: 100,
            policy: 'redis',
            redis: { host: '127.0.0.1', port: redis.port, timeout: 10_000 },
          }),
          everything('response-transformer', { add: { json: ['currency:EUR'] } }),
          everything('http-log', { http_endpoint: log.url }),
          everything('post-function', { access: [ping], body_filter: [''] }),
          {
            name: 'post-function',
            service: 'refused',
            config: { access: [`${ping.replace(String(redis.port), '9')}`] },
          },
        ],
      }),
      { env: { KONG_DNS_RESOLVER: dns.address } },
    );
    return { gateway, provider };
  }

  it('are all of the catalogue and no others, each with its attributes, where and when it says', async () => {
    const { gateway, provider } = await start();
    const collector = await traced(gateway);
    const seen = new Map<string, { present: Set<string>; absent: Set<string> }>();
    let count = 0;

    /** Looks at the trace of what has just been sent: `plugins` are its spans of plugins and what is below them, in order. */
    const check = async (facts: AttributeFacts, plugins: readonly string[]) => {
      const trace = (await collector.until(count + 1))[count];
      count++;
      expectWhole(trace!);
      const { spans } = trace!;
      const byId = new Map(spans.map((span) => [span.span_id, span]));
      const isPlugins = (span: Span | undefined): boolean =>
        span !== undefined &&
        (span.name.includes('.plugin.') || isPlugins(byId.get(span.parent_span_id ?? '')));
      expectSpans(
        spans.filter((span) => !isPlugins(span)),
        facts,
      );
      const told = spans.filter(isPlugins).map(({ name }) => name.replace(/^kong\./, ''));
      expect(told.sort()).toEqual([...plugins].sort());
      for (const span of spans) {
        const { name, attributes } = listedSpan(span.name);
        const of = seen.get(name) ?? { present: new Set(), absent: new Set() };
        seen.set(name, of);
        for (const { name: attribute } of attributes) {
          const condition = CONDITIONS[`${name} ${attribute}`];
          const expected = condition === undefined || condition(facts, span) === true;
          const found = span.attributes[attribute] !== undefined;
          expect(found, `${attribute} of ${span.name} is there`).toBe(expected);
          (found ? of.present : of.absent).add(attribute);
        }
      }
      return spans;
    };

    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const tls = { ...B_TEST, servername: 'a.test' };
    const everything = {
      ...PROXIED,
      ...{ body: true, lookedUp: true, buffered: true, logged: true, host: true },
      ...{ tls: true, serverName: true, clientCertificate: true, consumer: true, upstreamEntity: true },
    };
    const around = [
      'rewrite.plugin.pre-function',
      'access.plugin.mtls-auth',
      'access.plugin.openid-connect',
      'log.plugin.http-log',
    ];
    // They see every answer, the gateway's own too.
    const filters = [
      'header_filter.plugin.rate-limiting',
      'header_filter.plugin.response-transformer',
      'body_filter.plugin.post-function',
    ];
    const asked = [
      ...filters,
      'access.plugin.rate-limiting',
      'access.plugin.post-function',
      'io.socket.connect',
      'io.socket.receive',
      'response.plugin.response-transformer',
    ];
    const handshake = ['certificate.plugin.pre-function'];
    const ask = async (token: string | null, more: object = {}) => {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      return (await gateway.send('/everything', { method: 'POST', body: 'sent', headers, tls, ...more }))
        .status;
    };

    expect(await ask(await provider.token('jwt'), { agent })).toBe(200);
    const fetched = ['io.http.request', 'io.http.connect', 'dns'];
    const counted = ['io.redis.connect', 'io.redis.eval'];
    const first = await check({ ...everything, firstOnTls: true }, [
      ...[...handshake, ...around, ...asked, ...counted],
      // The provider's description and its keys.
      ...[...fetched, ...fetched],
    ]);
    expect(first[0]!.attributes).toMatchObject({
      'proxy.kong.client_KA': false,
      'tls.client.subject': 'CN=b.test',
    });

    expect(await ask(await provider.token('opaque'), { agent })).toBe(200);
    const second = await check(everything, [...around, ...asked, 'io.redis.eval', 'io.http.request']);
    expect(second[0]!.attributes).toMatchObject({ 'proxy.kong.client_KA': true, 'tls.resumed': false });

    // Nobody reads the body of a request that is refused.
    expect(await ask(null, { agent, method: 'GET', body: undefined })).toBe(401);
    await check(
      {
        ...everything,
        ...NOT_PROXIED,
        consumer: false,
        upstreamEntity: false,
        answered: true,
        bodySent: true,
      },
      [...around, ...filters],
    );

    const resuming = {
      agent: new Agent({ keepAlive: false }),
      tls: { ...tls, maxVersion: 'TLSv1.2' as const },
    };
    for (const resumed of [false, true]) {
      expect((await gateway.send('/plain', resuming)).status).toBe(200);
      const spans = await check(
        {
          ...PROXIED,
          ...{ host: true, tls: true, serverName: true, clientCertificate: true, firstOnTls: true },
        },
        [...handshake, 'rewrite.plugin.pre-function'],
      );
      expect(spans[0]!.attributes['tls.resumed']).toBe(resumed);
    }

    const rewritten = ['rewrite.plugin.pre-function'];
    expect((await gateway.send('/plain')).status).toBe(200);
    await check({ ...PROXIED, host: true }, rewritten);
    expect((await gateway.send('/empty')).status).toBe(204);
    await check({ ...PROXIED, host: true, answerBody: false, bodySent: false }, rewritten);
    expect((await gateway.send('/nowhere')).status).toBe(404);
    await check({ host: true, answered: true, bodySent: true }, rewritten);
    expect((await gateway.send('/refused')).status).toBe(502);
    await check(
      { host: true, routed: true, proxied: true, attempted: true, answered: true, bodySent: true },
      [...rewritten, 'access.plugin.post-function', 'io.socket.connect'],
    );
    const peer = await gateway.connect();
    peer.send('GET /plain HTTP/1.0\r\n\r\n');
    await check(PROXIED, rewritten);
    peer.destroy();

    const listed = LISTED.map(({ name, attributes }) => [name, attributes.map((one) => one.name)] as const);
    expect([...seen.keys()].sort()).toEqual(listed.map(([name]) => name).sort());
    for (const [name, attributes] of listed) {
      expect([...seen.get(name)!.present].sort(), `attributes of ${name}`).toEqual([...attributes].sort());
      const optional = Object.keys(CONDITIONS).flatMap((key) =>
        key.startsWith(`${name} `) ? [key.slice(name.length + 1)] : [],
      );
      expect([...seen.get(name)!.absent].sort(), `what ${name} can do without`).toEqual(optional.sort());
    }
  });
});

/** A request without a body that a plugin has answered before any upstream was chosen. */
const NOT_PROXIED: RequestFacts = {
  proxied: false,
  attempted: false,
  lookedUp: false,
  connected: false,
  sent: false,
  answerBody: false,
  body: false,
  buffered: false,
};
