import { describe, expect, it } from 'vitest';
import { until } from '../../../../../test/support/until.ts';
import { decodeOtlp, OTLP } from '../../../../trace/testing/otlp-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { accessPlugin } from '../../testing/io-plugin.ts';
import { kongYml, routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { traced } from '../../testing/trace-collector.ts';
import { bundledPlugins } from '../registry.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}
interface SentRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
    readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly SentSpan[] }[];
  }[];
}

const plugin = (receiver: EchoUpstream, config: object = {}) => ({
  name: 'opentelemetry',
  config: {
    traces_endpoint: `${receiver.url}/v1/traces`,
    sampling_rate: 1,
    queue: { max_batch_size: 1 },
    ...config,
  },
});

/** A gateway that sends its spans to a server; `sent` is what came there, read by the public schema. */
async function start(config: object = {}) {
  const upstream = await EchoUpstream.start();
  const receiver = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, plugin(receiver, config)));
  return { upstream, receiver, gateway, sent: () => sentTo(receiver) };
}

function sentTo(receiver: EchoUpstream): SentRequest[] {
  return receiver.received.map(
    ({ body }) => decodeOtlp(OTLP.exportTraceServiceRequest, Buffer.from(body, 'latin1')) as SentRequest,
  );
}

const spansOf = (request: SentRequest) => request.resourceSpans[0]!.scopeSpans[0]!.spans;

