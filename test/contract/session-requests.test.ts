import type { List, Problem, Session } from '@gatescope/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  CHECKOUT_ID,
  LEDGER_ROUTE_ID,
  SESSIONS,
  SHOP_ID,
  TestControlPlane,
} from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';

let controlPlane: TestControlPlane;
let node: TestNode;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node();
});
afterEach(() => controlPlane.deleteSessions());
afterAll(() => controlPlane.close());

const aTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/) as string;

async function post(body: unknown) {
  return await controlPlane.call<Session & Problem>(SESSIONS, { body });
}

/** Status, code and places of what is refused. */
async function refusal(body: unknown) {
  const answer = await post(body);
  return [answer.status, answer.body.code, answer.body.errors?.map(({ path }) => path)];
}

describe('a request to start a session', () => {
  it('takes every default where it says nothing', async () => {
    const { status, headers, body } = await post({});
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        control_plane: 'default',
        name: '',
        nodes: 'all',
        service: null,
        route: null,
        rule: null,
        rate: 1,
        duration_seconds: 300,
        max_traces: 200,
        capture: { logs: false, headers: false, bodies: false, body_bytes_max: 65_536, redact: [] },
        state: 'active',
        end_reason: null,
        node_states: [{ node_id: node.id, state: 'armed', armed_at: aTime, reason: null }],
        counts: { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} },
        created_by: 'admin',
        created_at: aTime,
        started_at: aTime,
        ends_at: aTime,
        ended_at: null,
        expires_at: aTime,
      },
    ]);
    expect(headers.get('location')).toBe(`/api/v1${SESSIONS}/${body.id}`);
    expect(body.started_at).toBe(body.node_states[0]!.armed_at);
    expect(Date.parse(body.ends_at!) - Date.parse(body.started_at!)).toBe(300_000);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(7 * 86_400_000);
    expect(await controlPlane.sessionOf(body.id)).toEqual(body);
  });

  it('is kept as it was made, and reaches the node with names resolved', async () => {
    const request = {
      name: 'checkout 503s',
      nodes: [node.id],
      service: 'shop',
      route: 'checkout',
      rule: 'http.response.status_code==503',
      rate: 0.25,
      duration_seconds: 1_800,
      max_traces: 10_000,
      capture: {
        logs: 'debug',
        body_bytes_max: 1_048_576,
        redact: [{ header: 'x-name' }, { json_path: '$.a.b' }, { pattern: '[0-9]+' }],
      },
    };
    const { status, body } = await post(request);
    const capture = { headers: false, bodies: false, ...request.capture };
    expect([status, body]).toMatchObject([201, { ...request, capture }]);
    expect(node.desired).toEqual([
      {
        id: body.id,
        service_id: SHOP_ID,
        route_id: CHECKOUT_ID,
        rule: request.rule,
        rate: 0.25,
        remaining_ms: expect.any(Number) as number,
        remaining_traces: 10_000,
        capture,
      },
    ]);
    expect(node.desired[0]!.remaining_ms).toBeLessThanOrEqual(1_800_000);
    expect(node.desired[0]!.remaining_ms).toBeGreaterThan(1_790_000);
  });

  it('takes ids of service and route as well as names', async () => {
    const { body } = await post({ service: SHOP_ID, route: LEDGER_ROUTE_ID });
    expect([body.service, body.route]).toEqual([SHOP_ID, LEDGER_ROUTE_ID]);
    expect(node.desired).toMatchObject([{ service_id: SHOP_ID, route_id: LEDGER_ROUTE_ID }]);
  });

  it('takes null where null means everything', async () => {
    expect((await post({ service: null, route: null, rule: null })).status).toBe(201);
  });

  it.each([
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: null }],
    ['nodes', { nodes: [] }],
    ['nodes', { nodes: null }],
    ['nodes', { nodes: 'some' }],
    ['nodes', { nodes: ['a', 'a'] }],
    ['nodes[0]', { nodes: [''] }],
    ['service', { service: '' }],
    ['route', { route: 1 }],
    ['rule', { rule: '' }],
    ['rule', { rule: 'x'.repeat(16_385) }],
    ['rate', { rate: 0 }],
    ['rate', { rate: -0.5 }],
    ['rate', { rate: 1.000001 }],
    ['rate', { rate: null }],
    ['rate', { rate: '1' }],
    ['duration_seconds', { duration_seconds: 9 }],
    ['duration_seconds', { duration_seconds: 1_801 }],
    ['duration_seconds', { duration_seconds: 10.5 }],
    ['duration_seconds', { duration_seconds: null }],
    ['max_traces', { max_traces: 0 }],
    ['max_traces', { max_traces: 10_001 }],
    ['max_traces', { max_traces: 1.5 }],
    ['max_traces', { max_traces: null }],
    ['capture', { capture: null }],
    ['capture.logs', { capture: { logs: true } }],
    ['capture.logs', { capture: { logs: 'verbose' } }],
    ['capture.headers', { capture: { headers: null } }],
    ['capture.bodies', { capture: { bodies: 1 } }],
    ['capture.body_bytes_max', { capture: { body_bytes_max: 0 } }],
    ['capture.body_bytes_max', { capture: { body_bytes_max: 1_048_577 } }],
    ['capture.redact', { capture: { redact: Array.from({ length: 201 }, () => ({ header: 'x' })) } }],
    ['capture.redact[0].header', { capture: { redact: [{ header: '' }] } }],
    ['capture.redact[1].header', { capture: { redact: [{ header: 'x' }, { header: 'x', cookie: 'y' }] } }],
    ['capture.cookies', { capture: { cookies: true } }],
    ['duration', { duration: 300 }],
  ])('is refused with the place of what is wrong: %s', async (path, request) => {
    const [status, code, paths] = await refusal(request);
    expect([status, code]).toEqual([400, 'invalid_request']);
    expect(paths).toEqual(path === 'capture.redact[1].header' ? ['capture.redact[1].cookie'] : [path]);
  });

  it.each([
    [
      'the least',
      { rate: 1e-9, duration_seconds: 10, max_traces: 1, capture: { body_bytes_max: 1 }, name: '' },
    ],
    [
      'the most',
      {
        rate: 1,
        duration_seconds: 1_800,
        max_traces: 10_000,
        capture: { body_bytes_max: 1_048_576 },
        name: 'x'.repeat(200),
      },
    ],
  ])('takes %s of everything', async (_, request) => {
    expect((await post(request)).status).toBe(201);
  });

  it.each(['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg', false])(
    'takes logs from %s on',
    async (logs) => {
      expect((await post({ capture: { logs } })).body.capture).toMatchObject({ logs });
    },
  );

  it('is told every error of its rule with its place', async () => {
    const { status, body } = await post({ rule: 'http.methd == "GET" &&\n net.src.ip == 5' });
    expect([status, body.code]).toEqual([400, 'invalid_rule']);
    expect(body.errors!.map(({ line, column }) => `${line}:${column}`)).toEqual(['1:1', '2:16']);
    expect(body.errors![0]).toMatchObject({
      message: expect.stringContaining('http.methd') as string,
      suggestion: expect.stringContaining('http.method') as string,
    });
  });

  it('is told what does not exist', async () => {
    expect(await refusal({ service: 'shopp' })).toEqual([400, 'unknown_service', ['service']]);
    expect(await refusal({ route: 'checkoutt' })).toEqual([400, 'unknown_route', ['route']]);
    expect(await refusal({ nodes: [node.id, 'nobody', 'none'] })).toEqual([
      400,
      'unknown_node',
      ['nodes[1]', 'nodes[2]'],
    ]);
    expect((await post({ service: 'shopp' })).body.detail).toContain('shop');
  });

  it('leaves nothing behind where it is refused', async () => {
    await post({ service: 'shopp' });
    await post({ rule: 'nonsense' });
    await post({ rate: 2 });
    expect(controlPlane.sql('select id from sessions')).toEqual([]);
    expect(node.desired).toEqual([]);
  });

  it.each([{ headers: true }, { bodies: true }, { headers: true, bodies: true, body_bytes_max: 10 }])(
    'may not capture %j before the organisation has agreed to that',
    async (capture) => {
      const answer = await post({ capture });
      expect(answer.body).toMatchObject({ status: 403, code: 'payload_capture_not_enabled' });
      expect(controlPlane.sql('select id from sessions')).toEqual([]);
    },
  );

  it('is noted in the audit log', async () => {
    const { body } = await post({ name: 'audited', rule: 'http.method==GET' });
    const { body: log } = await controlPlane.call<List<unknown>>('/audit-log?size=1');
    expect(log.data).toMatchObject([{ actor: 'admin', action: 'session.start', target: body.id }]);
  });
});

