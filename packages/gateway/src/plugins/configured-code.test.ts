import { describe, expect, it } from 'vitest';
import { checkConfig } from '../config/check-config.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

const pre = (config: object) => ({ name: 'pre-function', config });

describe('pre-function and post-function', () => {
  it('read the request through Kong’s names', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({
          access: [
            `const { request, client, router } = kong;
             kong.response.exit(200, {
               method: request.get_method(), scheme: request.get_scheme(), host: request.get_host(),
               path: request.get_path(), query: request.get_raw_query(), arg: request.get_query_arg("b"),
               args: request.get_query(), header: request.get_header("X-One"), none: request.get_header("x-none"),
               one: request.get_headers()["x-one"], id: request.get_id(), ip: client.get_ip(), consumer: client.get_consumer(),
               credential: client.get_credential(), route: router.get_route().name, service: router.get_service().name,
             })`,
          ],
        }),
      ),
    );
    const { headers, body } = await gateway.send('/p/q?a=1&b=%C3%A9', {
      headers: { host: 'api.test:8000', 'X-One': 'yes' },
    });
    expect(JSON.parse(body)).toEqual({
      method: 'GET',
      scheme: 'http',
      host: 'api.test',
      path: '/p/q',
      query: 'a=1&b=%C3%A9',
      arg: 'é',
      args: { a: '1', b: 'é' },
      header: 'yes',
      none: null,
      one: 'yes',
      id: headers['x-kong-request-id'],
      ip: '127.0.0.1',
      consumer: null,
      credential: null,
      route: 'all',
      service: 'up',
    });
  });

  it('change what the upstream gets', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({
          access: [
            `const { request } = kong.service;
             request.set_method("put"); request.set_path("/changed"); request.set_raw_query("x=1");
             request.set_header("X-One", "set"); request.add_header("X-One", "added"); request.clear_header("X-Two");
             request.set_header("X-Text", "naïve");`,
          ],
        }),
      ),
    );
    await gateway.send('/p?a=1', { headers: { 'x-one': 'was', 'x-two': 'was' } });
    const { method, target, headers } = upstream.only;
    expect({ method, target, one: headers['x-one'], two: headers['x-two'] }).toEqual({
      method: 'PUT',
      target: '/changed?x=1',
      one: 'set, added',
      two: undefined,
    });
    expect(Buffer.from(headers['x-text']!, 'latin1').toString()).toBe('naïve');
  });

  it('change what the client gets', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.writeHead(201, { 'x-up': 'yes', 'x-gone': 'yes' });
      response.end('body');
    });
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({
          header_filter: [
            `const { response } = kong;
             response.set_header("X-Was", response.get_status() + " " + response.get_header("X-Up"));
             response.set_status(202); response.add_header("X-Up", "more"); response.clear_header("X-Gone");`,
          ],
          body_filter: [
            'return chunk.toString().toUpperCase()',
            'return last ? Buffer.concat([chunk, Buffer.from("!")]) : null',
          ],
        }),
      ),
    );
    const { status, reason, headers, body } = await gateway.send('/');
    const { 'x-was': was, 'x-up': up, 'x-gone': gone } = headers;
    expect({ status, reason, was, up, gone, body }).toEqual({
      status: 202,
      reason: 'Accepted',
      was: '201 yes',
      up: 'yes, more',
      gone: undefined,
      body: 'BODY!',
    });
  });

  it('end with the entry that answers', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({ access: ['kong.response.exit(401, "first", {"X-By": "one"})', 'kong.response.exit(402)'] }),
      ),
    );
    const { status, headers, body } = await gateway.send('/');
    expect({ status, by: headers['x-by'], body }).toEqual({ status: 401, by: 'one', body: 'first' });
  });

  it('answer with an error in the type the client accepts', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(upstream.url, pre({ access: ['kong.response.error(403, "not you", {"X-By": "one"})'] })),
    );
    const { status, headers, body } = await gateway.send('/', { headers: { accept: 'text/plain' } });
    expect({ status, by: headers['x-by'], body }).toEqual({
      status: 403,
      by: 'one',
      body: `not you\nrequest_id: ${headers['x-kong-request-id']}\n`,
    });
  });

  it.each([
    'kong.service.request.set_header("X-A", "b\\r\\nX-Forged: yes")',
    'kong.service.request.set_header("X A", "b")',
    'kong.service.request.add_header("X-A", "b\\u0000")',
    'kong.service.request.set_path("/a b")',
    'kong.service.request.set_path("/a HTTP/1.1\\r\\nX-Forged: yes")',
    'kong.service.request.set_raw_query("a\\r\\n")',
    'kong.service.request.set_method("GET /")',
    'kong.response.exit(200, "", {"X-A": "b\\r\\nX-Forged: yes"})',
    'kong.response.exit(99)',
    'kong.response.exit("200")',
  ])('can’t write what would break the message: %s', async (code) => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(routeWith(upstream.url, pre({ access: [code] })));
    const { status, headers } = await gateway.send('/');
    expect({ status, forged: headers['x-forged'] }).toEqual({ status: 500, forged: undefined });
    expect(upstream.received).toEqual([]);
  });

  it.each([
    'kong.response.set_header("X-A", "b\\r\\nX-Forged: yes")',
    'kong.response.add_header("X-A\\r\\nX-Forged", "yes")',
    'kong.response.set_status(1000)',
  ])('can’t write what would break the answer: %s', async (code) => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(routeWith(upstream.url, pre({ header_filter: [code] })));
    const { status, headers, body } = await gateway.send('/');
    expect({ status, forged: headers['x-forged'], body }).toEqual({
      status: 200,
      forged: undefined,
      body: 'ok',
    });
    expect(gateway.logged('error')).toHaveLength(1);
  });

  it('share values with each other and with later phases', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(upstream.url, pre({ access: ['kong.ctx.shared.set("who", "pre")'] }), {
        name: 'post-function',
        config: { header_filter: ['kong.response.set_header("X-Who", kong.ctx.shared.get("who"))'] },
      }),
    );
    const answers = await Promise.all([gateway.send('/'), gateway.send('/')]);
    expect(answers.map(({ headers }) => headers['x-who'])).toEqual(['pre', 'pre']);
  });

  it('log at the level they name', async () => {
    const upstream = await EchoUpstream.start();
    const code = ['debug', 'info', 'notice', 'warn', 'err'].map(
      (name) => `kong.log.${name}("at ", "${name}");`,
    );
    const gateway = await TestGateway.start(
      routeWith(upstream.url, pre({ access: [`${code.join(' ')} kong.log("plain ", 1)`] })),
      { logLevel: 'debug' },
    );
    await gateway.send('/');
    const said = gateway.lines.filter(({ message }) => /^(at|plain) /.test(message));
    expect(said.map(({ level, type, message }) => `${level} ${type} ${message}`)).toEqual([
      'debug plugin at debug',
      'info plugin at info',
      'notice plugin at notice',
      'warn plugin at warn',
      'error plugin at err',
      'notice plugin plain 1',
    ]);
  });

  it('run in the certificate phase, once a connection', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({ certificate: ['if (exchange.serverName !== "good.test") throw new Error("no such name")'] }),
      ),
    );
    expect((await gateway.send('/', { tls: { servername: 'good.test' } })).status).toBe(200);
    await expect(gateway.send('/', { tls: { servername: 'bad.test' } })).rejects.toThrow();
    // A client that names no server at all is no exception.
    await expect(gateway.send('/', { tls: { servername: '' } })).rejects.toThrow();
    const failed = 'plugin pre-function failed in phase certificate: no such name';
    expect(gateway.logged('error')).toEqual([failed, failed]);
  });

  it('are refused, and answer 500, on a node with KONG_UNTRUSTED_LUA=off', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        pre({
          access: ['kong.response.exit(200, "it ran")'],
          certificate: ['throw new Error("it ran")'],
          rewrite: ['kong.response.exit(200, "it ran")'],
        }),
      ),
      { env: { KONG_UNTRUSTED_LUA: 'off' } },
    );
    const { status, headers, body } = await gateway.send('/');
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 500,
      body: { message: 'An unexpected error occurred', request_id: headers['x-kong-request-id'] },
    });
    expect(gateway.logged('error')[0]).toBe(
      'plugin pre-function failed in phase access: pre-function: code from the configuration is forbidden on this node (untrusted_lua = off)',
    );
    expect(upstream.received).toEqual([]);
  });

  it('are checked when the configuration is loaded', () => {
    const check = checkConfig(
      `_format_version: "3.0"
plugins:
- name: pre-function
  config:
    access: ["return 1", "if ("]
    header_filter: ["await kong"]
`,
    );
    expect(check.ok ? [] : check.errors).toEqual([
      {
        message: "not the body of a JavaScript function: Unexpected token '}'",
        path: 'plugins[0].config.access[1]',
        line: 5,
        column: 26,
      },
      {
        message: expect.stringMatching(/^not the body of a JavaScript function: await is only valid/),
        path: 'plugins[0].config.header_filter[0]',
        line: 6,
        column: 21,
      },
    ]);
  });
});
