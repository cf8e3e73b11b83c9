import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { kongYml, oneRoute, pluginList } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { countsOf, session, TraceCollector, traced } from '../testing/trace-collector.ts';

const NOTHING = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };

async function simple(): Promise<TestGateway> {
  const upstream = await EchoUpstream.start((received, response) => {
    response.writeHead(received.target.startsWith('/fail') ? 503 : 200).end();
  });
  return TestGateway.start(oneRoute(upstream.url));
}

/** Sends requests one after the other. */
async function send(gateway: TestGateway, ...paths: string[]): Promise<void> {
  for (const path of paths) await gateway.send(path);
}

describe('a session', () => {
  it.each([
    ['http.path == "/other"', { rewrite: 1, access: 1, upstream: 1, end: 1 }],
    ['http.method == "POST"', { rewrite: 1, access: 1, upstream: 1, end: 1 }],
    ['route.name == "other"', { rewrite: 0, access: 1, upstream: 1, end: 1 }],
    ['consumer.username == "other"', { rewrite: 0, access: 0, upstream: 1, end: 1 }],
    ['http.response.status_code == 503', { rewrite: 0, access: 0, upstream: 0, end: 1 }],
    ['http.path == "/" && http.response.status_code == 503', { rewrite: 0, access: 0, upstream: 0, end: 1 }],
    [
      'http.path == "/no" && http.response.status_code == 503',
      { rewrite: 1, access: 1, upstream: 1, end: 1 },
    ],
    [
      'http.path == "/no" || http.response.status_code == 503',
      { rewrite: 0, access: 0, upstream: 0, end: 1 },
    ],
  ])('with the rule %s is done with a request as soon as it can be', async (rule, expected) => {
    let gateway: TestGateway;
    const seen: Record<string, number> = {};
    const note = (point: string) => {
      seen[point] = countsOf(gateway).seen;
    };
    Object.assign(globalThis, { noteOfTest: note });
    onTestFinished(() => {
      Reflect.deleteProperty(globalThis, 'noteOfTest');
    });
    const upstream = await EchoUpstream.start((_, response) => {
      note('upstream');
      response.end();
    });
    gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([
          {
            name: 'pre-function',
            config: { rewrite: ['noteOfTest("rewrite")'], access: ['noteOfTest("access")'] },
          },
        ]),
    );
    await traced(gateway, { rule });
    await gateway.send('/');
    await until('the end', () => countsOf(gateway).seen === 1);
    note('end');
    expect(seen).toEqual(expected);
    expect(countsOf(gateway)).toEqual({ ...NOTHING, seen: 1 });
  });

  it('keeps what its rule matches, and counts what it saw', async () => {
    const gateway = await simple();
    const collector = await traced(gateway, { rule: 'http.response.status_code == 503' });
    await send(gateway, '/', '/fail', '/', '/fail/again', '/');
    const traces = await collector.until(2);
    expect(traces.map(({ spans }) => spans[0]!.attributes['url.full'])).toEqual([
      `http://127.0.0.1:${gateway.port}/fail`,
      `http://127.0.0.1:${gateway.port}/fail/again`,
    ]);
    const spans = traces.reduce((sum, trace) => sum + trace.spans.length, 0);
    await until('the traces to be acknowledged', () => countsOf(gateway).traces === 2);
    expect(countsOf(gateway)).toEqual({ ...NOTHING, seen: 5, matched: 2, traces: 2, spans });
  });

  it('of one route or service sees the others pass', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      kongYml({
        services: [
          {
            name: 'a',
            url: upstream.url,
            routes: [
              { name: 'a1', paths: ['/a1'] },
              { name: 'a2', paths: ['/a2'] },
            ],
          },
          { name: 'b', url: upstream.url, routes: [{ name: 'b1', paths: ['/b1'] }] },
        ],
      }),
    );
    const { routes, services } = gateway.worker.runtime.config;
    const route = routes.find(({ name }) => name === 'a2')!;
    const collector = await traced(
      gateway,
      { id: 'service', service_id: services[0]!.id },
      { id: 'route', route_id: route.id },
    );
    await send(gateway, '/a1', '/a2', '/b1', '/nowhere');
    const traces = await collector.until(2);
    expect(traces.map(({ spans, sessions }) => [spans[0]!.attributes['url.full'], sessions])).toEqual([
      [expect.stringMatching(/\/a1$/), ['service']],
      [expect.stringMatching(/\/a2$/), ['service', 'route']],
    ]);
    await until('all to be counted', () => countsOf(gateway, 'route').seen === 4);
    expect([countsOf(gateway, 'service').matched, countsOf(gateway, 'route').matched]).toEqual([2, 1]);
  });

  it('keeps the share of requests that its rate says, and counts the others as dropped', async () => {
    const gateway = await simple();
    const collector = await traced(gateway, { id: 'half', rate: 0.5 }, { id: 'none', rate: 1e-12 });
    for (let sent = 0; sent < 40; sent++)
      await Promise.all(Array.from({ length: 10 }, () => gateway.send('/')));
    const { matched, dropped } = countsOf(gateway, 'half');
    expect(matched).toBe(400);
    // Six standard deviations.
    expect(Math.abs(dropped['rate']! - 200)).toBeLessThan(60);
    await collector.until(400 - dropped['rate']!);
    expect(countsOf(gateway, 'none')).toEqual({
      ...NOTHING,
      seen: 400,
      matched: 400,
      dropped: { rate: 400 },
    });
  });

  it('sends no more traces than it may, and goes on where it is given more', async () => {
    const gateway = await simple();
    const collector = await traced(gateway, { remaining_traces: 3 });
    await send(gateway, '/', '/', '/', '/', '/');
    await collector.until(3);
    await until('the acknowledgement', () => countsOf(gateway).traces === 3);
    expect(countsOf(gateway)).toMatchObject({ seen: 5, matched: 3, traces: 3, dropped: {} });
    gateway.worker.syncSessions([session({ remaining_traces: 1 })]);
    await send(gateway, '/', '/');
    await collector.until(4);
    expect(countsOf(gateway)).toMatchObject({ seen: 7, matched: 4 });
  });

  it('does not count twice what is on its way when it is told what is left', async () => {
    const gateway = await simple();
    gateway.worker.syncSessions([session({ remaining_traces: 3 })]);
    await send(gateway, '/', '/');
    // The control plane has not heard of the two yet, and says that three are left.
    gateway.worker.syncSessions([session({ remaining_traces: 3 })]);
    await send(gateway, '/', '/', '/');
    const collector = await TraceCollector.start();
    collector.attach(gateway);
    await collector.until(3);
    await until('the acknowledgement', () => countsOf(gateway).traces === 3);
    expect(collector.traces).toHaveLength(3);
  });

  it('that ended while a request was under way gets no trace of it, nor does one that began since', async () => {
    const upstream = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
    });
    const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
    const collector = await traced(gateway, { id: 'first' }, { id: 'beside' });
    const answer = gateway.send('/');
    await until('the upstream to be asked', () => upstream.peers[0]?.received.includes('\r\n\r\n'));
    gateway.worker.syncSessions([
      session({ id: 'second', rule: 'http.path == "/other"' }),
      session({ id: 'beside' }),
    ]);
    upstream.peers[0]!.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await answer;
    const [trace] = await collector.until(1);
    expect(trace!.sessions).toEqual(['beside']);
    expect(countsOf(gateway, 'second')).toEqual(NOTHING);
  });

  it('is over after its time on the gateway’s own clock, whatever anybody says', async () => {
    const gateway = await simple();
    const collector = await traced(gateway, { remaining_ms: 50 });
    await until('the session to be over', () => gateway.worker.counts().every(({ disarmed }) => disarmed));
    await send(gateway, '/');
    expect(gateway.worker.counts()).toEqual([]);
    expect(collector.traces).toEqual([]);
  });

  it('whose rule does not compile here is refused with why, and 30 are armed at most', async () => {
    const gateway = await simple();
    const many = Array.from({ length: 32 }, (_, index) => session({ id: `session ${index}` }));
    const states = gateway.worker.syncSessions([
      session({ id: 'wrong', rule: 'http.path =' }),
      session({ id: 'over', remaining_ms: 0 }),
      ...many,
    ]);
    expect(states.slice(0, 2)).toEqual([
      {
        id: 'wrong',
        state: 'refused',
        reason: expect.stringMatching(/^the rule does not compile on this node: /),
      },
      { id: 'over', state: 'refused', reason: 'the session is over' },
    ]);
    expect(states.filter(({ state }) => state === 'armed')).toHaveLength(30);
    expect(states.at(-1)).toEqual({
      id: 'session 31',
      state: 'refused',
      reason: 'no more than 30 sessions can be armed on one node',
    });
    expect(gateway.worker.counts()).toHaveLength(30);
  });
});
