import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { treeBelow } from '../../testing/io-plugin.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { TokenProvider } from '../../testing/token-provider.ts';
import { traced } from '../../testing/trace-collector.ts';
import { bundledPlugins } from '../registry.ts';

const CONSUMERS = 'consumers:\n- {username: gateway, custom_id: c-1}\n- {username: nobody}\n';

async function start(config: object = {}) {
  const provider = await TokenProvider.start();
  const upstream = await EchoUpstream.start();
  const plugin = {
    name: 'openid-connect',
    config: { issuer: provider.issuer, auth_methods: ['bearer'], ...config },
  };
  const gateway = await TestGateway.start(routeWith(upstream.url, plugin) + CONSUMERS, { logLevel: 'debug' });
  /** Statuses of requests with these tokens, one after the other. */
  const statuses = async (...tokens: readonly string[]) => {
    const found: number[] = [];
    for (const token of tokens)
      found.push((await gateway.send('/', { headers: { authorization: `Bearer ${token}` } })).status);
    return found;
  };
  return { provider, upstream, gateway, statuses };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const introspection = () => ({
  auth_methods: ['introspection'],
  client_id: ['gateway'],
  client_secret: ['gateway: s3cret'],
});

describe('openid-connect with bearer tokens', () => {
  it('lets a token of the provider pass, and tells the upstream whose it is', async () => {
    const { provider, upstream, gateway } = await start({
      consumer_claim: ['sub'],
      upstream_headers_claims: ['plan', 'realm_access', 'absent'],
      upstream_headers_names: ['X-Plan', 'X-Access', 'X-Absent'],
      downstream_headers_claims: ['plan'],
      downstream_headers_names: ['X-Your-Plan'],
    });
    const token = await provider.token('jwt');
    const answer = await gateway.send('/', {
      headers: { authorization: `Bearer ${token}`, 'x-absent': 'forged', 'x-consumer-username': 'forged' },
    });
    expect([answer.status, answer.headers['x-your-plan']]).toEqual([200, 'gold']);
    const { headers } = upstream.only;
    expect(headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'x-consumer-username': 'gateway',
      'x-consumer-custom-id': 'c-1',
      'x-credential-identifier': 'gateway',
      'x-plan': 'gold',
      'x-access': Buffer.from('{"roles":["clerk"]}').toString('base64'),
    });
    expect(headers).not.toHaveProperty('x-absent');
  });

  it('asks the provider once for all', async () => {
    const { provider, gateway, statuses } = await start();
    const token = await provider.token('jwt');
    const answers = await Promise.all([1, 2, 3].map(() => gateway.send('/', bearer(token))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await statuses(token)).toEqual([200]);
    expect(provider.asked.filter((one) => one.startsWith('GET'))).toEqual([
      'GET /.well-known/openid-configuration',
      'GET /jwks',
    ]);
  });

  it('answers 401 as Kong does, without a token and with a bad one', async () => {
    const { provider, gateway } = await start();
    const realm = `Bearer realm="${new URL(provider.issuer).host}"`;
    const none = await gateway.send('/');
    expect([none.status, none.headers['www-authenticate'], JSON.parse(none.body)]).toEqual([
      401,
      realm,
      { message: 'Unauthorized', request_id: none.headers['x-kong-request-id'] },
    ]);
    const bad = await gateway.send('/', bearer('a.b.c'));
    expect([bad.status, bad.headers['www-authenticate']]).toEqual([401, `${realm}, error="invalid_token"`]);
    const basic = await gateway.send('/', { headers: { authorization: 'Basic YTpi' } });
    expect(basic.status).toBe(401);
  });

  it('believes no token that is forged, from elsewhere, too old or too young', async () => {
    const { provider, statuses } = await start();
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const claims = { iss: provider.issuer, sub: 'somebody else', exp: nowSeconds + 600 };
    const good = await provider.sign({});
    const [head, , signature] = good.split('.');
    const unsigned = [{ alg: 'none' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const secret = new TextEncoder().encode('k'.repeat(32));
    expect(
      await statuses(
        good,
        await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: provider.kid }).sign(privateKey),
        await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: provider.kid }).sign(secret),
        `${unsigned.join('.')}.`,
        `${head}.${unsigned[1]}.${signature}`,
        await provider.sign({ iss: 'https://elsewhere.test' }),
        await provider.sign({ exp: nowSeconds - 60 }),
        await provider.sign({ nbf: nowSeconds + 60 }),
        'opaque-token',
      ),
    ).toEqual([200, 401, 401, 401, 401, 401, 401, 401, 401]);
  });

  it('takes clocks that differ by no more than the leeway, and other issuers where it is told to', async () => {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const { provider, statuses } = await start({ leeway: 900, issuers_allowed: ['https://elsewhere.test'] });
    expect(
      await statuses(
        await provider.sign({ iss: 'https://elsewhere.test', exp: nowSeconds - 60 }),
        await provider.sign({}),
      ),
    ).toEqual([200, 401]);
  });

  it('follows a provider that changes its keys, but does not ask again with each token', async () => {
    const eager = await start({ rediscovery_lifetime: 0 });
    const before = await eager.provider.token('jwt');
    expect(await eager.statuses(before)).toEqual([200]);
    eager.provider.rotateKeys();
    expect(await eager.statuses(await eager.provider.token('jwt'), before)).toEqual([200, 401]);
    const lazy = await start();
    await lazy.statuses(await lazy.provider.token('jwt'));
    const asked = lazy.provider.asked.length;
    const strange = await Promise.all(['x', 'y', 'z'].map((kid) => lazy.provider.sign({}, { kid })));
    expect(await lazy.statuses(...strange)).toEqual([401, 401, 401]);
    expect(lazy.provider.asked.length).toBe(asked);
  });

  it('wants scopes, audience and roles', async () => {
    const { provider, gateway, statuses } = await start({
      scopes_required: ['orders:read orders:write'],
      audience_required: ['urn:orders'],
      roles_required: ['clerk'],
      roles_claim: ['realm_access', 'roles'],
    });
    const both = await provider.token('jwt', 'orders:read orders:write');
    const one = await provider.token('jwt', 'orders:read');
    expect(await statuses(both)).toEqual([200]);
    const refused = await gateway.send('/', bearer(one));
    expect([refused.status, JSON.parse(refused.body).message, refused.headers['www-authenticate']]).toEqual([
      403,
      'Forbidden',
      `Bearer realm="${new URL(provider.issuer).host}", error="insufficient_scope"`,
    ]);
  });

  it('lets nobody pass who is no consumer, unless one may be anybody', async () => {
    const unknown = await start({ consumer_claim: ['plan'] });
    expect(await unknown.statuses(await unknown.provider.token('jwt'))).toEqual([403]);
    const optional = await start({ consumer_claim: ['plan'], consumer_optional: true });
    expect(await optional.statuses(await optional.provider.token('jwt'))).toEqual([200]);
    expect(optional.upstream.only.headers).not.toHaveProperty('x-consumer-username');
    const anonymous = await start({ anonymous: 'nobody' });
    expect((await anonymous.gateway.send('/')).status).toBe(200);
    expect(anonymous.upstream.only.headers).toMatchObject({
      'x-consumer-username': 'nobody',
      'x-anonymous-consumer': 'true',
    });
  });

  it('finds tokens in the query and in cookies, and hides them', async () => {
    const { provider, upstream, gateway } = await start({
      bearer_token_param_type: ['query', 'cookie'],
      bearer_token_cookie_name: 'token',
      hide_credentials: true,
    });
    const token = await provider.token('jwt');
    const answers = [
      await gateway.send(`/a?x=1&access_token=${token}&y=2`),
      await gateway.send('/b', { headers: { cookie: `one=1; token=${token}` } }),
      await gateway.send('/c', bearer(token)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401]);
    expect(
      upstream.received.map(({ target, headers }) => [target, headers['cookie'], headers['authorization']]),
    ).toEqual([
      ['/a?x=1&y=2', undefined, undefined],
      ['/b', 'one=1', undefined],
    ]);
  });
});

