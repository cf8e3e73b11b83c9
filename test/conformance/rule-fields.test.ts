import { compileRule, FIELDS, resolveField, SPAN_NAMES } from '@gatescope/expressions';
import { CATALOGUE, ROOT_ATTRIBUTES, type Span } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { StoredFacts } from '../../packages/control-plane/src/traces/stored-facts.ts';
import { NOT_IN_SPANS, storedReaders } from '../../packages/control-plane/src/traces/stored-readers.ts';
import { EchoUpstream } from '../../packages/gateway/src/testing/echo-upstream.ts';
import { kongYml } from '../../packages/gateway/src/testing/kong-yml.ts';
import { TestGateway } from '../../packages/gateway/src/testing/test-gateway.ts';
import { session, TraceCollector } from '../../packages/gateway/src/testing/trace-collector.ts';
import { until } from '../support/until.ts';

const ROUTE = '6f0c1f7e-0000-4000-8000-000000000001';
const SERVICE = '6f0c1f7e-0000-4000-8000-000000000002';
const CONSUMER = '6f0c1f7e-0000-4000-8000-000000000003';
const UPSTREAM = '6f0c1f7e-0000-4000-8000-000000000004';
const IO = 'proxy.kong.latency.net_io_timings';

/** For every field a rule that is true of the request below, and one that is not although the request has the field. */
const RULES: Readonly<Record<string, readonly [string, string]>> = {
  'net.protocol': ['net.protocol == https', 'url.scheme == http'],
  'net.src.ip': ['net.src.ip in 127.0.0.0/8', 'net.src.ip != 127.0.0.1'],
  'net.src.port': ['client.port > 1000', 'net.src.port < 1000'],
  'net.dst.ip': ['net.dst.ip == 127.0.0.1', 'net.dst.ip == ::1'],
  'net.dst.port': ['server.port > 1000', 'net.dst.port < 1000'],
  'tls.sni': ['tls.sni == "a.test"', 'tls.client.server_name =^ ".org"'],
  'tls.resumed': ['!tls.resumed && tls.resumed == false', 'tls.resumed'],
  'tls.cipher': ['tls.cipher contains "AES"', 'tls.cipher contains "RC4"'],
  'tls.server.subject': ['tls.server.subject contains "a.test"', 'tls.server.subject contains "b.test"'],
  'http.method': ['http.method == POST', 'http.request.method == GET'],
  'http.host': ['http.host == "a.test"', 'http.host contains ":"'],
  'http.request.header.host': [
    'http.request.header.host == "a.test:8443"',
    'http.request.header.host == "a.test"',
  ],
  'http.path': ['http.path == "/orders/Köln/7"', 'http.path contains "//"'],
  'http.path.segments.len': ['http.path.segments.len == 3', 'http.path.segments.len == 4'],
  'http.path.segments.': ['http.path.segments.1_2 == "Köln/7"', 'http.path.segments.0 == "Köln"'],
  'http.headers.': ['http.headers.x_debug ^= "v"', 'http.headers.x_debug == "v1"'],
  'http.queries.': ['any(http.queries.tag) == "ü"', 'http.queries.tag == "a"'],
  'url.full': ['url.full ^= "https://a.test:8443/orders//K%C3%B6ln"', 'url.full contains "?"'],
  'client.address': ['client.address == "127.0.0.1"', 'client.address == "10.0.0.1"'],
  'network.peer.address': ['network.peer.address == "127.0.0.1"', 'network.peer.address == "10.0.0.1"'],
  'network.peer.port': ['network.peer.port > 1000', 'network.peer.port < 1000'],
  'server.address': ['server.address == "a.test"', 'server.address == "127.0.0.1"'],
  'network.protocol.version': ['network.protocol.version == "1.1"', 'network.protocol.version == "1.0"'],
  'proxy.kong.client_KA': ['proxy.kong.client_KA == false', 'proxy.kong.client_KA'],
  'proxy.kong.request.id': ['proxy.kong.request.id ~ "^[0-9a-f]{32}$"', 'proxy.kong.request.id == ""'],
  'route.id': [`route.id == "${ROUTE}"`, `proxy.kong.router.route_id == "${SERVICE}"`],
  'route.name': ['route.name == checkout', 'route.name == other'],
  'service.id': [`service.id == "${SERVICE}"`, `proxy.kong.service.id == "${ROUTE}"`],
  'service.name': ['service.name in [orders]', 'service.name not in [orders]'],
  'consumer.id': [`proxy.kong.consumer_id == "${CONSUMER}"`, 'consumer.id == ""'],
  'consumer.username': ['consumer.username == "mobile-app"', 'consumer.username == ci'],
  'http.response.status_code': ['http.response.status_code == 201', 'http.response.status_code != 201'],
  'proxy.kong.upstream_status_code': [
    'proxy.kong.upstream_status_code == 201',
    'proxy.kong.upstream.status_code == 200',
  ],
  'proxy.kong.upstream_id': [`proxy.kong.upstream_id == "${UPSTREAM}"`, 'proxy.kong.upstream_id == ""'],
  'network.protocol.name': ['network.protocol.name == http', 'network.protocol.name == ws'],
  'http.response.headers.': [
    'http.response.headers.x_answer == yes',
    'http.response.headers["X-Answer"] != yes',
  ],
  'http.request.body.size': ['http.request.body.size == 7b', 'http.request.body.size > 7'],
  'http.request.size': ['http.request.size > 100', 'http.request.size < 100b'],
  'http.response.body.size': ['http.response.body.size == 4', 'http.response.body.size == 5'],
  'http.response.size': ['http.response.size > 100', 'http.response.size < 100'],
  'proxy.kong.latency.total': ['proxy.kong.latency.total > 20ms', 'proxy.kong.latency_total_ms > 1m'],
  'proxy.kong.latency.upstream': ['proxy.kong.latency.upstream > 20ms', 'proxy.kong.latency.upstream > 1m'],
  'proxy.kong.latency.internal': ['proxy.kong.latency.internal > 1ns', 'proxy.kong.latency.internal > 1m'],
  'proxy.kong.request.time': ['proxy.kong.request.time > 20ms', 'proxy.kong.request.time > 1m'],
  'span.duration': [
    'span("kong.read_headers_from_upstream").duration > 20ms',
    'any(span("kong.*").duration) > 1m',
  ],
  'span.count': ['span("kong.access.plugin.*").count == 2', 'span("kong.upstream.find_upstream").count == 0'],
  'span.error': ['span("kong.access.plugin.*").error == false', 'any(span("*").error)'],
};

