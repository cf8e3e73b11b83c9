import type { AttributeBlock, List, Skeleton, TraceSummary } from '@gatescope/protocol';
import type { Span } from '@gatescope/trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHECKOUT_ID,
  CONSUMER_ID,
  LEDGER_ROUTE_ID,
  SESSIONS,
  SHOP_ID,
  TestControlPlane,
} from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

const T0 = 1_800_000_000_000;
const ROUTED = {
  'proxy.kong.router.service_id': SHOP_ID,
  'proxy.kong.router.route_id': CHECKOUT_ID,
  'proxy.kong.router.matched': true,
};

/** A failed request through a route with a plugin that ended it, a retried upstream, and a remote parent. */
const RICH = aTrace([], {
  traceId: 'fedcba9876543210fedcba9876543210',
  rootId: 'feedfacefeedface',
  startMs: T0 + 0.123,
  durationMs: 100,
  attributes: {
    'url.full': 'https://shop.example.com/checkout/7',
    'http.request.method': 'POST',
    'http.request.header.host': 'shop.example.com:8443',
    'http.response.status_code': 503,
    'proxy.kong.upstream_status_code': 500,
    'proxy.kong.consumer_id': CONSUMER_ID,
    'client.address': '203.0.113.9',
    'proxy.kong.latency.total': 100.5,
    'tls.resumed': true,
  },
  router: ROUTED,
  spans: [
    {
      name: 'kong.access.plugin.key-auth',
      attributes: { 'proxy.kong.plugin.exit_status': 503, 'proxy.kong.plugin.instance_id': 'p1' },
      status: { code: 'ERROR', message: 'no key given' },
      events: [{ name: 'refused', time_unix_nano: `${T0}500000`, attributes: { why: 'none' } }],
    },
  ],
});

let controlPlane: TestControlPlane;
let node: TestNode;
let id: string;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node({ version: '3.9.1' });
  ({ id } = await controlPlane.session());
  const plain = (number: number, status: number, method: string, durationMs: number) =>
    aTrace([id], {
      rootId: `00000000000000${number.toString(16).padStart(2, '0')}`,
      startMs: T0 - number * 1_000,
      durationMs,
      attributes: {
        'url.full': `http://ledger.example.com/ledger/${number}`,
        'http.request.method': method,
        'http.response.status_code': status,
        'proxy.kong.latency.total': durationMs,
      },
      router: { 'proxy.kong.router.route_id': LEDGER_ROUTE_ID },
    });
  const traces = [
    plain(1, 200, 'GET', 10),
    plain(2, 201, 'POST', 20),
    plain(3, 404, 'GET', 30.5),
    plain(4, 500, 'DELETE', 40),
    plain(5, 200, 'GET', 50),
  ];
  await node.send(exportRequest({ ...RICH, sessions: [id] }, ...traces));
});
afterAll(() => controlPlane.close());

const path = () => `${SESSIONS}/${id}/traces`;
const list = async (query = '') => (await controlPlane.call<List<TraceSummary>>(`${path()}?${query}`)).body;
/** The last digits of the ids that a query finds. */
const found = async (query: string) =>
  (await list(query)).data
    .map((trace) => (trace.id === 'feedfacefeedface' ? 'rich' : trace.id.at(-1)))
    .join(' ');

