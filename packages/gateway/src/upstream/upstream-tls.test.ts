import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { A_TEST, AUTHORITY, B_TEST } from '../../../http1/src/testing/certificates.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { kongYml } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'gatescope-pem-')), name);
  writeFileSync(path, text);
  return path;
}

const TRUSTING = { KONG_LUA_SSL_TRUSTED_CERTIFICATE: file('ca.pem', AUTHORITY) };

/** An upstream behind TLS that answers `ok` to every request, and the sockets it accepted. */
async function secured(options: TlsOptions = A_TEST) {
  const sockets: TLSSocket[] = [];
  const upstream = await ScriptedUpstream.start(async (peer) => {
    sockets.push(peer.socket as TLSSocket);
    for (let count = 1; ; count++) {
      await peer.holding('\r\n\r\n', count);
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  }, options);
  return { port: upstream.target.port, sockets, upstream };
}

/** A gateway whose service speaks TLS to an upstream of this name. */
function before(port: number, name: string, service: object = {}, env: Record<string, string> = {}) {
  return TestGateway.start(
    `_format_version: "3.0"
services:
- ${JSON.stringify({ name: 's', protocol: 'https', host: name, retries: 0, ...service, routes: [{ paths: ['/'] }] })}
upstreams:
- {name: ${name}, targets: [{target: "127.0.0.1:${port}"}]}
`,
    { env },
  );
}

describe('an upstream behind TLS', () => {
  it('is told the name it is asked for, and HTTP/1.1 by ALPN', async () => {
    const { port, sockets } = await secured({ ...A_TEST, ALPNProtocols: ['h2', 'http/1.1'] });
    const gateway = await before(port, 'a.test');
    expect((await gateway.send('/')).body).toBe('ok');
    const [socket] = sockets as (TLSSocket & { servername?: string })[];
    expect([socket!.servername, socket!.alpnProtocol]).toEqual(['a.test', 'http/1.1']);
  });

  it.each([
    ['not verified where nothing says so', 'b.test', {}, {}, 200],
    ['verified where the service says so', 'a.test', { tls_verify: true }, TRUSTING, 200],
    [
      'verified where the settings say so',
      'a.test',
      {},
      { ...TRUSTING, KONG_NGINX_PROXY_PROXY_SSL_VERIFY: 'on' },
      200,
    ],
    ['refused for a name it does not have', 'b.test', { tls_verify: true }, TRUSTING, 502],
    ['refused from an authority nobody trusts', 'a.test', { tls_verify: true }, {}, 502],
    [
      'refused where the settings say so',
      'b.test',
      {},
      { ...TRUSTING, KONG_NGINX_PROXY_PROXY_SSL_VERIFY: 'on' },
      502,
    ],
    [
      'not verified where the service says not to, whatever the settings say',
      'b.test',
      { tls_verify: false },
      { KONG_NGINX_PROXY_PROXY_SSL_VERIFY: 'on' },
      200,
    ],
  ])('is %s', async (_, name, service, env, status) => {
    const { port } = await secured();
    const gateway = await before(port, name, service, env as Record<string, string>);
    expect((await gateway.send('/')).status).toBe(status);
  });

  it('is verified by its address where it is addressed by it', async () => {
    const service = (port: number) => `_format_version: "3.0"
services:
- {name: s, url: "https://127.0.0.1:${port}", tls_verify: true, retries: 0, routes: [{paths: [/]}]}
`;
    const [good, bad] = await Promise.all([secured(A_TEST), secured(B_TEST)]);
    const statuses = await Promise.all(
      [good, bad].map(async ({ port }) => {
        const gateway = await TestGateway.start(service(port), { env: TRUSTING });
        return (await gateway.send('/')).status;
      }),
    );
    expect(statuses).toEqual([200, 502]);
  });

  it('is not reached through a connection that was opened without verifying it', async () => {
    const { port } = await secured();
    const gateway = await TestGateway.start(
      `_format_version: "3.0"
services:
- {name: careless, protocol: https, host: b.test, retries: 0, routes: [{paths: [/careless]}]}
- {name: careful, protocol: https, host: b.test, tls_verify: true, retries: 0, routes: [{paths: [/careful]}]}
upstreams:
- {name: b.test, targets: [{target: "127.0.0.1:${port}"}]}
`,
      { env: TRUSTING },
    );
    const statuses = [await gateway.send('/careless'), await gateway.send('/careful')];
    expect(statuses.map(({ status }) => status)).toEqual([200, 502]);
  });

  it('is shown the certificate of the settings where it asks for one', async () => {
    const asks = { ...A_TEST, requestCert: true, ca: AUTHORITY };
    const { port, sockets } = await secured(asks);
    const env = {
      KONG_CLIENT_SSL: 'on',
      KONG_CLIENT_SSL_CERT: file('client.pem', B_TEST.cert),
      KONG_CLIENT_SSL_CERT_KEY: file('client.key', B_TEST.key),
    };
    expect((await (await before(port, 'a.test', {}, env)).send('/')).status).toBe(200);
    expect(sockets[0]!.getPeerCertificate().subject.CN).toBe('b.test');
    const anonymous = await before(port, 'a.test');
    expect((await anonymous.send('/')).status).toBe(502);
  });

  it('is judged by, and shown, what its service says of its own, and shares no connection with others', async () => {
    const { port, sockets } = await secured({ ...A_TEST, requestCert: true, ca: AUTHORITY });
    const service = (name: string, fields: object) => ({
      ...{ name, protocol: 'https', host: 'a.test', retries: 0, tls_verify: true },
      ...{ routes: [{ paths: [`/${name}`] }], ...fields },
    });
    const [ca, shown] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const own = { ca_certificates: [ca], client_certificate: { id: shown } };
    const gateway = await TestGateway.start(
      kongYml({
        services: [
          service('own', { ...own, tls_verify_depth: 0 }),
          service('untrusting', { client_certificate: shown }),
          service('anonymous', { ca_certificates: [ca] }),
        ],
        upstreams: [{ name: 'a.test', targets: [{ target: `127.0.0.1:${port}` }] }],
        ca_certificates: [{ id: ca, cert: AUTHORITY }],
        certificates: [{ id: shown, ...B_TEST }],
      }),
    );
    const collector = await traced(gateway);
    const statuses = [];
    for (const path of ['/own', '/untrusting', '/anonymous'])
      statuses.push((await gateway.send(path)).status);
    expect(statuses).toEqual([200, 502, 502]);
    expect(sockets[0]!.getPeerCertificate().subject.CN).toBe('b.test');
    const traces = await collector.until(3);
    const attempts = traces.map(({ spans }) =>
      spans.find(({ name }) => name === 'kong.upstream.find_upstream'),
    );
    expect(attempts[1]!.status).toEqual({
      code: 'ERROR',
      message: expect.stringMatching(/^tls: .*certificate/),
    });
  });

  it.each([
    [{ ca_certificates: ['nobody'] }, 'there is no CA certificate nobody'],
    [{ client_certificate: 'nobody' }, 'there is no certificate nobody'],
  ])('can’t be asked with %j', async (fields, message) => {
    await expect(before(1, 'a.test', fields)).rejects.toMatchObject({
      details: [expect.objectContaining({ message: message })],
    });
  });

  it('keeps its connections, and resumes sessions on new ones', async () => {
    const { port, sockets } = await secured();
    const gateway = await before(port, 'a.test');
    await gateway.send('/');
    await gateway.send('/');
    expect(sockets).toHaveLength(1);
    // Two requests at once need a second connection.
    await Promise.all([gateway.send('/'), gateway.send('/')]);
    expect(sockets.map((socket) => socket.isSessionReused())).toEqual([false, true]);
  });
});