/** Fields that the request below has no value of: the gateway asks for no certificate, and its plugins did no I/O. */
const WITHOUT = ['tls.client.subject', IO, `${IO}.ip`, `${IO}.connect_time`, `${IO}.rw_time`];
const SESSIONS_AT_ONCE = 24;

const holding = Object.entries(RULES).map(([field, [rule]]) => [field, rule] as const);
const failing = Object.entries(RULES).map(([field, [, rule]]) => [field, rule] as const);

async function gatewayWithEverything(): Promise<TestGateway> {
  const upstream = await EchoUpstream.start((_, response) => {
    setTimeout(() => response.writeHead(201, { 'X-Answer': 'yes' }).end('done'), 25);
  });
  return await TestGateway.start(
    kongYml({
      upstreams: [{ id: UPSTREAM, name: 'pool', targets: [{ target: `127.0.0.1:${upstream.port}` }] }],
      services: [
        {
          id: SERVICE,
          name: 'orders',
          host: 'pool',
          routes: [{ id: ROUTE, name: 'checkout', paths: ['/orders'], strip_path: false }],
        },
      ],
      consumers: [{ id: CONSUMER, username: 'mobile-app', keyauth_credentials: [{ key: 'secret' }] }],
      plugins: [
        { name: 'key-auth', config: { hide_credentials: true } },
        { name: 'request-transformer', config: { remove: { headers: ['x-debug'] } } },
      ],
    }),
  );
}

async function ask(gateway: TestGateway): Promise<void> {
  const answer = await gateway.send('/orders//K%C3%B6ln/7?tag=a&tag=%C3%BC', {
    method: 'POST',
    headers: { host: 'a.test:8443', apikey: 'secret', 'x-debug': ['v1', 'v2'] },
    body: '{"a":1}',
    tls: { servername: 'a.test' },
  });
  expect(answer.status).toBe(201);
}

/** Which of the rules matched the request, each asked by a session of its own. */
async function matchedLive(gateway: TestGateway, rules: readonly string[]): Promise<string[]> {
  const matched: string[] = [];
  for (let from = 0; from < rules.length; from += SESSIONS_AT_ONCE) {
    const some = rules.slice(from, from + SESSIONS_AT_ONCE);
    const states = gateway.worker.syncSessions(some.map((rule) => session({ id: rule, rule })));
    expect(states.filter(({ state }) => state !== 'armed')).toEqual([]);
    await ask(gateway);
    const counts = await until('every session to have seen it', () => {
      const told = gateway.worker.counts().filter(({ id, disarmed }) => some.includes(id) && !disarmed);
      return told.length === some.length && told.every((one) => one.counts.seen === 1) ? told : null;
    });
    matched.push(...counts.filter((one) => one.counts.matched === 1).map(({ id }) => id));
  }
  gateway.worker.syncSessions([]);
  return matched;
}

/** The spans of the request as the control plane gets them. */
async function exported(gateway: TestGateway): Promise<readonly Span[]> {
  const collector = await TraceCollector.start();
  collector.attach(gateway);
  gateway.worker.syncSessions([session()]);
  await ask(gateway);
  return (await collector.until(1))[0]!.spans;
}

