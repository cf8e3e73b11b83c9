import diagnostics from 'node:diagnostics_channel';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../pipeline/exchange.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { accessPlugin, testPlugin, treeBelow } from '../../testing/io-plugin.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../../testing/trace-collector.ts';
import { OWN_ATTRIBUTES_MAX } from './own-span.ts';

const tracer = trace.getTracer('probe');
const PROBE = 'kong.access.plugin.probe';

async function gatewayWith(access: (exchange: Exchange) => void | Promise<void>): Promise<TestGateway> {
  const upstream = await EchoUpstream.start();
  return TestGateway.start(routeWith(upstream.url, { name: 'probe', config: {} }), {
    plugins: [accessPlugin(access)],
  });
}

async function traceOf(access: (exchange: Exchange) => void | Promise<void>): Promise<CollectedTrace> {
  const gateway = await gatewayWith(access);
  const collector = await traced(gateway);
  expect((await gateway.send('/')).status).toBe(200);
  const [only] = await collector.until(1);
  expectWhole(only!);
  return only!;
}

describe('registerPluginTracing()', () => {
  it("puts spans of a plugin's code below the plugin's span, nested as they were, I/O among them", async () => {
    const { url } = await EchoUpstream.start();
    const { spans } = await traceOf(async () => {
      await tracer.startActiveSpan('price the order', { kind: SpanKind.CLIENT }, async (span) => {
        span.setAttributes({ 'order.items': 3, 'order.currency': 'EUR', 'order.tags': ['a', 'b'] });
        await (await fetch(url)).text();
        tracer.startSpan('round').end();
        span.end();
      });
    });
    expect(treeBelow(spans, PROBE, 'order.items')).toEqual([
      'price the order 3',
      '  kong.io.http.request',
      '    kong.io.http.connect',
      '  round',
    ]);
    const own = spans.find(({ name }) => name === 'price the order')!;
    expect([own.kind, own.attributes]).toEqual([
      'CLIENT',
      { 'order.items': 3, 'order.currency': 'EUR', 'order.tags': ['a', 'b'] },
    ]);
  });

  it('keeps parallel pieces of work apart', async () => {
    const { url } = await EchoUpstream.start();
    const { spans } = await traceOf(async () => {
      const piece = (name: string) =>
        tracer.startActiveSpan(name, async (span) => {
          await new Promise(setImmediate);
          await (await fetch(url)).text();
          span.end();
        });
      await Promise.all([piece('left'), piece('right')]);
    });
    for (const name of ['left', 'right']) expect(treeBelow(spans, name)[0]).toBe('kong.io.http.request');
    expect(treeBelow(spans, PROBE).filter((line) => !line.startsWith(' '))).toEqual(['left', 'right']);
  });

  it('tells of errors and events', async () => {
    const { spans } = await traceOf(() => {
      const span = tracer.startSpan('fails');
      span.recordException(new TypeError('no such item'));
      span.addEvent('gave up', { tries: 2 });
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'gave up' });
      span.end();
    });
    const span = spans.find(({ name }) => name === 'fails')!;
    expect(span.status).toEqual({ code: 'ERROR', message: 'gave up' });
    expect(span.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['exception', { 'exception.type': 'TypeError', 'exception.message': 'no such item' }],
      ['gave up', { tries: 2 }],
    ]);
    expect(spans[0]!.status.code).toBe('UNSET');
  });

  it('masks secrets wherever code has written them: names, attributes, events, errors', async () => {
    const secret = 'Bearer abcdefghijklmnop1234';
    const { spans } = await traceOf(() => {
      const span = tracer.startSpan(`call with ${secret}`, { attributes: { 'sent.header': secret } });
      span.recordException(new Error(`refused ${secret}`));
      span.addEvent(`tried ${secret}`, { paid: 'by 4242424242424242', tries: 2 });
      span.setStatus({ code: SpanStatusCode.ERROR, message: `gave up on ${secret}` });
      span.end();
    });
    const span = spans.find(({ name }) => name.startsWith('call with'))!;
    expect(span.name).toBe('call with Bearer ****');
    expect(span.attributes).toEqual({ 'sent.header': 'Bearer ****' });
    expect(span.status.message).toBe('gave up on Bearer ****');
    expect(span.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['exception', { 'exception.type': 'Error', 'exception.message': 'refused Bearer ****' }],
      ['tried Bearer ****', { paid: `by ${'*'.repeat(16)}`, tries: 2 }],
    ]);
  });

  it('ends what the plugin left open, with what was said of it', async () => {
    const { spans } = await traceOf(() => void tracer.startSpan('left open', { attributes: { half: 1 } }));
    const span = spans.find(({ name }) => name === 'left open')!;
    expect(span.attributes).toEqual({ half: 1, 'gatescope.io.unfinished': true });
  });

  it("does not let a span pass for one of the gateway's", async () => {
    const { spans } = await traceOf(() => {
      tracer.startSpan('kong.io.redis.get').end();
      const span = tracer.startSpan('x');
      span.updateName('kong');
      span.end();
    });
    expect(treeBelow(spans, PROBE)).toEqual(['plugin:kong.io.redis.get', 'plugin:kong']);
  });

  it('keeps so much and no more', async () => {
    const { spans } = await traceOf(() => {
      for (let index = 0; index < 500; index++) {
        const span = tracer.startSpan('n'.repeat(5_000));
        for (let key = 0; key < 100; key++) span.setAttribute(`key ${key}`, 'v'.repeat(5_000));
        span.end();
      }
    });
    const own = spans.filter(({ name }) => name.startsWith('n'));
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual(64);
    expect(own[0]!.name).toHaveLength(1_024);
    expect(Object.keys(own[0]!.attributes)).toHaveLength(OWN_ATTRIBUTES_MAX);
    expect(spans[0]!.attributes['gatescope.truncated_spans']).toBeGreaterThan(0);
    // What comes behind the plugin has its place all the same.
    expect(spans.map(({ name }) => name)).toContain('kong.wait_for_client_read');
  });

  it('gives ids by which others may refer to a span, and the plugin its place', async () => {
    let ids: (string | undefined)[] = [];
    const { spans, traceId } = await traceOf(() => {
      const span = tracer.startSpan('work');
      const plugin = trace.getSpan(context.active())?.spanContext();
      ids = [span.spanContext().traceId, span.spanContext().spanId, plugin?.traceId, plugin?.spanId];
      span.end();
    });
    const work = spans.find(({ name }) => name === 'work')!;
    expect(ids).toEqual([traceId, work.span_id, traceId, work.parent_span_id]);
  });

  it('works in the phases that can not wait too', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'probe', config: {} }), {
      plugins: [
        testPlugin('probe', {
          headerFilter: () => tracer.startSpan('in the head').end(),
          bodyFilter: (_, chunk) => {
            tracer.startSpan('in the body').end();
            return chunk;
          },
          log: () => tracer.startSpan('in the log').end(),
        }),
      ],
    });
    const collector = await traced(gateway);
    await gateway.send('/');
    const [only] = await collector.until(1);
    expectWhole(only!);
    const { spans } = only!;
    expect(treeBelow(spans, 'kong.header_filter.plugin.probe')).toEqual(['in the head']);
    expect(treeBelow(spans, 'kong.body_filter.plugin.probe')[0]).toEqual('in the body');
    expect(treeBelow(spans, 'kong.log.plugin.probe')).toEqual(['in the log']);
  });

  it('is nothing for requests that nobody records, and leaves what plugins send as it is', async () => {
    const seen: unknown[] = [];
    const gateway = await gatewayWith(async () => {
      const span = tracer.startSpan('work');
      seen.push(span.isRecording(), trace.getSpan(context.active()));
      const carrier = {};
      propagation.inject(context.active(), carrier);
      seen.push(carrier);
      span.end();
    });
    await gateway.send('/');
    expect(seen).toEqual([false, undefined, {}]);
  });

  it('is over with the last session: nothing is subscribed to any more', async () => {
    const gateway = await gatewayWith(() => undefined);
    const collector = await traced(gateway);
    await gateway.send('/');
    await collector.until(1);
    expect(diagnostics.hasSubscribers('undici:request:create')).toBe(true);
    gateway.worker.syncSessions([]);
    expect(diagnostics.hasSubscribers('undici:request:create')).toBe(false);
    expect(diagnostics.hasSubscribers('tracing:ioredis:command:start')).toBe(false);
    await gateway.send('/');
  });
});