describe('opentelemetry', () => {
  it('sends the spans of each request, without a session', async () => {
    const { receiver, gateway, sent } = await start({
      headers: { 'x-key': 'abc' },
      resource_attributes: { 'service.name': 'edge' },
    });
    await gateway.send('/orders');
    await until('the trace', () => receiver.received.length === 1);
    const { method, target, headers } = receiver.only;
    expect([method, target, headers['content-type'], headers['x-key']]).toEqual([
      'POST',
      '/v1/traces',
      'application/x-protobuf',
      'abc',
    ]);
    const [request] = sent();
    const [{ resource, scopeSpans }] = request!.resourceSpans as [SentRequest['resourceSpans'][number]];
    expect(resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'edge' } },
      { key: 'service.instance.id', value: { stringValue: expect.any(String) } },
    ]);
    expect(scopeSpans[0]!.scope).toEqual({ name: 'gatescope' });
    const names = spansOf(request!).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'kong',
        'kong.router',
        'kong.access.plugin.opentelemetry',
        'kong.upstream.selection',
      ]),
    );
  });

  it('makes the gateway part of the caller’s trace and the upstream part of the gateway’s, in the caller’s format', async () => {
    const { upstream, receiver, gateway, sent } = await start();
    await gateway.send('/', { headers: { b3: `${TRACE}-${SPAN}-1` } });
    await until('the trace', () => receiver.received.length === 1);
    const [root, ...others] = spansOf(sent()[0]!);
    expect([root!.traceId, root!.parentSpanId]).toEqual([TRACE, SPAN]);
    expect(new Set(others.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(upstream.only.headers).toMatchObject({ b3: `${TRACE}-${root!.spanId}-1` });
    expect(upstream.only.headers).not.toHaveProperty('traceparent');
  });

  it('tells the upstream in other formats where it is to, and the client the trace’s id', async () => {
    const { upstream, receiver, gateway, sent } = await start({
      propagation: { extract: ['w3c'], clear: ['uber-trace-id'], inject: ['w3c', 'b3', 'datadog'] },
      http_response_header_for_traceid: 'X-Trace-Id',
    });
    const answer = await gateway.send('/', {
      headers: { 'uber-trace-id': `${TRACE}:${SPAN}:0:1`, traceparent: 'not one' },
    });
    await until('the trace', () => receiver.received.length === 1);
    const [root] = spansOf(sent()[0]!);
    const { traceId, spanId } = root!;
    expect([answer.headers['x-trace-id'], traceId === TRACE]).toEqual([traceId, false]);
    expect(upstream.only.headers).toMatchObject({
      traceparent: `00-${traceId}-${spanId}-01`,
      'x-b3-traceid': traceId,
      'x-b3-spanid': spanId,
      'x-b3-sampled': '1',
      'x-datadog-trace-id': BigInt(`0x${traceId.slice(16)}`).toString(),
    });
    expect(upstream.only.headers).not.toHaveProperty('uber-trace-id');
  });

  it('hands on what it does not send, and says so', async () => {
    const { upstream, receiver, gateway } = await start({ sampling_rate: 0 });
    await gateway.send('/', { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } });
    await gateway.send('/');
    const told = upstream.received.map(({ headers }) => headers['traceparent']);
    expect(told[0]).toBe(`00-${TRACE}-${SPAN}-00`);
    expect(told[1]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(receiver.received).toEqual([]);
  });

  it('does as the caller decided, as far as the strategy wants', async () => {
    const flags = async (config: object) => {
      const { upstream, gateway } = await start(config);
      for (const flag of ['00', '01'])
        await gateway.send('/', { headers: { traceparent: `00-${TRACE}-${SPAN}-${flag}` } });
      await gateway.send('/');
      return upstream.received.map(({ headers }) => headers['traceparent']!.slice(-2));
    };
    expect(await flags({ sampling_rate: 1 })).toEqual(['00', '01', '01']);
    expect(await flags({ sampling_rate: 0 })).toEqual(['00', '00', '00']);
    const follows = { sampling_rate: 0, sampling_strategy: 'parent_probability_fallback' };
    expect(await flags(follows)).toEqual(['00', '01', '00']);
  });

  it('decides by the trace’s id, so that gateways agree', async () => {
    const { upstream, gateway } = await start({ sampling_rate: 0.5 });
    const low = `${'a'.repeat(19)}${'7'.padEnd(13, 'f')}`;
    const high = `${'a'.repeat(19)}${'8'.padEnd(13, '0')}`;
    for (const id of [low, high, low])
      await gateway.send('/', { headers: { traceparent: `00-${id}-${SPAN}-01` } });
    expect(upstream.received.map(({ headers }) => headers['traceparent']!.slice(-2))).toEqual([
      '01',
      '00',
      '01',
    ]);
  });

  it('goes on beside sessions, which get the same trace', async () => {
    const { receiver, gateway, sent } = await start();
    const collector = await traced(gateway, { rule: 'http.path == "/wanted"' });
    await gateway.send('/other');
    await gateway.send('/wanted');
    const [trace] = await collector.until(1);
    await until('both traces', () => receiver.received.length === 2);
    const wanted = spansOf(sent()[1]!);
    expect(wanted[0]!.spanId).toBe(trace!.spans[0]!.span_id);
    expect(wanted.length).toBe(trace!.spans.length);
    expect(gateway.worker.counts()[0]!.counts).toMatchObject({ seen: 2, matched: 1 });
  });

  it('acts where it is configured, also where plugins run before the route is known', async () => {
    const upstream = await EchoUpstream.start();
    const receiver = await EchoUpstream.start();
    const route = (name: string) => ({ name, paths: [`/${name}`] });
    const gateway = await TestGateway.start(
      kongYml({
        services: [{ name: 'up', url: upstream.url, routes: [route('one'), route('two')] }],
        plugins: [
          { name: 'pre-function', config: { rewrite: ['kong.ctx.shared.set("x", 1)'] } },
          { ...plugin(receiver), route: 'one' },
        ],
      }),
    );
    for (const path of ['/two', '/nowhere', '/one']) await gateway.send(path);
    await until('the trace', () => receiver.received.length > 0);
    const names = spansOf(sentTo(receiver)[0]!).map(({ name }) => name);
    expect(names).toContain('kong.rewrite.plugin.pre-function');
    expect(receiver.received).toHaveLength(1);
  });

  it('records nothing once it is gone from the configuration', async () => {
    const upstream = await EchoUpstream.start();
    const receiver = await EchoUpstream.start();
    const seen: (string | null)[] = [];
    const probe = accessPlugin((exchange) => {
      seen.push(exchange.trace?.traceId ?? null);
    });
    const config = (...plugins: { name: string; config: object }[]) =>
      routeWith(upstream.url, { name: 'probe', config: {} }, ...plugins);
    const gateway = await TestGateway.start(config(plugin(receiver)), { plugins: [probe] });
    await gateway.send('/');
    gateway.worker.apply(config());
    await gateway.send('/');
    expect(seen).toEqual([expect.any(String), null]);
    expect(gateway.worker.tracer.isArmed).toBe(false);
  });

  it('says what is wrong with its configuration', () => {
    const errorsOf = (config: object) => {
      const loaded = loadConfig(
        routeWith('http://127.0.0.1:1', { name: 'opentelemetry', config }),
        bundledPlugins,
      );
      return loaded.ok ? [] : loaded.errors.map(({ message }) => message);
    };
    const traces_endpoint = 'http://otlp.test/v1/traces';
    expect(errorsOf({ endpoint: traces_endpoint, batch_span_count: null })).toEqual([]);
    expect(errorsOf({})).toEqual([expect.stringContaining('the address of an OTLP server')]);
    expect(
      errorsOf({
        traces_endpoint,
        header_type: 'b3',
        logs_endpoint: traces_endpoint,
        headers: { 'a b': 'c' },
      }),
    ).toEqual([
      expect.stringContaining('not supported by this gateway, which sends traces alone'),
      expect.stringContaining('use propagation.inject'),
      expect.stringContaining('no name or value'),
    ]);
    expect(errorsOf({ traces_endpoint, propagation: { inject: ['b4'] } })[0]).toContain(
      'expected one of: preserve',
    );
  });
});