describe('openid-connect with introspection', () => {
  it('asks the provider about each token, and remembers good ones', async () => {
    const { provider, statuses, upstream } = await start({
      ...introspection(),
      consumer_claim: ['client_id'],
      upstream_introspection_header: 'X-Introspection',
    });
    const token = await provider.token('opaque');
    expect(await statuses(token, token, 'made-up', 'made-up')).toEqual([200, 200, 401, 401]);
    expect(provider.asked.filter((one) => one === 'POST /token/introspection')).toHaveLength(3);
    const { headers } = upstream.received[0]!;
    expect(headers['x-consumer-username']).toBe('gateway');
    expect(JSON.parse(Buffer.from(headers['x-introspection']!, 'base64').toString())).toMatchObject({
      active: true,
      client_id: 'gateway',
    });
  });

  it('sees a revoked token at once where nothing is to be remembered', async () => {
    const { provider, statuses } = await start({
      ...introspection(),
      cache_introspection: false,
      client_auth: ['client_secret_post'],
    });
    const token = await provider.token('opaque');
    expect(await statuses(token)).toEqual([200]);
    await provider.revoke(token);
    expect(await statuses(token)).toEqual([401]);
  });

  it('answers 500 where the provider does not know the gateway', async () => {
    const { provider, gateway, statuses } = await start({ ...introspection(), client_auth: ['none'] });
    expect(await statuses(await provider.token('opaque'))).toEqual([500]);
    await gateway.untilLogged('/token/introspection: answered with 401');
  });

  it('checks signed tokens by keys and asks about the others', async () => {
    const { provider, statuses } = await start({
      ...introspection(),
      auth_methods: ['bearer', 'introspection'],
    });
    expect(await statuses(await provider.token('jwt'), await provider.token('opaque'))).toEqual([200, 200]);
    expect(provider.asked.filter((one) => one === 'POST /token/introspection')).toHaveLength(1);
  });
});