describe('a session that no node can trace', () => {
  const reason = 'Active tracing is switched off on this node. Set KONG_ACTIVE_TRACING=on';
  const unable = {
    hostname: 'old-1',
    capabilities: ['gatescope.config.v1'],
    tracing: { available: false, reason },
  };
  let other: TestNode;

  beforeAll(async () => {
    other = await controlPlane.node(unable);
  });
  afterAll(() => other.close());

  it('is refused where the node is named, with the reason and the mend', async () => {
    const { status, body } = await post({ nodes: [node.id, other.id] });
    expect([status, body]).toEqual([
      409,
      {
        type: 'urn:gatescope:problem:node_cannot_trace',
        title: 'The node can not trace',
        status: 409,
        detail: `node old-1: ${reason}`,
        code: 'node_cannot_trace',
        errors: [{ message: `old-1 (${other.id}): ${reason}`, path: 'nodes' }],
      },
    ]);
  });

  it('is refused for all where none can, and where none is connected', async () => {
    const own = await TestControlPlane.start();
    try {
      const none = await own.call(SESSIONS, { body: {} });
      expect(none.body).toMatchObject({ status: 409, code: 'node_cannot_trace' });
      await own.node(unable);
      const { body } = await own.call(SESSIONS, { body: {} });
      expect([body.status, body.code, body.detail]).toEqual([
        409,
        'node_cannot_trace',
        `node old-1: ${reason}`,
      ]);
    } finally {
      await own.close();
    }
  });

  it('is started for all where one can; the others say why they do not take part', async () => {
    const { status, body } = await post({});
    const states = [
      { node_id: node.id, state: 'armed', armed_at: aTime, reason: null },
      { node_id: other.id, state: 'refused', armed_at: null, reason },
    ];
    expect([status, body.state]).toEqual([201, 'active']);
    expect(body.node_states).toEqual(states.sort((a, b) => (a.node_id < b.node_id ? -1 : 1)));
  });
});

