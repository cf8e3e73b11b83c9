import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { A_TEST, B_TEST } from '../../../http1/src/testing/certificates.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

function certificate({ cert, key }: { cert: string; key: string }, ...snis: string[]): string {
  return `certificates:\n- ${JSON.stringify({ cert, key, snis: snis.map((name) => ({ name })) })}\n`;
}

/** The common name of the certificate that is shown for a server name. */
async function shownFor(gateway: TestGateway, servername?: string): Promise<string> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const options = { port: gateway.tlsPort, host: '127.0.0.1', rejectUnauthorized: false };
    const opened = connect({ ...options, ...(servername === undefined ? {} : { servername }) }, () =>
      resolve(opened),
    );
    opened.once('error', reject);
  });
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

describe('certificates', () => {
  it('are chosen by server name: exact, wildcards at either end, then the default', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) + certificate(B_TEST, 'b.test', '*.b.test', 'shop.*'),
    );
    const names = ['b.test', 'B.TEST', 'x.b.test', 'shop.example', 'a.test', 'x.y.b.test', 'other'];
    const shown = await Promise.all(names.map((name) => shownFor(gateway, name)));
    expect(Object.fromEntries(names.map((name, index) => [name, shown[index]]))).toEqual({
      'b.test': 'b.test',
      'B.TEST': 'b.test',
      'x.b.test': 'b.test',
      'shop.example': 'b.test',
      'a.test': 'a.test',
      'x.y.b.test': 'a.test',
      other: 'a.test',
    });
    expect(await shownFor(gateway)).toBe('a.test');
  });

  it('change with the configuration, without a new listener', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const before = await shownFor(gateway, 'b.test');
    gateway.worker.apply(oneRoute(upstream.url) + certificate(B_TEST, 'b.test'));
    const after = await shownFor(gateway, 'b.test');
    gateway.worker.apply(oneRoute(upstream.url));
    expect([before, after, await shownFor(gateway, 'b.test')]).toEqual(['a.test', 'b.test', 'a.test']);
  });

  it('decide routes by the name that was asked for', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('by name'));
    const gateway = await TestGateway.start(oneRoute(upstream.url, { paths: [], snis: ['b.test'] }));
    const answers = await Promise.all(
      ['b.test', 'a.test'].map((servername) => gateway.send('/', { tls: { servername } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
  });

  it.each([
    ['a certificate with another’s key', certificate({ cert: A_TEST.cert, key: B_TEST.key }, 'a.test')],
    ['what is no certificate', certificate({ cert: 'nonsense', key: B_TEST.key }, 'a.test')],
    ['what is no key', certificate({ cert: A_TEST.cert, key: 'nonsense' }, 'a.test')],
  ])('refuse %s when the configuration is loaded, and serve the last one on', async (_, wrong) => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url) + certificate(B_TEST, 'b.test'));
    expect(() => gateway.worker.apply(oneRoute(upstream.url, { paths: ['/other'] }) + wrong)).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    );
    expect(await shownFor(gateway, 'b.test')).toBe('b.test');
    expect((await gateway.send('/')).status).toBe(200);
  });

  it('keep a client without TLS, or with an old one, from anything but an error', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    await expect(
      gateway.send('/', {
        tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      }),
    ).rejects.toThrow();
    expect(gateway.logged('info')[0]).toMatch(/^TLS handshake failed: /);
    expect(upstream.received).toEqual([]);
  });
});