describe('openid-connect and its provider', () => {
  it('shows each call below its span, without tokens or the secret', async () => {
    const { provider, gateway } = await start({
      ...introspection(),
      auth_methods: ['bearer', 'introspection'],
    });
    const tokens = [await provider.token('jwt'), await provider.token('opaque')];
    const collector = await traced(gateway);
    for (const token of tokens) await gateway.send('/', bearer(token));
    const traces = await collector.until(2);
    for (const trace of traces) expectWhole(trace);
    const trees = traces.map(({ spans }) =>
      treeBelow(
        spans,
        'kong.access.plugin.openid-connect',
        'http.request.method',
        'http.response.status_code',
      ),
    );
    expect(trees).toEqual([
      [
        'kong.io.http.request GET 200',
        '  kong.io.http.connect',
        '    kong.dns',
        'kong.io.http.request GET 200',
        '  kong.io.http.connect',
        '    kong.dns',
      ],
      ['kong.io.http.request POST 200'],
    ]);
    const bytes = Buffer.concat(traces.map((trace) => trace.bytes)).toString('latin1');
    expect([...tokens, 's3cret'].filter((secret) => bytes.includes(secret))).toEqual([]);
  });

  it('shows a slow provider where it belongs', async () => {
    const { provider, gateway } = await start();
    const token = await provider.sign({});
    provider.hold = () => delay(300);
    const collector = await traced(gateway);
    await gateway.send('/', bearer(token));
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const ms = trace!.spans
      .filter(({ name }) => name === 'kong.io.http.request')
      .map((span) => Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano)) / 1e6);
    // A timer may be a little early by this clock.
    expect(ms.map((one) => one >= 295)).toEqual([true, true]);
    const { attributes } = trace!.spans[0]!;
    const [total, internal] = ['total', 'internal'].map(
      (part) => attributes[`proxy.kong.latency.${part}`] as number,
    );
    expect(total! - internal!).toBeGreaterThan(590);
  });

  it('tells each decision at debug', async () => {
    const { provider, gateway, statuses } = await start({ consumer_claim: ['sub'] });
    await statuses(await provider.token('jwt'), 'opaque');
    const lines = gateway
      .logged('debug')
      .filter((line) => /token|provider|authenticated|let pass/.test(line));
    expect(lines).toEqual([
      'a bearer token is in header',
      'the provider and its keys were discovered',
      'the token’s signature, issuer and times are good',
      'consumer gateway authenticated',
      'a bearer token is in header',
      'not let pass: the token is no signed JWT, and introspection is not among auth_methods',
    ]);
  });

  it('answers 500 where it can’t be asked, and goes on with what it said before', async () => {
    const { provider, gateway, statuses } = await start({ cache_ttl: 0, rediscovery_lifetime: 0 });
    const token = await provider.token('jwt');
    expect(await statuses(token)).toEqual([200]);
    await provider.close();
    expect(await statuses(token)).toEqual([200]);
    await gateway.untilLogged('what it said before stays in use');
    const never = await start();
    const early = await never.provider.sign({});
    await never.provider.close();
    const answer = await never.gateway.send('/', bearer(early));
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([500, 'An unexpected error occurred']);
    await never.gateway.untilLogged('the identity provider can’t be asked'.replace('’', "'"));
  });

  it('gives up a provider that does not answer in time', async () => {
    const { provider, gateway } = await start({ timeout: 200 });
    const token = await provider.sign({});
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    provider.hold = () => held;
    expect((await gateway.send('/', bearer(token))).status).toBe(500);
    release();
  });
});

describe('openid-connect’s configuration', () => {
  const errorsOf = (config: object) => {
    const loaded = loadConfig(
      routeWith('http://127.0.0.1:1', {
        name: 'openid-connect',
        config: { issuer: 'http://id.test', ...config },
      }),
      bundledPlugins,
    );
    return loaded.ok ? [] : loaded.errors.map(({ message }) => message);
  };

  it('says what is not supported, and what is missing', () => {
    expect(errorsOf({})[0]).toContain('name the methods: bearer, introspection or both');
    expect(errorsOf({ auth_methods: ['bearer', 'session'] })[0]).toContain('session is not supported');
    expect(errorsOf({ auth_methods: ['introspection'] })[0]).toContain('introspection needs a client_id');
    const refused = {
      redirect_uri: ['http://x.test'],
      verify_signature: false,
      bearer_token_param_type: ['body'],
    };
    expect(errorsOf({ auth_methods: ['bearer'], ...refused })).toEqual([
      expect.stringContaining('tokens in bodies are not supported'),
      expect.stringContaining('not supported by this gateway but for true'),
      expect.stringContaining('not supported by this gateway: leave it out'),
    ]);
    expect(errorsOf({ auth_methods: ['bearer'], isuer: 'x', issuer: 'id.test' })).toEqual([
      expect.stringContaining('unknown field isuer'),
      expect.stringContaining('begins with http://'),
    ]);
  });

  it('takes Kong’s defaults of what it does not do', () => {
    expect(
      errorsOf({
        auth_methods: ['bearer'],
        verify_signature: true,
        scopes: ['openid'],
        http_version: 1.1,
        redirect_uri: null,
      }),
    ).toEqual([]);
  });
});
