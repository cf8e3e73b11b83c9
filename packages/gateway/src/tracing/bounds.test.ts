import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute, pluginList } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { countsOf, session, TraceCollector, traced } from '../testing/trace-collector.ts';
import { ATTRIBUTES_MAX, SPANS_MAX } from './request-record.ts';
import { QUEUE_BYTES_MAX } from './trace-exporter.ts';

describe('the bounds of tracing', () => {
  it('of a record: spans that do not fit are counted, and the root tells everything still', async () => {
    const gateway = await TestGateway.start(oneRoute('http://127.0.0.1:9', {}, { retries: 400 }));
    const collector = await traced(gateway);
    await gateway.send('/');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const { attributes } = trace!.spans[0]!;
    expect(trace!.spans.length).toBeLessThanOrEqual(SPANS_MAX);
    const kept = trace!.spans.slice(1).reduce((sum, span) => sum + Object.keys(span.attributes).length, 0);
    expect(kept).toBeLessThanOrEqual(ATTRIBUTES_MAX);
    expect(attributes).toMatchObject({
      'http.response.status_code': 502,
      'url.full': `http://127.0.0.1:${gateway.port}/`,
      'proxy.kong.latency.total': expect.any(Number),
      'gatescope.truncated_spans': expect.any(Number),
    });
    // Of each try it is known who was asked, and which try it was.
    const tries = trace!.spans.filter(({ name }) => name === 'kong.upstream.find_upstream');
    expect(tries.map((span) => span.attributes['try_count'])).toEqual(tries.map((_, index) => index + 1));
    expect(trace!.spans.map(({ name }) => name)).toContain('kong.wait_for_client_read');
  });

  it('of a record: the next request that uses it has none of it', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute('http://127.0.0.1:9', { paths: ['/dead'] }, { retries: 400 }) +
        `- ${JSON.stringify({ name: 'alive', url: upstream.url, routes: [{ paths: ['/alive'] }] })}\n`,
    );
    const collector = await traced(gateway);
    for (const path of ['/dead', '/alive']) await gateway.send(path);
    const [, trace] = await collector.until(2);
    expectWhole(trace!);
    expect(trace!.spans[0]!.attributes).not.toHaveProperty('gatescope.truncated_spans');
    expect(trace!.spans).toHaveLength(13);
  });

  // 64 MiB are traced, sent and read: on a busy machine that takes its time.
  it('of the queue: what does not fit is dropped and counted, what does is sent when it can be', {
    timeout: 90_000,
  }, async () => {
    const gateway = await TestGateway.start('_format_version: "3.0"\n');
    gateway.worker.syncSessions([session({ remaining_traces: 1_000_000 })]);
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    onTestFinished(() => agent.destroy());
    const path = `/${'x'.repeat(30_000)}`;
    const count = Math.ceil(QUEUE_BYTES_MAX / path.length) + 100;
    const client = async () => {
      while (countsOf(gateway).seen < count) expect((await gateway.send(path, { agent })).status).toBe(404);
    };
    await Promise.all(Array.from({ length: 32 }, client));
    const { matched, dropped } = countsOf(gateway);
    expect(dropped['queue_full']).toBeGreaterThan(0);
    const collector = await TraceCollector.start();
    collector.attach(gateway);
    await until(
      'what was kept to be acknowledged',
      () => countsOf(gateway).traces === matched - dropped['queue_full']!,
    );
    expect(countsOf(gateway)).toMatchObject({ matched, dropped });
    const bytes = collector.traces.reduce((sum, trace) => sum + trace.bytes.length, 0);
    expect(bytes).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
    expect(bytes).toBeGreaterThan(QUEUE_BYTES_MAX * 0.9);
    // There is room again.
    await gateway.send('/');
    await collector.until(matched - dropped['queue_full']! + 1);
  });

  it('of a body filter: one span however many pieces pass it, with how often it ran', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      let left = 50;
      const write = () => {
        if (--left === 0) response.end('.');
        else response.write('piece', () => setImmediate(write));
      };
      write();
    });
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([{ name: 'pre-function', config: { body_filter: ['return chunk'] } }]),
    );
    const collector = await traced(gateway);
    await gateway.send('/');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const filters = trace!.spans.filter(({ name }) => name === 'kong.body_filter.plugin.pre-function');
    expect(filters).toHaveLength(1);
    const { 'proxy.kong.plugin.run_count': runs, 'proxy.kong.plugin.run_time': ms } = filters[0]!.attributes;
    expect(runs).toBeGreaterThan(2);
    const span = Number(BigInt(filters[0]!.end_unix_nano) - BigInt(filters[0]!.start_unix_nano)) / 1e6;
    expect(ms).toBeLessThanOrEqual(span);
  });
});
