import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute, pluginList } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

/** Code that notes that it ran, in a list the plugins share. */
const note = (what: string) =>
  `const list = exchange.shared.get("seen") ?? []; exchange.shared.set("seen", [...list, ${JSON.stringify(what)}]);`;

/** A plugin with code in every phase, each noting the plugin's letter and the phase; the log phase logs the list. */
const everywhere = (letter: string) => ({
  rewrite: [note(`${letter}:rewrite`)],
  access: [note(`${letter}:access`)],
  response: [note(`${letter}:response`)],
  header_filter: [note(`${letter}:header_filter`)],
  body_filter: [`if (last) { ${note(`${letter}:body_filter`)} }`],
  log: [`${note(`${letter}:log`)} kong.log.notice("${letter} ", exchange.shared.get("seen").join(" "));`],
});

describe('phases', () => {
  it('run in Kong’s order, and in each the plugins in the order of their priorities', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([
          { name: 'post-function', config: everywhere('post') },
          { name: 'pre-function', config: everywhere('pre') },
        ]),
    );
    const { status, body } = await gateway.send('/');
    expect({ status, body }).toEqual({ status: 200, body: 'ok' });
    const both = (phase: string) => `pre:${phase} post:${phase}`;
    const before = ['rewrite', 'access', 'response', 'header_filter', 'body_filter'].map(both).join(' ');
    await gateway.untilLogged('post ');
    expect(gateway.logged('notice')).toEqual([`pre ${before} pre:log`, `post ${before} pre:log post:log`]);
  });

  it('run a plugin once, in its most specific configuration: consumer before route before service before global', async () => {
    const upstream = await EchoUpstream.start();
    const says = (text: string) => ({ header_filter: [`kong.response.add_header("x-ran", "${text}")`] });
    const named = (text: string, where: object) => ({ name: 'pre-function', ...where, config: says(text) });
    const gateway = await TestGateway.start(`_format_version: "3.0"
services:
- {name: a, url: "${upstream.url}", routes: [{name: a1, paths: [/a1]}, {name: a2, paths: [/a2]}]}
- {name: b, url: "${upstream.url}", routes: [{name: b1, paths: [/b1]}]}
consumers:
- {username: ann, keyauth_credentials: [{key: ann-key}]}
- {username: bob, keyauth_credentials: [{key: bob-key}]}
${pluginList([
  named('global', {}),
  named('service a', { service: 'a' }),
  named('route a1', { route: 'a1' }),
  named('consumer ann', { consumer: 'ann' }),
  { name: 'key-auth', route: 'a1', config: {} },
  { name: 'key-auth', route: 'b1', config: { anonymous: 'bob' } },
])}`);
    const ran = async (path: string, headers = {}) =>
      (await gateway.send(path, { headers })).headers['x-ran'];
    expect({
      'route of a service with its own': await ran('/a1', { apikey: 'bob-key' }),
      'consumer with its own': await ran('/a1', { apikey: 'ann-key' }),
      'route without its own': await ran('/a2'),
      'service without its own': await ran('/b1'),
      'no route': await ran('/nowhere'),
    }).toEqual({
      'route of a service with its own': 'route a1',
      'consumer with its own': 'consumer ann',
      'route without its own': 'service a',
      'service without its own': 'global',
      'no route': 'global',
    });
  });

  it('skip a disabled plugin', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) + pluginList([{ name: 'request-termination', enabled: false, config: {} }]),
    );
    expect((await gateway.send('/')).status).toBe(200);
  });

  it('end with the plugin that answers: none after it in the phase, no upstream, but the filters and the log', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([
          {
            name: 'pre-function',
            config: { access: ['kong.response.exit(418, "short")', 'kong.log.notice("never")'] },
          },
          {
            name: 'post-function',
            config: {
              access: ['kong.log.notice("never")'],
              header_filter: ['kong.response.set_header("x-filtered", String(exchange.response.isOwn))'],
              body_filter: ['return chunk.length > 0 ? chunk.toString().toUpperCase() : undefined'],
              log: ['kong.log.notice("logged ", kong.response.get_status())'],
            },
          },
        ]),
    );
    const { status, reason, headers, body } = await gateway.send('/');
    expect({ status, reason, body, filtered: headers['x-filtered'] }).toEqual({
      status: 418,
      reason: "I'm a teapot",
      body: 'SHORT',
      filtered: 'true',
    });
    await gateway.untilLogged('logged');
    expect(gateway.logged('notice')).toEqual(['logged 418']);
    expect(upstream.received).toEqual([]);
  });

  it('wait for a plugin that takes its time', async () => {
    const upstream = await EchoUpstream.start((received, response) =>
      response.end(received.headers['x-late']),
    );
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([
          {
            name: 'pre-function',
            config: {
              access: [
                'await new Promise((resolve) => setImmediate(resolve)); kong.service.request.set_header("x-late", "but there")',
              ],
            },
          },
        ]),
    );
    expect((await gateway.send('/')).body).toBe('but there');
  });

  it.each(['rewrite', 'access', 'response'])(
    'answer 500 where a plugin throws in %s, without its words',
    async (phase) => {
      const upstream = await EchoUpstream.start();
      const gateway = await TestGateway.start(
        oneRoute(upstream.url) +
          pluginList([{ name: 'pre-function', config: { [phase]: ['throw new Error("secret")'] } }]),
      );
      const { status, headers, body } = await gateway.send('/');
      expect({ status, body: JSON.parse(body) }).toEqual({
        status: 500,
        body: { message: 'An unexpected error occurred', request_id: headers['x-kong-request-id'] },
      });
      expect(gateway.logged('error')).toContain(`plugin pre-function failed in phase ${phase}: secret`);
    },
  );

  it.each(['header_filter', 'body_filter', 'log'])(
    'send the answer where a plugin throws in %s, and say so in the log',
    async (phase) => {
      const upstream = await EchoUpstream.start();
      const gateway = await TestGateway.start(
        oneRoute(upstream.url) +
          pluginList([{ name: 'pre-function', config: { [phase]: ['throw new Error("oops")'] } }]),
      );
      const { status, body } = await gateway.send('/');
      expect({ status, body }).toEqual({ status: 200, body: 'ok' });
      await gateway.untilLogged('oops');
      expect(gateway.logged('error')[0]).toBe(`plugin pre-function failed in phase ${phase}: oops`);
    },
  );

  it('let the response phase see and replace the whole answer', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.setHeader('x-up', 'yes');
      response.write('one ');
      response.end('two');
    });
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([
          {
            name: 'pre-function',
            config: {
              response: ['exchange.response.body = Buffer.from("[" + exchange.response.body + "]")'],
            },
          },
          {
            name: 'post-function',
            config: {
              response: ['if (kong.request.get_path() === "/no") kong.response.exit(403, {no: true})'],
            },
          },
        ]),
    );
    const kept = await gateway.send('/');
    expect({ status: kept.status, body: kept.body, length: kept.headers['content-length'] }).toEqual({
      status: 200,
      body: '[one two]',
      length: '9',
    });
    const replaced = await gateway.send('/no');
    expect({ status: replaced.status, body: replaced.body, up: replaced.headers['x-up'] }).toEqual({
      status: 403,
      body: '{"no":true}',
      up: undefined,
    });
  });

  it('stream the answer of a route without response_buffering, and skip the response phase', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('ok'));
    const gateway = await TestGateway.start(
      oneRoute(upstream.url, { response_buffering: false }) +
        pluginList([{ name: 'pre-function', config: { response: ['kong.response.exit(500)'] } }]),
    );
    const { status, body } = await gateway.send('/');
    expect({ status, body }).toEqual({ status: 200, body: 'ok' });
  });
});
