import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import type { Answer } from '../../testing/send-request.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

async function start(config: object): Promise<{ gateway: TestGateway; upstream: EchoUpstream }> {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'request-termination', config }));
  return { gateway, upstream };
}

function seen({ status, reason, headers, body }: Answer): object {
  return { status, reason, type: headers['content-type'] ?? null, body };
}

describe('request-termination', () => {
  it.each([
    [{}, 503, 'Service Unavailable', 'Service unavailable'],
    [{ status_code: 404 }, 404, 'Not Found', 'Not found'],
    [{ status_code: 406, message: 'Invalid' }, 406, 'Not Acceptable', 'Invalid'],
  ])('answers %j by itself, and asks no upstream', async (config, status, reason, message) => {
    const { gateway, upstream } = await start(config);
    const answer = await gateway.send('/');
    expect({ ...seen(answer), body: JSON.parse(answer.body) }).toEqual({
      status,
      reason,
      type: 'application/json; charset=utf-8',
      body: { message, request_id: answer.headers['x-kong-request-id'] },
    });
    expect(upstream.received).toEqual([]);
  });

  it.each([
    [{ status_code: 410 }, { status: 410, reason: 'Gone', type: null, body: '' }],
    [{ status_code: 204 }, { status: 204, reason: 'No Content', type: null, body: '' }],
    [
      { status_code: 200, message: 'fine' },
      { status: 200, reason: 'OK', type: 'application/json; charset=utf-8', body: '{"message":"fine"}' },
    ],
    [
      { body: '<h1>closed</h1>', content_type: 'text/html', status_code: 451 },
      {
        status: 451,
        reason: 'Unavailable For Legal Reasons',
        type: 'text/html',
        body: '<h1>closed</h1>',
      },
    ],
    [
      { body: '{"code":1}' },
      {
        status: 503,
        reason: 'Service Unavailable',
        type: 'application/json; charset=utf-8',
        body: '{"code":1}',
      },
    ],
  ])('answers %j to the byte', async (config, expected) => {
    const { gateway } = await start(config);
    expect(seen(await gateway.send('/'))).toEqual(expected);
  });

  it('does so only where the trigger is in a header or the query', async () => {
    const { gateway, upstream } = await start({ trigger: 'X-Closed', status_code: 403, message: 'closed' });
    const statuses = [
      await gateway.send('/'),
      await gateway.send('/', { headers: { 'x-closed': '' } }),
      await gateway.send('/?X-Closed=1'),
      await gateway.send('/?x-open=1'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 403, 403, 200]);
    expect(upstream.received).toHaveLength(2);
  });

  it('echoes the request', async () => {
    const { gateway } = await start({ echo: true, status_code: 404 });
    const { status, body } = await gateway.send('/p?a=1&a=2&b=%C3%A9', {
      headers: { host: 'api.test:81', 'x-a': ['1', '2'] },
    });
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 404,
      body: {
        message: 'Not found',
        request: {
          scheme: 'http',
          host: 'api.test',
          headers: { host: 'api.test:81', 'x-a': ['1', '2'], connection: 'close' },
          query: { a: ['1', '2'], b: 'é' },
          method: 'GET',
          path: '/p',
        },
        matched_route: expect.objectContaining({ name: 'all', paths: ['/'] }),
        matched_service: expect.objectContaining({ name: 'up' }),
      },
    });
  });

  it('leaves a connection usable after a request whose body nobody reads', async () => {
    const { gateway } = await start({ message: 'no' });
    const { status } = await gateway.send('/', { method: 'POST', body: 'x'.repeat(300_000) });
    expect(status).toBe(503);
  });
});