describe('sessions', () => {
  it('are listed newest first, a page at a time, each once', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.unshift((await post({ name: `${index}` })).body.id);
    // Made in the same millisecond.
    controlPlane.sql('update sessions set created_at = 1800000000000');
    made.sort().reverse();
    const seen: string[] = [];
    let query = '?size=2';
    for (let page = 0; page < 3; page++) {
      const { body } = await controlPlane.call<List<Session>>(`${SESSIONS}${query}`);
      seen.push(...body.data.map(({ id }) => id));
      query = `?size=2&after=${body.next}`;
      expect(body.next === null).toBe(page === 2);
    }
    expect(seen).toEqual(made);
    const { body } = await controlPlane.call<List<Session>>(SESSIONS);
    expect([body.data.map(({ id }) => id), body.next]).toEqual([made, null]);
    expect(body.data[0]).toEqual(await controlPlane.sessionOf(made[0]!));
  });

  it.each(['size=0', 'size=1001', 'size=two', 'after=nonsense', 'colour=red'])(
    'are not listed by %s',
    async (query) => {
      const { body } = await controlPlane.call(`${SESSIONS}?${query}`);
      expect(body).toMatchObject({
        status: 400,
        code: 'invalid_request',
        errors: [{ path: query.split('=')[0] }],
      });
    },
  );

  it('are seen in their control plane alone', async () => {
    const { body } = await post({});
    await controlPlane.call('/control-planes', { body: { name: 'other' } });
    const elsewhere = `/control-planes/other/sessions/${body.id}`;
    const calls = [
      controlPlane.call(elsewhere),
      controlPlane.call(elsewhere, { method: 'PATCH', body: {} }),
      controlPlane.call(elsewhere, { method: 'DELETE' }),
      controlPlane.call(`${elsewhere}/stop`, { method: 'POST' }),
      controlPlane.call(`${elsewhere}/traces`),
      controlPlane.call(`${elsewhere}/traces/x`),
      controlPlane.call(`${elsewhere}/traces/x/skeleton`),
      controlPlane.call(`${elsewhere}/traces/x/attributes`),
      controlPlane.call(`${elsewhere}/events`),
    ];
    expect((await Promise.all(calls)).map((answer) => answer.body.code)).toEqual(
      calls.map(() => 'not_found'),
    );
    expect((await controlPlane.call<List<Session>>('/control-planes/other/sessions')).body).toEqual({
      data: [],
      next: null,
    });
    expect((await controlPlane.sessionOf(body.id)).state).toBe('active');
  });
});

describe('/rules/check', () => {
  const check = async (expression: string) =>
    await controlPlane.call('/rules/check', { body: { expression } });

  it('says that a rule is valid, when it is decided, and how it reads', async () => {
    const { status, body } = await check('http.response.status_code==503');
    expect([status, body]).toEqual([
      200,
      {
        valid: true,
        diagnostics: [],
        decided_at: 'response',
        reading: expect.stringMatching(/503/) as string,
      },
    ]);
  });

  it.each([
    ['net.dst.port == 443', 'connection'],
    ['http.method == "GET"', 'request'],
    ['route.name == "checkout"', 'route'],
    ['consumer.username == "ada"', 'consumer'],
    ['http.response.status_code == 503', 'response'],
    ['proxy.kong.latency.total > 100', 'end'],
  ])('says of %s that it is decided at the %s', async (expression, stage) => {
    expect((await check(expression)).body).toMatchObject({ valid: true, decided_at: stage });
  });

  it('answers 200 with diagnostics also where a rule is not valid', async () => {
    const { status, body } = await check('http.method == "GET" &&\n  http.methd == "GET"');
    expect([status, body]).toEqual([
      200,
      {
        valid: false,
        diagnostics: [
          {
            message: expect.stringContaining('http.methd') as string,
            line: 2,
            column: 3,
            length: 10,
            severity: 'error',
            suggestion: expect.stringContaining('http.method') as string,
          },
        ],
        decided_at: null,
        reading: null,
      },
    ]);
  });

  it.each(['', ' ', 'x'.repeat(20_000), '('.repeat(500), '"', '\u0000', '🦊'])(
    'answers 200 for %#',
    async (expression) => {
      const { status, body } = await check(expression);
      expect([status, body]).toMatchObject([200, { valid: false, decided_at: null }]);
    },
  );
});
