import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

const CONSUMERS = `consumers:
- username: ann
  custom_id: a-1
  keyauth_credentials: [{id: 11111111-1111-4111-8111-111111111111, key: ann-key}]
- {id: 22222222-2222-4222-8222-222222222222, custom_id: b-2, keyauth_credentials: [{key: "b&b=2"}]}
- {id: 33333333-3333-4333-8333-333333333333, username: guest}
`;

async function start(config: object = {}): Promise<{ gateway: TestGateway; upstream: EchoUpstream }> {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'key-auth', config }) + CONSUMERS);
  return { gateway, upstream };
}

/** What the upstream is told about who asks. */
function identityOf({ headers }: { headers: Readonly<Record<string, string>> }): object {
  const names = ['consumer-id', 'consumer-custom-id', 'consumer-username', 'credential-identifier'];
  return Object.fromEntries(
    [...names, 'anonymous-consumer'].map((name) => [name, headers[`x-${name}`] ?? null]),
  );
}

describe('key-auth', () => {
  it('takes the key from a header, and tells the upstream whose it is', async () => {
    const { gateway, upstream } = await start();
    const { status } = await gateway.send('/', { headers: { apikey: 'ann-key' } });
    expect(status).toBe(200);
    expect(identityOf(upstream.only)).toEqual({
      'consumer-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'consumer-custom-id': 'a-1',
      'consumer-username': 'ann',
      'credential-identifier': '11111111-1111-4111-8111-111111111111',
      'anonymous-consumer': null,
    });
  });

  it('takes the key from the query, decoded', async () => {
    const { gateway, upstream } = await start();
    expect((await gateway.send('/?x=1&apikey=b%26b%3D2')).status).toBe(200);
    expect(upstream.only.target).toBe('/?x=1&apikey=b%26b%3D2');
    expect(identityOf(upstream.only)).toMatchObject({
      'consumer-id': '22222222-2222-4222-8222-222222222222',
      'consumer-custom-id': 'b-2',
      'consumer-username': null,
    });
  });

  it('does not let a client say who it is', async () => {
    const { gateway, upstream } = await start();
    const forged = {
      'X-Consumer-ID': 'root',
      'X-Consumer-Username': 'root',
      'X-Credential-Identifier': 'root',
      'X-Anonymous-Consumer': 'true',
    };
    await gateway.send('/', { headers: { ...forged, apikey: 'b&b=2' } });
    expect(identityOf(upstream.only)).toEqual({
      'consumer-id': '22222222-2222-4222-8222-222222222222',
      'consumer-custom-id': 'b-2',
      'consumer-username': null,
      'credential-identifier': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'anonymous-consumer': null,
    });
  });

  it.each([
    ['no key', '/', {}, 'No API key found in request'],
    ['an empty key in a header', '/', { apikey: '' }, 'No API key found in request'],
    ['an empty key in the query', '/?apikey=', {}, 'No API key found in request'],
    ['a wrong key', '/', { apikey: 'ann-keY' }, 'Unauthorized'],
    ['two keys in headers', '/', { apikey: ['ann-key', 'ann-key'] }, 'Duplicate API key found'],
    ['two keys in the query', '/?apikey=ann-key&apikey=x', {}, 'Duplicate API key found'],
    ['the key under another name', '/', { 'x-api-key': 'ann-key' }, 'No API key found in request'],
  ])('answers 401 to %s', async (_, path, headers, message) => {
    const { gateway, upstream } = await start();
    const answer = await gateway.send(path, { headers });
    expect({
      status: answer.status,
      challenge: answer.headers['www-authenticate'],
      type: answer.headers['content-type'],
      body: JSON.parse(answer.body),
    }).toEqual({
      status: 401,
      challenge: 'Key',
      type: 'application/json; charset=utf-8',
      body: { message, request_id: answer.headers['x-kong-request-id'] },
    });
    expect(upstream.received).toEqual([]);
  });

  it('answers in the type the client accepts', async () => {
    const { gateway } = await start();
    const { headers, body } = await gateway.send('/', { headers: { accept: 'text/plain' } });
    expect({ type: headers['content-type'], body }).toEqual({
      type: 'text/plain; charset=utf-8',
      body: `No API key found in request\nrequest_id: ${headers['x-kong-request-id']}\n`,
    });
  });

  it('names its realm', async () => {
    const { gateway } = await start({ realm: 'the "inner" shop' });
    const { headers } = await gateway.send('/');
    expect(headers['www-authenticate']).toBe('Key realm="the inner shop"');
  });

  it('looks for the names in their order, in header and query each', async () => {
    const { gateway, upstream } = await start({ key_names: ['X-First', 'second'] });
    const statuses = await Promise.all([
      gateway.send('/?second=nobody', { headers: { 'x-first': 'ann-key' } }),
      gateway.send('/', { headers: { SECOND: 'ann-key' } }),
      gateway.send('/?X-First=ann-key', { headers: { second: 'nobody' } }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(upstream.received).toHaveLength(3);
  });

  it.each([
    ['key_in_header', { key_in_header: false }, '/', { apikey: 'ann-key' }],
    ['key_in_query', { key_in_query: false }, '/?apikey=ann-key', {}],
  ])('looks only where %s lets it', async (_, config, path, headers) => {
    const { gateway } = await start(config);
    expect((await gateway.send(path, { headers })).status).toBe(401);
  });

  it('hides the key from the upstream, wherever it stood', async () => {
    const { gateway, upstream } = await start({ hide_credentials: true });
    await gateway.send('/p?a=1&apikey=ann-key&b=2', {
      headers: { apikey: 'ann-key', 'x-api-key': 'another' },
    });
    const { target, headers } = upstream.only;
    expect(headers['x-forwarded-path']).toBe('/p');
    expect({ target, apikey: headers['apikey'], other: headers['x-api-key'] }).toEqual({
      target: '/p?a=1&b=2',
      apikey: undefined,
      other: 'another',
    });
  });

  it('lets a request without a key through as the anonymous consumer, whatever it says of itself', async () => {
    const { gateway, upstream } = await start({ anonymous: '33333333-3333-4333-8333-333333333333' });
    const forged = { 'x-credential-identifier': 'root', 'x-consumer-custom-id': 'root', apikey: 'wrong' };
    expect((await gateway.send('/', { headers: forged })).status).toBe(200);
    expect(identityOf(upstream.only)).toEqual({
      'consumer-id': '33333333-3333-4333-8333-333333333333',
      'consumer-custom-id': null,
      'consumer-username': 'guest',
      'credential-identifier': null,
      'anonymous-consumer': 'true',
    });
  });

  it('refuses where the anonymous consumer does not exist', async () => {
    const { gateway } = await start({ anonymous: 'nobody' });
    expect((await gateway.send('/')).status).toBe(401);
  });

  it('lets a preflight pass where it is told to', async () => {
    const asked = await start();
    expect((await asked.gateway.send('/', { method: 'OPTIONS' })).status).toBe(401);
    const passed = await start({ run_on_preflight: false });
    expect((await passed.gateway.send('/', { method: 'OPTIONS' })).status).toBe(200);
    expect((await passed.gateway.send('/')).status).toBe(401);
  });
});