describe('the list of traces', () => {
  it('has a summary of each, newest first', async () => {
    const { data, next } = await list();
    expect([await found(''), next]).toEqual(['rich 1 2 3 4 5', null]);
    expect(data[0]).toEqual({
      id: 'feedfacefeedface',
      trace_id: 'fedcba9876543210fedcba9876543210',
      session_id: id,
      node_id: node.id,
      started_at: '2027-01-15T08:00:00.000123Z',
      method: 'POST',
      host: 'shop.example.com:8443',
      path: '/checkout/7',
      status_code: 503,
      upstream_status_code: 500,
      duration_ms: 100,
      upstream_ms: expect.any(Number) as number,
      gateway_ms: expect.any(Number) as number,
      client_ms: expect.any(Number) as number,
      io_ms: expect.any(Number) as number,
      service: 'shop',
      route: 'checkout',
      consumer: 'ada-lovelace',
      span_count: 3,
      log_count: 0,
      error: 'no key given',
      slowest_plugin: { name: 'key-auth', phase: 'access', duration_ms: 1 },
      exited_by: 'key-auth',
      has_payload: false,
    });
    const { upstream_ms, gateway_ms, client_ms, io_ms } = data[0]!;
    expect(upstream_ms + gateway_ms + client_ms + io_ms).toBeCloseTo(100, 6);
    expect(data[1]).toMatchObject({
      route: LEDGER_ROUTE_ID,
      service: null,
      consumer: null,
      error: null,
      exited_by: null,
      slowest_plugin: null,
      upstream_status_code: null,
    });
  });

  it.each([
    ['status=200', '1 5'],
    ['status=2xx', '1 2 5'],
    ['status=5XX', 'rich 4'],
    ['status=599', ''],
    ['method=GET', '1 3 5'],
    ['method=PATCH', ''],
    ['route=checkout', 'rich'],
    [`route=${CHECKOUT_ID}`, 'rich'],
    [`route=${LEDGER_ROUTE_ID}`, '1 2 3 4 5'],
    ['route=nowhere', ''],
    ['min_duration_ms=30', 'rich 3 4 5'],
    ['min_duration_ms=30.5', 'rich 3 4 5'],
    ['min_duration_ms=30.6', 'rich 4 5'],
    ['status=2xx&method=GET&min_duration_ms=11', '5'],
  ])('can be asked for %s', async (query, ids) => {
    expect(await found(query)).toBe(ids);
  });

  it.each([
    ['http.response.status_code >= 500', 'rich 4'],
    ['http.method == "GET" && http.response.status_code == 200', '1 5'],
    ['http.path ^= "/ledger"', '1 2 3 4 5'],
    ['http.host == "shop.example.com"', 'rich'],
    ['route.name == "checkout"', 'rich'],
    ['service.name == "shop"', 'rich'],
    ['consumer.username == "ada-lovelace"', 'rich'],
    ['net.src.ip == 203.0.113.9', 'rich'],
    ['proxy.kong.latency.total > 35', 'rich 4 5'],
    ['http.headers.x_nobody == "captured"', ''],
    ['!(http.response.status_code < 500)', 'rich 4'],
  ])('can be filtered by the rule %s', async (rule, ids) => {
    expect(await found(`filter=${encodeURIComponent(rule)}`)).toBe(ids);
  });

  it('refuses a rule that is not valid with the place of what is wrong', async () => {
    const { body } = await controlPlane.call(`${path()}?filter=${encodeURIComponent('http.methd == "GET"')}`);
    expect(body).toMatchObject({
      status: 400,
      code: 'invalid_rule',
      errors: [{ line: 1, column: 1, suggestion: expect.stringContaining('http.method') as string }],
    });
  });

  it.each(['', 'status=2xx&', 'filter=http.method%3D%3D%22GET%22&', `route=${LEDGER_ROUTE_ID}&`])(
    'comes a page at a time, each trace once, with %j',
    async (query) => {
      const all = (await list(query)).data;
      for (const size of [1, 2, all.length]) {
        const seen: TraceSummary[] = [];
        let after = '';
        do {
          const page = await list(`${query}size=${size}${after}`);
          expect(page.data.length).toBeLessThanOrEqual(size);
          seen.push(...page.data);
          after = page.next === null ? '' : `&after=${page.next}`;
        } while (after !== '');
        expect(seen).toEqual(all);
      }
    },
  );

  it('keeps traces apart that started at the same moment', async () => {
    const session = await controlPlane.session();
    const traces = Array.from({ length: 7 }, () => aTrace([session.id], { startMs: T0 }));
    await node.send(exportRequest(...traces));
    const first = await controlPlane.call<List<TraceSummary>>(`${SESSIONS}/${session.id}/traces?size=4`);
    const second = await controlPlane.call<List<TraceSummary>>(
      `${SESSIONS}/${session.id}/traces?size=4&after=${first.body.next}`,
    );
    const ids = [...first.body.data, ...second.body.data].map((trace) => trace.id);
    expect(ids).toEqual(
      traces
        .map(({ spans }) => spans[0]!.span_id)
        .sort()
        .reverse(),
    );
  });

  it('tells how the traces of sessions did, of those of this control plane alone', async () => {
    const session = await controlPlane.session();
    const empty = await controlPlane.session();
    const traces = Array.from({ length: 20 }, (_, index) =>
      aTrace([session.id], {
        durationMs: index + 1,
        attributes: { 'http.response.status_code': index < 3 ? 500 + index : 404 },
      }),
    );
    await node.send(exportRequest(...traces));
    const of = (ids: string) => controlPlane.call(`${SESSIONS}/statistics?ids=${ids}`);
    expect((await of(`${session.id},${empty.id},${session.id}`)).body).toEqual({
      data: [
        { session_id: session.id, traces: 20, failed: 3, p50_ms: 10, p95_ms: 19 },
        { session_id: empty.id, traces: 0, failed: 0, p50_ms: null, p95_ms: null },
      ],
      next: null,
    });
    expect((await of('none')).status).toBe(404);
    expect((await of(Array.from({ length: 101 }, (_, index) => index).join(','))).status).toBe(400);
    const newest = await controlPlane.call<List<{ session_id: string }>>(`${SESSIONS}/statistics`);
    expect(
      newest.body.data
        .slice(0, 2)
        .map(({ session_id }) => session_id)
        .sort(),
    ).toEqual([session.id, empty.id].sort());
  });

  it('filters sessions of more than a thousand traces', async () => {
    const session = await controlPlane.session({ max_traces: 10_000 });
    const status = (index: number) => ({
      attributes: { 'http.response.status_code': index % 700 === 0 ? 503 : 200 },
    });
    await node.send(
      exportRequest(...Array.from({ length: 1_401 }, (_, index) => aTrace([session.id], status(index)))),
    );
    const rule = encodeURIComponent('http.response.status_code==503');
    const { body } = await controlPlane.call<List<TraceSummary>>(
      `${SESSIONS}/${session.id}/traces?filter=${rule}`,
    );
    expect([body.data.map(({ status_code }) => status_code), body.next]).toEqual([[503, 503, 503], null]);
    const page = await controlPlane.call<List<TraceSummary>>(
      `${SESSIONS}/${session.id}/traces?filter=${rule}&size=2`,
    );
    const rest = await controlPlane.call<List<TraceSummary>>(
      `${SESSIONS}/${session.id}/traces?filter=${rule}&size=2&after=${page.body.next}`,
    );
    expect([...page.body.data, ...rest.body.data]).toEqual(body.data);
  });

  it.each([
    ['status', 'status=abc'],
    ['status', 'status=6xx'],
    ['min_duration_ms', 'min_duration_ms=-1'],
    ['min_duration_ms', 'min_duration_ms=fast'],
    ['size', 'size=0'],
    ['size', 'size=1001'],
    ['after', 'after=x'],
    ['colour', 'colour=red'],
  ])('is refused with the place of what is wrong: %s', async (place, query) => {
    const { body } = await controlPlane.call(`${path()}?${query}`);
    expect(body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: place }] });
  });
});