function spanOf(name: string, attributes: Span['attributes']): Span {
  return {
    span_id: '0123456789abcdef',
    parent_span_id: null,
    name,
    kind: 'INTERNAL',
    start_unix_nano: '1',
    end_unix_nano: '2',
    attributes,
    events: [],
    status: { code: 'UNSET', message: '' },
  };
}

function matchesStored(rule: string, spans: readonly Span[]): boolean {
  const compiled = compileRule(rule);
  if (!compiled.ok) throw new Error(`${rule}: ${JSON.stringify(compiled.diagnostics)}`);
  const names = { route: 'checkout', service: 'orders', consumer: 'mobile-app' };
  return compiled.rule.bind(storedReaders).matches(new StoredFacts(names, () => spans));
}

describe('the fields of rules', () => {
  it('are each asked for by this test', () => {
    expect([...Object.keys(RULES), ...WITHOUT].sort()).toEqual(FIELDS.map(({ name }) => name).sort());
    for (const [field, rule] of [...holding, ...failing]) {
      const compiled = compileRule(rule);
      expect([rule, compiled.ok && [...compiled.rule.fields]]).toEqual([rule, [field]]);
    }
  });

  it('are every attribute of the root span, under its own name', () => {
    const attributes = ROOT_ATTRIBUTES.map(({ name, type, unit }) => ({ name, type, unit }));
    const fields = attributes.map(({ name }) => {
      const definition = resolveField(name)?.definition;
      if (definition?.attribute !== name) return { name };
      const { type, measures } = definition;
      const unit = measures === 'time' ? 'ms' : measures === 'size' ? 'By' : undefined;
      return { name, type: name === IO ? 'kvlist[]' : type, unit: name === IO ? undefined : unit };
    });
    expect(fields).toEqual(attributes);
  });

  it('are spans by the names of the catalogue', () => {
    const names = CATALOGUE.map(({ name }) => name.replace(/<.*>/, '*')).sort();
    expect([...SPAN_NAMES].sort()).toEqual(names);
  });

  it('answer for a request under way, as it came from the client', async () => {
    const gateway = await gatewayWithEverything();
    const late =
      'http.headers.x_debug ^= "v" && http.headers.apikey == secret && http.response.status_code == 201';
    const rules = [...holding.map(([, rule]) => rule), late];
    expect((await matchedLive(gateway, rules)).sort()).toEqual(rules.sort());
    expect(
      await matchedLive(
        gateway,
        failing.map(([, rule]) => rule),
      ),
    ).toEqual([]);
  });

  describe('of a stored trace', () => {
    it('answer as they did while the request was under way, but for what no span has', async () => {
      const spans = await exported(await gatewayWithEverything());
      const matched = (rules: typeof holding) =>
        rules.filter(([, rule]) => matchesStored(rule, spans)).map(([field]) => field);
      expect(matched(holding)).toEqual(Object.keys(RULES).filter((field) => !NOT_IN_SPANS.has(field)));
      expect(matched(failing)).toEqual([]);
    });

    it('tell of the I/O of plugins', () => {
      const timings = [
        { ip: '10.0.0.9', connect_time: 1, rw_time: 2 },
        { ip: '10.0.1.9', connect_time: 0, rw_time: 60 },
      ];
      const root = spanOf('kong', { [IO]: timings, 'tls.client.subject': 'CN=ci' });
      const rules = [
        `any(${IO}) >= 60ms`,
        `${IO} >= 3ms`,
        `${IO}.ip in 10.0.0.0/16`,
        `any(${IO}.connect_time) == 1ms`,
        `${IO}.rw_time > 1ms`,
        'tls.client.subject == "CN=ci"',
        `${IO} > 3ms`,
        `any(${IO}.ip) == 10.0.0.1`,
      ];
      expect(rules.filter((rule) => matchesStored(rule, [root]))).toEqual(rules.slice(0, 6));
    });

    it('take an entity without a name for one that has none', () => {
      const rules = [`route.name == "${ROUTE}"`, `service.name == "${SERVICE}"`, `consumer.username != x`];
      const names = { route: ROUTE, service: SERVICE, consumer: CONSUMER };
      const spans = [
        spanOf('kong', { 'proxy.kong.consumer_id': CONSUMER }),
        spanOf('kong.router', {
          'proxy.kong.router.route_id': ROUTE,
          'proxy.kong.router.service_id': SERVICE,
        }),
      ];
      for (const text of rules) {
        const compiled = compileRule(text);
        const rule = compiled.ok ? compiled.rule.bind(storedReaders) : null;
        expect([text, rule?.matches(new StoredFacts(names, () => spans))]).toEqual([text, false]);
      }
    });
  });
});
