import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import type { Answer } from '../testing/send-request.ts';
import { PRODUCT, TestGateway } from '../testing/test-gateway.ts';

const NUMBER = expect.stringMatching(/^\d+$/);
const ID = expect.stringMatching(/^[0-9a-f]{32}$/);
const LATENCIES = { 'x-kong-upstream-latency': NUMBER, 'x-kong-proxy-latency': NUMBER };

/** The gateway's own fields of an answer. */
function own({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(x-kong-.*|via|server)$/.test(name)),
  );
}

/** Own fields of an answer of the upstream, and of one that the gateway gives itself. */
async function ownOf(env: Record<string, string>): Promise<[object, object]> {
  const upstream = await EchoUpstream.start((_, response) => {
    response.writeHead(203, { server: 'up/1' });
    response.end();
  });
  const gateway = await TestGateway.start(oneRoute(upstream.url, { paths: ['/up'] }), { env });
  return [own(await gateway.send('/up')), own(await gateway.send('/nowhere'))];
}

describe('KONG_HEADERS', () => {
  it.each([
    [
      'nothing set',
      {},
      { server: 'up/1', via: `1.1 ${PRODUCT}`, ...LATENCIES, 'x-kong-request-id': ID },
      { server: PRODUCT, 'x-kong-response-latency': NUMBER, 'x-kong-request-id': ID },
    ],
    ['off', { KONG_HEADERS: 'off' }, { server: 'up/1' }, {}],
    [
      'server_tokens',
      { KONG_HEADERS: 'server_tokens' },
      { server: 'up/1', via: `1.1 ${PRODUCT}` },
      { server: PRODUCT },
    ],
    [
      'latency_tokens',
      { KONG_HEADERS: 'latency_tokens' },
      { server: 'up/1', ...LATENCIES },
      { 'x-kong-response-latency': NUMBER },
    ],
    [
      'names in any case',
      { KONG_HEADERS: 'X-Kong-Upstream-Status, x-kong-request-id' },
      { server: 'up/1', 'x-kong-upstream-status': '203', 'x-kong-request-id': ID },
      { 'x-kong-request-id': ID },
    ],
    ['single names', { KONG_HEADERS: 'Via' }, { server: 'up/1', via: `1.1 ${PRODUCT}` }, {}],
    ['the other single name', { KONG_HEADERS: 'Server' }, { server: 'up/1' }, { server: PRODUCT }],
    [
      'one latency',
      { KONG_HEADERS: 'X-Kong-Proxy-Latency' },
      { server: 'up/1', 'x-kong-proxy-latency': NUMBER },
      {},
    ],
  ])('%s', async (_, env, fromUpstream, fromGateway) => {
    expect(await ownOf(env as Record<string, string>)).toEqual([fromUpstream, fromGateway]);
  });

  it('adds to Via of the upstream, and replaces X-Kong-* of the upstream', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.writeHead(200, {
        via: '1.0 inner',
        'x-kong-request-id': 'forged',
        'x-kong-upstream-latency': '1000000',
        'x-kong-proxy-latency': '1000000',
      });
      response.end();
    });
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const fields = own(await gateway.send('/'));
    expect(fields).toEqual({ via: `1.0 inner, 1.1 ${PRODUCT}`, ...LATENCIES, 'x-kong-request-id': ID });
    expect(Number(fields['x-kong-upstream-latency'])).toBeLessThan(1_000_000);
  });

  it('tells the status of the upstream of an answer that the gateway gave in its place', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.writeHead(418).end());
    const gateway = await TestGateway.start(
      `${oneRoute(upstream.url)}plugins:\n- {name: pre-function, config: {response: ["kong.response.exit(200)"]}}\n`,
      { env: { KONG_HEADERS: 'X-Kong-Upstream-Status' } },
    );
    const answer = await gateway.send('/');
    expect([answer.status, own(answer)]).toEqual([200, { 'x-kong-upstream-status': '418' }]);
  });
});