describe('a trace', () => {
  const INTERNAL = { kind: 'INTERNAL', events: [], status: { code: 'UNSET', message: '' } };
  const rich = async (query = '') =>
    await controlPlane.call<{ summary: TraceSummary; spans: Span[] }>(`${path()}/feedfacefeedface${query}`);

  it('is its summary and its spans, as they were sent', async () => {
    const { status, body } = await rich();
    expect([status, body]).toEqual([
      200,
      { summary: (await list()).data[0], spans: expect.any(Array) as Span[] },
    ]);
    const [root, router, plugin] = body.spans;
    expect([root!.name, router!.name, plugin!.name]).toEqual([
      'kong',
      'kong.router',
      'kong.access.plugin.key-auth',
    ]);
    expect(body.spans).toEqual(RICH.spans);
    expect(router).toMatchObject({
      ...INTERNAL,
      parent_span_id: 'feedfacefeedface',
      start_unix_nano: `${T0}123000`,
      attributes: ROUTED,
    });
  });

  it.each([
    'feedfacefeedface',
    'FEEDFACEFEEDFACE',
    'fedcba9876543210fedcba9876543210',
    'FEDCBA9876543210FEDCBA9876543210',
  ])('is found by %s', async (name) => {
    expect((await controlPlane.call(`${path()}/${name}`)).body).toEqual((await rich()).body);
  });

  it('is the newest of those that share a trace id', async () => {
    const session = await controlPlane.session();
    const traceId = 'd'.repeat(32);
    const [old, young] = [
      aTrace([session.id], { traceId, startMs: T0 }),
      aTrace([session.id], { traceId, startMs: T0 + 1 }),
    ];
    await node.send(exportRequest(young, old));
    const { body } = await controlPlane.call<{ summary: TraceSummary }>(
      `${SESSIONS}/${session.id}/traces/${traceId}`,
    );
    expect(body.summary.id).toBe(young.spans[0]!.span_id);
  });

  it.each(['', '/skeleton', '/attributes'])('that is not there is 404: %s', async (below) => {
    for (const name of ['0123456789abcdef', '0'.repeat(32), 'nonsense', '%27%20or%201=1']) {
      expect((await controlPlane.call(`${path()}/${name}${below}`)).body).toMatchObject({
        status: 404,
        code: 'not_found',
      });
    }
  });

  it('of another session is 404', async () => {
    const other = await controlPlane.session();
    expect((await controlPlane.call(`${SESSIONS}/${other.id}/traces/feedfacefeedface`)).status).toBe(404);
  });

  it('is given as OTLP JSON', async () => {
    const { status, body } = await rich('?format=otlp');
    const { resourceSpans } = body as unknown as {
      resourceSpans: {
        resource: { attributes: unknown[] };
        scopeSpans: { scope: unknown; spans: Record<string, unknown>[] }[];
      }[];
    };
    expect(status).toBe(200);
    expect(resourceSpans[0]!.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'gatescope' } },
      { key: 'service.instance.id', value: { stringValue: node.id } },
      { key: 'service.version', value: { stringValue: '3.9.1' } },
    ]);
    const [root, , plugin] = resourceSpans[0]!.scopeSpans[0]!.spans;
    expect(root).toMatchObject({
      traceId: 'fedcba9876543210fedcba9876543210',
      spanId: 'feedfacefeedface',
      name: 'kong',
      kind: 2,
      startTimeUnixNano: `${T0}123000`,
    });
    expect(root!['attributes']).toContainEqual({
      key: 'http.response.status_code',
      value: { intValue: '503' },
    });
    expect(root!['attributes']).toContainEqual({ key: 'tls.resumed', value: { boolValue: true } });
    expect(plugin).toMatchObject({
      parentSpanId: 'feedfacefeedface',
      kind: 1,
      status: { code: 2, message: 'no key given' },
      events: [{ name: 'refused' }],
    });
    expect((await controlPlane.call(`${path()}/feedfacefeedface?format=xml`)).body).toMatchObject({
      status: 400,
      errors: [{ path: 'format' }],
    });
  });

  it('is given as a skeleton of columns', async () => {
    const { status, body } = await controlPlane.call<Skeleton>(`${path()}/feedfacefeedface/skeleton`);
    expect([status, body]).toEqual([
      200,
      {
        summary: (await list()).data[0],
        origin_unix_nano: `${T0}123000`,
        span_count: 3,
        names: ['kong', 'kong.router', 'kong.access.plugin.key-auth'],
        name: [0, 1, 2],
        span_id: RICH.spans.map((span) => span.span_id),
        parent: [-1, 0, 0],
        start_ns: [0, 0, 1_000_000],
        duration_ns: [100_000_000, 1_000_000, 1_000_000],
        status: [0, 0, 2],
      },
    ]);
  });

  it('is given its attributes in blocks of the rows of the skeleton', async () => {
    const block = async (query: string) =>
      (await controlPlane.call<AttributeBlock>(`${path()}/feedfacefeedface/attributes${query}`)).body;
    const all = await block('');
    expect([all.from, all.spans.map(({ span_id }) => span_id)]).toEqual([
      0,
      RICH.spans.map(({ span_id }) => span_id),
    ]);
    expect(all.spans[2]).toEqual({
      span_id: RICH.spans[2]!.span_id,
      kind: 'INTERNAL',
      status_message: 'no key given',
      attributes: { 'proxy.kong.plugin.exit_status': 503, 'proxy.kong.plugin.instance_id': 'p1' },
      events: [{ name: 'refused', time_unix_nano: `${T0}500000`, attributes: { why: 'none' } }],
    });
    expect(await block('?from=1&count=1')).toEqual({ from: 1, spans: [all.spans[1]] });
    expect(await block('?from=3&count=200')).toEqual({ from: 3, spans: [] });
  });

  it.each([
    ['count', 'count=0'],
    ['count', 'count=201'],
    ['from', 'from=-1'],
    ['from', 'from=x'],
    ['colour', 'colour=red'],
  ])('is refused attributes with the place of what is wrong: %s', async (place, query) => {
    const { body } = await controlPlane.call(`${path()}/feedfacefeedface/attributes?${query}`);
    expect(body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: place }] });
  });

  it('of very many spans is given whole', async () => {
    const session = await controlPlane.session();
    const big = aTrace([session.id], {
      spans: Array.from({ length: 20_000 }, (_, index) => ({ name: `kong.io.socket.call${index % 50}` })),
    });
    expect((await node.send(exportRequest(big))).status).toBe(200);
    const at = `${SESSIONS}/${session.id}/traces/${big.spans[0]!.span_id}`;
    const { body } = await controlPlane.call<Skeleton>(`${at}/skeleton`);
    expect([body.span_count, body.names.length, body.span_id.length]).toEqual([20_002, 52, 20_002]);
    const last = await controlPlane.call<AttributeBlock>(`${at}/attributes?from=20000&count=200`);
    expect(last.body.spans).toHaveLength(2);
  });
});
