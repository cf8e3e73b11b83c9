import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../../../../test/support/programs.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { treeBelow } from '../../testing/io-plugin.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { RedisServer } from '../../testing/redis-server.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { traced } from '../../testing/trace-collector.ts';

describeWith('redis-server', 'rate-limiting with policy redis', (program) => {
  /** A route that is limited by a Redis of its own, and as many gateways as are asked for. */
  async function limited(gateways: number, config: object = {}) {
    const redis = await RedisServer.start(program, '--requirepass', 's3cret-password');
    onTestFinished(() => redis.stop());
    const upstream = await EchoUpstream.start();
    const yml = routeWith(upstream.url, {
      name: 'rate-limiting',
      config: {
        year: 2,
        policy: 'redis',
        redis: { host: '127.0.0.1', port: redis.port, password: 's3cret-password', timeout: 500 },
        ...config,
      },
    });
    const started = [];
    for (let index = 0; index < gateways; index++) started.push(await TestGateway.start(yml));
    return { redis, gateways: started as [TestGateway, ...TestGateway[]] };
  }

  it('counts over all gateways, and answers as the local policy does', async () => {
    const { gateways } = await limited(2);
    const answers = [];
    for (const gateway of [gateways[0], gateways[1]!, gateways[0]]) answers.push(await gateway.send('/'));
    expect(answers.map(({ status, headers }) => [status, headers['ratelimit-remaining']])).toEqual([
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ]);
    expect(answers[2]!.headers['x-ratelimit-limit-year']).toBe('2');
    expect(JSON.parse(answers[2]!.body)).toMatchObject({ message: 'API rate limit exceeded' });
  });

  it('shows its calls below its span, without keys or the password', async () => {
    const { redis, gateways } = await limited(1);
    const collector = await traced(gateways[0]);
    await gateways[0].send('/');
    await gateways[0].send('/');
    const traces = await collector.until(2);
    for (const trace of traces) expectWhole(trace);
    const trees = traces.map(({ spans }) =>
      treeBelow(spans, 'kong.access.plugin.rate-limiting', 'network.peer.address', 'network.peer.port'),
    );
    expect(trees).toEqual([
      [`kong.io.redis.connect 127.0.0.1 ${redis.port}`, `kong.io.redis.eval 127.0.0.1 ${redis.port}`],
      [`kong.io.redis.eval 127.0.0.1 ${redis.port}`],
    ]);
    const bytes = Buffer.concat(traces.map((trace) => trace.bytes)).toString('latin1');
    expect(bytes).not.toMatch(/s3cret|ratelimit:/);
  });

  it('lets requests pass where Redis is gone, unless told not to', async () => {
    const tolerant = await limited(1);
    await tolerant.redis.stop();
    expect((await tolerant.gateways[0].send('/')).status).toBe(200);
    await tolerant.gateways[0].untilLogged('requests are not limited: Redis does not answer');
    const strict = await limited(1, { fault_tolerant: false });
    await strict.redis.stop();
    expect((await strict.gateways[0].send('/')).status).toBe(500);
  });

  it('shows a slow Redis where it belongs', async () => {
    const { redis, gateways } = await limited(1);
    const collector = await traced(gateways[0]);
    await gateways[0].send('/');
    redis.freeze(true);
    await gateways[0].send('/');
    redis.freeze(false);
    const [, slow] = await collector.until(2);
    expectWhole(slow!);
    const call = slow!.spans.find(({ name }) => name === 'kong.io.redis.eval')!;
    const ms = Number(BigInt(call.end_unix_nano) - BigInt(call.start_unix_nano)) / 1e6;
    expect(ms).toBeGreaterThan(450);
    const { attributes } = slow!.spans[0]!;
    const total = attributes['proxy.kong.latency.total'] as number;
    expect(attributes['proxy.kong.latency.internal'] as number).toBeLessThan(total - 450);
  });
});
