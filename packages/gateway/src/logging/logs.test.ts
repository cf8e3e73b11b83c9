import type { LogLine } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { kongYml, oneRoute, routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { countsOf, session, traced } from '../testing/trace-collector.ts';
import { REQUEST_LINES_MAX } from './request-log.ts';

const NONE = { headers: false, bodies: false, body_bytes_max: 65_536, redact: [] };
const logging = (logs: 'debug' | 'info' | 'error' = 'debug') => ({ capture: { ...NONE, logs } });
const shown = (lines: readonly LogLine[]) =>
  lines.map(({ level, type, source, message }) => `${level} ${type} ${source}: ${message}`);

describe('log capture', () => {
  it('tells at level debug what was decided on the way, each line under its span', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, logging());
    await gateway.send('/orders?page=1');
    const [trace] = await collector.until(1);
    const port = upstream.port;
    expect(shown(trace!.lines)).toEqual([
      'debug request gateway: GET /orders from 127.0.0.1',
      'debug router gateway: matched route all by path /',
      `debug upstream upstream: attempt 1: connecting to 127.0.0.1:${port}`,
      'debug upstream upstream: has a new connection to 127.0.0.1',
      expect.stringMatching(/^debug upstream upstream: the upstream answered 200 after \d+ ms$/),
      expect.stringMatching(/^info access gateway: GET \/orders 200 in [\d.]+ ms$/),
    ]);
    const spanOf = (index: number) =>
      trace!.spans.find(({ span_id }) => span_id === trace!.lines[index]!.span_id);
    expect([0, 1, 2, 5].map((index) => spanOf(index)?.name)).toEqual(
      ['kong', 'kong.router', 'kong.find_upstream', 'kong'].map((name) =>
        name === 'kong.find_upstream' ? 'kong.upstream.find_upstream' : name,
      ),
    );
    for (const line of trace!.lines) {
      expect(line.trace_id).toBe(trace!.traceId);
      const at = BigInt(line.time_unix_nano);
      expect(at >= BigInt(trace!.spans[0]!.start_unix_nano)).toBe(true);
    }
  });

  it('tells at level debug what plugins decided, and of a key no more than where it was', async () => {
    const upstream = await EchoUpstream.start();
    const plugins = [
      { name: 'correlation-id', config: { header_name: 'X-Id' } },
      { name: 'key-auth', config: {} },
      { name: 'rate-limiting', config: { year: 1 } },
      { name: 'request-termination', config: { trigger: 'stop' } },
    ];
    const service = { name: 'a', url: upstream.url, routes: [{ name: 'all', paths: ['/'] }], plugins };
    const consumers = [{ username: 'ann', keyauth_credentials: [{ key: 'ann-key' }] }];
    const gateway = await TestGateway.start(
      kongYml({ _format_version: '3.0', services: [service], consumers }),
    );
    const collector = await traced(gateway, logging());
    const told: string[][] = [];
    for (const headers of [
      {},
      { apikey: 'wrong-key' },
      { apikey: 'ann-key', 'x-id': '7' },
      { apikey: 'ann-key' },
    ]) {
      await gateway.send('/', { headers });
      const { lines } = (await collector.until(told.length + 1)).at(-1)!;
      const said = lines.filter(
        ({ type, message }) => type === 'plugin' && !/ ran in | ended the request /.test(message),
      );
      told.push(said.map(({ source, message }) => `${source.slice(7)}: ${message}`));
      expect(JSON.stringify(lines)).not.toMatch(/ann-key|wrong-key/);
    }
    const made = 'correlation-id: X-Id was made';
    const ann = 'key-auth: consumer ann authenticated by key in header';
    expect(told).toEqual([
      [made, 'key-auth: no key was sent'],
      [made, 'key-auth: no credential has the key in header'],
      [
        'correlation-id: X-Id came with the request',
        ann,
        'rate-limiting: 0 of 1 a year are left',
        'request-termination: goes on: neither a header nor a parameter is called stop',
      ],
      [made, ann, 'rate-limiting: the limit of 1 a year is reached'],
    ]);
  });

  it('keeps the lines of a session from its level on, and leaves the log of the node as it is', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(
      gateway,
      { id: 'all', ...logging() },
      { id: 'some', ...logging('info') },
      { id: 'none' },
    );
    await gateway.send('/');
    const traces = await collector.until(3);
    const of = (id: string) => traces.find(({ sessions }) => sessions.includes(id))!;
    expect(of('all').lines.length).toBeGreaterThan(4);
    expect(of('some').lines.map(({ level, type }) => [level, type])).toEqual([['info', 'access']]);
    expect(of('none').lines).toEqual([]);
    expect(gateway.lines).toEqual([]);
  });

  it('stamps what a plugin says with its name and span, even when it has long gone on', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        {
          name: 'pre-function',
          config: {
            access: ["kong.log.warn('pre says ', {a: [1]}); globalThis.late = () => kong.log.err('late')"],
          },
        },
        { name: 'post-function', config: { log: ["kong.log.debug('post says', 7); globalThis.late()"] } },
      ),
    );
    const collector = await traced(gateway, logging());
    await gateway.send('/');
    const [trace] = await collector.until(1);
    const said = trace!.lines.filter(
      ({ source, message }) => source.startsWith('plugin:') && /says|late/.test(message),
    );
    expect(shown(said)).toEqual([
      'warn plugin plugin:pre-function: pre says {"a":[1]}',
      'debug plugin plugin:post-function: post says7',
      'error plugin plugin:pre-function: late',
    ]);
    const names = said.map(({ span_id }) => trace!.spans.find((span) => span.span_id === span_id)?.name);
    expect(names).toEqual([
      'kong.access.plugin.pre-function',
      'kong.log.plugin.post-function',
      'kong.access.plugin.pre-function',
    ]);
  });

  it('has a line of level error for every try that failed, and says whether another followed', async () => {
    const gateway = await TestGateway.start(
      kongYml({
        services: [
          { name: 'dead', url: 'http://127.0.0.1:9', retries: 1, routes: [{ name: 'all', paths: ['/'] }] },
        ],
      }),
    );
    const collector = await traced(gateway, logging());
    await gateway.send('/');
    const [trace] = await collector.until(1);
    const errors = trace!.lines.filter(({ level }) => level === 'error');
    expect(shown(errors)).toEqual([
      expect.stringMatching(/^error upstream upstream: attempt 1 at 127\.0\.0\.1 failed: /),
      expect.stringMatching(/^error upstream upstream: attempt 2 at 127\.0\.0\.1 failed: /),
      expect.stringMatching(/^error upstream gateway: /),
    ]);
    expect(trace!.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['the next try follows', 'no further try is made']),
    );
    expect(gateway.logged('error')).toHaveLength(3);
  });

  it('bounds what one request may say, cyclic and huge values too, and counts the rest', async () => {
    const upstream = await EchoUpstream.start();
    const code = `
      const cycle = {}; cycle.self = cycle; cycle.text = 'x'.repeat(1e6);
      exchange.log('info', 'cyclic', cycle);
      kong.log(cycle);
      for (let line = 0; line < ${REQUEST_LINES_MAX + 500}; line++) kong.log.info('line ', line);`;
    const gateway = await TestGateway.start(
      routeWith(upstream.url, { name: 'pre-function', config: { access: [code] } }),
    );
    const collector = await traced(gateway, logging());
    expect((await gateway.send('/')).status).toBe(200);
    const [trace] = await collector.until(1);
    expect(trace!.lines.length).toBeLessThanOrEqual(REQUEST_LINES_MAX);
    const cyclic = trace!.lines.find(({ message }) => message === 'cyclic');
    expect(cyclic?.attributes).toEqual({
      self: '[circular]',
      text: expect.stringMatching(/^x{4096}… \(1000000 characters\)$/),
    });
    expect(trace!.bytes.length + JSON.stringify(trace!.lines).length).toBeLessThan(1_000_000);
    expect(countsOf(gateway).dropped['log_lines_of_request']).toBeGreaterThan(500);
  });

  it('masks secrets in messages and attributes, and in the log of the node', async () => {
    const upstream = await EchoUpstream.start();
    const code = `
      exchange.log('warn', 'got Bearer abcdefgh12345678', {
        authorization: 'Bearer abcdefgh12345678', card: 4242424242424242, deep: { note: '4242 4242 4242 4242' },
      });`;
    const gateway = await TestGateway.start(
      routeWith(upstream.url, { name: 'pre-function', config: { access: [code] } }),
    );
    const collector = await traced(gateway, logging());
    await gateway.send('/');
    const [trace] = await collector.until(1);
    const line = trace!.lines.find(({ source }) => source === 'plugin:pre-function' && true);
    expect(line).toMatchObject({
      message: 'got Bearer ****',
      attributes: {
        authorization: 'Bearer ****',
        card: '*'.repeat(16),
        deep: { note: '*'.repeat(19) },
      },
    });
    expect(JSON.stringify(gateway.lines)).not.toMatch(/abcdefgh|4242\D{0,3}4242/);
  });

  it('captures what the node says of no request while the session runs', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, { id: 'watching', ...logging() });
    gateway.worker.apply(oneRoute(upstream.url, { name: 'renamed' }));
    gateway.worker.nodeLog.log('warn', 'health', 'target 10.0.0.1:80 is unhealthy', { upstream: 'up' });
    const lines = await collector.untilLines(2);
    expect(shown(lines)).toEqual([
      expect.stringMatching(/^debug config gateway: a worker serves configuration [0-9a-f]{12}$/),
      'warn health gateway: target 10.0.0.1:80 is unhealthy',
    ]);
    expect(lines.every(({ trace_id, span_id }) => trace_id === null && span_id === null)).toBe(true);
    expect(collector.chunks.map(({ sessions }) => sessions)).toEqual(
      collector.chunks.map(() => ['watching']),
    );
    // Sessions without logs, and those that are over, get none.
    gateway.worker.syncSessions([session({ id: 'other' })]);
    const before = collector.chunks.length;
    gateway.worker.nodeLog.log('warn', 'health', 'again');
    gateway.worker.syncSessions([]);
    expect(collector.chunks).toHaveLength(before);
  });

  it('sends a chunk again until it is taken', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, logging());
    collector.statuses = [503, 503];
    gateway.worker.nodeLog.log('warn', 'health', 'once');
    expect(shown(await collector.untilLines(1))).toEqual(['warn health gateway: once']);
  });
});
