import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import type { Answer } from '../../testing/send-request.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

const CONSUMERS = `consumers:
- {username: ann, keyauth_credentials: [{key: ann-1}, {key: ann-2}]}
- {username: bob, keyauth_credentials: [{key: bob-1}]}
`;

/** A gateway with a limit, and perhaps key-auth; years and days are long enough not to end within a test. */
async function start(
  config: object,
  options: { auth?: boolean; env?: Record<string, string> } = {},
): Promise<TestGateway> {
  const upstream = await EchoUpstream.start();
  const limit = { name: 'rate-limiting', config };
  const plugins = options.auth === true ? [limit, { name: 'key-auth', config: {} }] : [limit];
  return TestGateway.start(routeWith(upstream.url, ...plugins) + CONSUMERS, { env: options.env ?? {} });
}

function limitsOf({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /ratelimit|retry-after/.test(name)));
}

/** The statuses of requests that follow one another. */
async function statuses(gateway: TestGateway, requests: readonly (readonly [string, object])[]) {
  const found: number[] = [];
  for (const [path, headers] of requests) {
    found.push((await gateway.send(path, { headers: headers as Record<string, string> })).status);
  }
  return found;
}

const secondsToYearEnd = () => {
  const yearMs = 365 * 86_400_000;
  return Math.ceil((yearMs - (Date.now() % yearMs)) / 1_000);
};

describe('rate-limiting', () => {
  it('counts down, then answers 429 with when to come back', async () => {
    const gateway = await start({ year: 2 });
    const answers = [await gateway.send('/'), await gateway.send('/'), await gateway.send('/')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    const resets = answers.map(({ headers }) => Number(headers['ratelimit-reset']));
    const seconds = secondsToYearEnd();
    for (const reset of resets) {
      expect(reset).toBeGreaterThanOrEqual(seconds);
      expect(reset).toBeLessThanOrEqual(seconds + 60);
    }
    const limits = (remaining: string) => ({
      'ratelimit-limit': '2',
      'ratelimit-remaining': remaining,
      'ratelimit-reset': expect.any(String),
      'x-ratelimit-limit-year': '2',
      'x-ratelimit-remaining-year': remaining,
    });
    expect(answers.map(limitsOf)).toEqual([
      limits('1'),
      limits('0'),
      { ...limits('0'), 'retry-after': String(resets[2]) },
    ]);
    const refused = answers[2]!;
    expect({ type: refused.headers['content-type'], body: JSON.parse(refused.body) }).toEqual({
      type: 'application/json; charset=utf-8',
      body: { message: 'API rate limit exceeded', request_id: refused.headers['x-kong-request-id'] },
    });
  });

  it('tells each period, and of the tightest the longest', async () => {
    const gateway = await start({ day: 2, year: 2, month: 9 });
    await gateway.send('/');
    await gateway.send('/');
    const refused = await gateway.send('/');
    const { 'ratelimit-reset': reset, 'retry-after': retry, ...rest } = limitsOf(refused);
    expect(rest).toEqual({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'x-ratelimit-limit-day': '2',
      'x-ratelimit-remaining-day': '0',
      'x-ratelimit-limit-month': '9',
      'x-ratelimit-remaining-month': '7',
      'x-ratelimit-limit-year': '2',
      'x-ratelimit-remaining-year': '0',
    });
    expect(retry).toBe(reset);
    // Sooner the year's limit would refuse again.
    expect(Number(retry)).toBeGreaterThanOrEqual(secondsToYearEnd());
  });

  it('hides its headers where it is told to', async () => {
    const gateway = await start({ year: 1, hide_client_headers: true });
    const answers = [await gateway.send('/'), await gateway.send('/')];
    expect(answers.map((answer) => [answer.status, limitsOf(answer)])).toEqual([
      [200, {}],
      [429, {}],
    ]);
  });

  it('answers with the status and the words it is given, in the type the client accepts', async () => {
    const gateway = await start({ year: 1, error_code: 503, error_message: 'slowly, please' });
    await gateway.send('/');
    const { status, headers, body } = await gateway.send('/', { headers: { accept: 'text/plain' } });
    expect({ status, body }).toEqual({
      status: 503,
      body: `slowly, please\nrequest_id: ${headers['x-kong-request-id']}\n`,
    });
  });

  it('counts by consumer, whichever key it shows', async () => {
    const gateway = await start({ year: 1 }, { auth: true });
    const keys = ['ann-1', 'ann-2', 'bob-1'].map((apikey) => ['/', { apikey }] as const);
    expect(await statuses(gateway, keys)).toEqual([200, 429, 200]);
  });

  it('counts by credential', async () => {
    const gateway = await start({ year: 1, limit_by: 'credential' }, { auth: true });
    const keys = ['ann-1', 'ann-2', 'ann-1'].map((apikey) => ['/', { apikey }] as const);
    expect(await statuses(gateway, keys)).toEqual([200, 200, 429]);
  });

  it('does not count what key-auth refuses', async () => {
    const gateway = await start({ year: 1, limit_by: 'ip' }, { auth: true });
    expect(
      await statuses(gateway, [
        ['/', { apikey: 'wrong' }],
        ['/', { apikey: 'ann-1' }],
        ['/', { apikey: 'bob-1' }],
      ]),
    ).toEqual([401, 200, 429]);
  });

  it('counts by the address of the client, as a trusted proxy tells it', async () => {
    const env = { KONG_TRUSTED_IPS: '127.0.0.1', KONG_REAL_IP_HEADER: 'X-Forwarded-For' };
    const gateway = await start({ year: 1, limit_by: 'ip' }, { env });
    const from = (address: string) => ['/', { 'x-forwarded-for': address }] as const;
    expect(await statuses(gateway, [from('10.0.0.1'), from('10.0.0.2'), from('10.0.0.1')])).toEqual([
      200, 200, 429,
    ]);
  });

  it('counts by header, and by address where it is missing', async () => {
    const gateway = await start({ year: 1, limit_by: 'header', header_name: 'X-Tenant' });
    const of = (tenant?: string) => ['/', tenant === undefined ? {} : { 'x-tenant': tenant }] as const;
    expect(await statuses(gateway, [of('a'), of('b'), of('a'), of(), of()])).toEqual([
      200, 200, 429, 200, 429,
    ]);
  });

  it('counts by path: those of one path together, the others by address', async () => {
    const gateway = await start({ year: 1, limit_by: 'path', path: '/hot' });
    const paths = ['/hot', '/hot?again', '/other', '/third'].map((path) => [path, {}] as const);
    expect(await statuses(gateway, paths)).toEqual([200, 429, 200, 429]);
  });

  it('counts by service over all its routes', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(`_format_version: "3.0"
services:
- {name: a, url: "${upstream.url}", routes: [{paths: [/a1]}, {paths: [/a2]}]}
- {name: b, url: "${upstream.url}", routes: [{paths: [/b]}]}
plugins:
- {name: rate-limiting, config: {year: 1, limit_by: service}}
`);
    expect(
      await statuses(gateway, [
        ['/a1', {}],
        ['/a2', {}],
        ['/b', {}],
      ]),
    ).toEqual([200, 429, 200]);
  });
});
