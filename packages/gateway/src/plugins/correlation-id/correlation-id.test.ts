import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

async function start(config: object = {}): Promise<{ gateway: TestGateway; upstream: EchoUpstream }> {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'correlation-id', config }));
  return { gateway, upstream };
}

describe('correlation-id', () => {
  it('counts requests behind one id by default, and tells the upstream alone', async () => {
    const { gateway, upstream } = await start();
    const answers = [await gateway.send('/'), await gateway.send('/')];
    const ids = upstream.received.map(({ headers }) => headers['kong-request-id']!);
    expect(ids[0]).toMatch(new RegExp(`^${UUID}#1$`));
    expect(ids[1]).toBe(ids[0]!.replace('#1', '#2'));
    expect(answers.map(({ headers }) => headers['kong-request-id'])).toEqual([undefined, undefined]);
  });

  it.each([
    ['uuid', `^${UUID}$`],
    ['tracker', '^[\\w.:-]+-\\d+-\\d+\\.\\d{3}-1$'],
  ])('generates by %s', async (generator, pattern) => {
    const { gateway, upstream } = await start({ generator });
    await gateway.send('/');
    await gateway.send('/');
    const ids = upstream.received.map(({ headers }) => headers['kong-request-id']!);
    expect(ids[0]).toMatch(new RegExp(pattern));
    expect(ids[1]).not.toBe(ids[0]);
  });

  it('keeps the id a client sends, and gives one where it is empty', async () => {
    const { gateway, upstream } = await start({ header_name: 'X-Trace' });
    await gateway.send('/', { headers: { 'X-TRACE': 'from the client' } });
    await gateway.send('/', { headers: { 'x-trace': '' } });
    const ids = upstream.received.map(({ headers }) => headers['x-trace']);
    expect(ids).toEqual(['from the client', expect.stringMatching(new RegExp(`^${UUID}#1$`))]);
  });

  it('echoes the id where it is asked to, in place of what the upstream says', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.setHeader('X-Trace', 'from the upstream');
      response.end();
    });
    const gateway = await TestGateway.start(
      routeWith(upstream.url, {
        name: 'correlation-id',
        config: { header_name: 'X-Trace', echo_downstream: true },
      }),
    );
    const { headers } = await gateway.send('/');
    expect(headers['x-trace']).toMatch(new RegExp(`^${UUID}#1$`));
    expect(headers['x-trace']).toBe(upstream.only.headers['x-trace']);
  });

  it('echoes an id on an answer of another plugin too', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        { name: 'correlation-id', config: { echo_downstream: true } },
        { name: 'key-auth', config: {} },
      ),
    );
    const { status, headers } = await gateway.send('/');
    expect({ status, id: headers['kong-request-id'] }).toEqual({
      status: 401,
      id: expect.stringMatching(new RegExp(`^${UUID}#1$`)),
    });
  });

  it('gives a request without a route an id too, where it is global', async () => {
    const gateway = await TestGateway.start(
      `_format_version: "3.0"\nplugins:\n- {name: correlation-id, config: {echo_downstream: true, generator: uuid}}\n`,
    );
    const { status, headers } = await gateway.send('/');
    expect({ status, id: headers['kong-request-id'] }).toEqual({
      status: 404,
      id: expect.stringMatching(new RegExp(`^${UUID}$`)),
    });
  });
});
