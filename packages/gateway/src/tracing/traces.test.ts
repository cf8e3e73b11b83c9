import type { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import { renderTree } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectSpans, expectWhole, PROXIED, type RequestFacts } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { kongYml, oneRoute, routeWith } from '../testing/kong-yml.ts';
import type { Question } from '../testing/send-request.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../testing/trace-collector.ts';

/** The trace of one request, checked as a whole. */
async function traceOf(gateway: TestGateway, path = '/', question: Question = {}): Promise<CollectedTrace> {
  const collector = await traced(gateway);
  await gateway.send(path, question).catch(() => null);
  const [trace] = await collector.until(1);
  expectWhole(trace!);
  return trace!;
}

const ok = () => EchoUpstream.start();
const everyPhase = {
  name: 'pre-function',
  config: Object.fromEntries(
    ['certificate', 'rewrite', 'access', 'response', 'header_filter', 'body_filter', 'log'].map((phase) => [
      phase,
      [''],
    ]),
  ),
};

describe('the trace', () => {
  it('of a plain request has every span of the way, in order', async () => {
    const upstream = await ok();
    const trace = await traceOf(await TestGateway.start(oneRoute(upstream.url)));
    expect(renderTree(trace.spans)).toBe(
      [
        'kong',
        '  kong.read_client_http_headers',
        '  kong.phase.rewrite',
        '  kong.router',
        '  kong.phase.access',
        '  kong.upstream.selection',
        '    kong.upstream.find_upstream',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream',
        '  kong.read_body_from_upstream',
        '  kong.phase.header_filter',
        '  kong.wait_for_client_read',
        '  kong.phase.body_filter',
      ].join('\n'),
    );
    expectSpans(trace.spans, PROXIED);
  });

  it('of a request with plugins has a span per plugin and phase, with whose they are', async () => {
    const upstream = await ok();
    const gateway = await TestGateway.start(routeWith(upstream.url, everyPhase));
    const { spans } = await traceOf(gateway, '/', { tls: { servername: 'a.test' } });
    expect(renderTree(spans.filter(({ name }) => !/upstream|client_http|wait/.test(name)))).toBe(
      [
        'kong',
        '  kong.tls_handshake',
        '    kong.phase.certificate',
        '      kong.certificate.plugin.pre-function',
        '  kong.phase.rewrite',
        '    kong.rewrite.plugin.pre-function',
        '  kong.router',
        '  kong.phase.access',
        '    kong.access.plugin.pre-function',
        '  kong.phase.response',
        '    kong.response.plugin.pre-function',
        '  kong.phase.header_filter',
        '    kong.header_filter.plugin.pre-function',
        '  kong.phase.body_filter',
        '    kong.body_filter.plugin.pre-function',
        '  kong.phase.log',
        '    kong.log.plugin.pre-function',
      ].join('\n'),
    );
    const plugins = spans.filter(({ name }) => name.includes('.plugin.'));
    const { id } = gateway.worker.runtime.config.plugins[0]!;
    expect(plugins.map(({ attributes }) => attributes['proxy.kong.plugin.instance_id'])).toEqual(
      plugins.map(() => id),
    );
    expectSpans(spans, { ...PROXIED, firstOnTls: true, buffered: true, logged: true });
  });

  it('of a TLS connection holds the handshake once, with its first request', async () => {
    const upstream = await ok();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const question = { agent: agent as HttpAgent, tls: { servername: 'a.test' } };
    await gateway.send('/', question);
    await gateway.send('/', question);
    const traces = await collector.until(2);
    traces.forEach(expectWhole);
    expectSpans(traces[0]!.spans, { ...PROXIED, firstOnTls: true });
    expectSpans(traces[1]!.spans, PROXIED);
    expect(traces.map(({ spans }) => spans[0]!.attributes['proxy.kong.client_KA'])).toEqual([false, true]);
  });

  it.each<[string, string, Question, RequestFacts]>([
    ['POST with a body', '/', { method: 'POST', body: 'sent' }, { ...PROXIED, body: true }],
    ['POST in chunks', '/', { method: 'POST', body: ['se', 'nt'] }, { ...PROXIED, body: true }],
    ['POST without a body', '/', { method: 'POST' }, PROXIED],
    ['HEAD', '/', { method: 'HEAD' }, { ...PROXIED, answerBody: false, bodySent: false }],
    ['one without a route', '/nowhere', {}, { answered: true, bodySent: true }],
    ['one that a plugin refuses', '/closed', {}, { routed: true, answered: true, bodySent: true }],
    ['one without a service', '/nothing', {}, { routed: true, answered: true, bodySent: true }],
    ['one that is answered without a body', '/empty', {}, { ...PROXIED, answerBody: false, bodySent: false }],
    ['one by name', '/named', {}, { ...PROXIED, lookedUp: true }],
    [
      'one whose name can’t be found',
      '/unnamed',
      {},
      { routed: true, proxied: true, lookedUp: true, answered: true, bodySent: true },
    ],
    ['one with a response phase', '/buffered', {}, { ...PROXIED, buffered: true }],
    ['one with a log phase', '/logged', {}, { ...PROXIED, logged: true }],
    [
      'one whose upstream refuses',
      '/refused',
      {},
      { routed: true, proxied: true, attempted: true, answered: true, bodySent: true },
    ],
  ])('of %s has the spans of its kind', async (_, path, question, facts) => {
    const upstream = await EchoUpstream.start((received, response) => {
      if (received.target.startsWith('/empty')) response.writeHead(204).end();
      else response.end('ok');
    });
    const at = (name: string, service: object = {}) => ({
      name,
      url: upstream.url,
      retries: 0,
      ...service,
      routes: [{ name, paths: [`/${name}`], strip_path: false }],
    });
    const gateway = await TestGateway.start(
      kongYml({
        services: [
          { name: 'up', url: upstream.url, routes: [{ paths: ['~/$'], strip_path: false }] },
          at('closed'),
          at('empty'),
          at('buffered'),
          at('logged'),
          at('named', { url: `http://localhost:${upstream.port}` }),
          at('unnamed', { url: 'http://nowhere.invalid' }),
          at('refused', { url: 'http://127.0.0.1:9' }),
        ],
        routes: [{ paths: ['/nothing'] }],
        plugins: [
          { name: 'request-termination', service: 'closed', config: {} },
          { name: 'pre-function', service: 'buffered', config: { response: [''] } },
          { name: 'pre-function', service: 'logged', config: { log: [''] } },
        ],
      }),
      { env: { KONG_DNS_RESOLVER: '127.0.0.1:1' } },
    );
    const { spans } = await traceOf(gateway, path, question);
    expectSpans(spans, facts);
  });
});
