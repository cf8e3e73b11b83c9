import { describe, expect, it } from 'vitest';
import { A_TEST, AUTHORITY, B_TEST } from '../../../../http1/src/testing/certificates.ts';
import { expectWhole } from '../../testing/check-trace.ts';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { kongYml } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';
import { traced } from '../../testing/trace-collector.ts';

const CA = '11111111-1111-4111-8111-111111111111';
const CONSUMERS = [
  { username: 'b.test', custom_id: 'bee' },
  { id: '33333333-3333-4333-8333-333333333333', username: 'guest' },
];

async function start(config: object = {}) {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(
    kongYml({
      services: [{ name: 's', url: upstream.url, routes: [{ name: 'r', paths: ['/'] }] }],
      ca_certificates: [{ id: CA, cert: AUTHORITY }],
      consumers: CONSUMERS,
      plugins: [{ name: 'mtls-auth', config: { ca_certificates: [CA], ...config } }],
    }),
  );
  return { upstream, gateway };
}

/** What a client sees that shows this certificate. */
async function ask(gateway: TestGateway, tls: object | undefined) {
  const { status, body } = await gateway.send('/', tls === undefined ? {} : { tls });
  return status === 200 ? [status] : [status, (JSON.parse(body) as { message: string }).message];
}

describe('mtls-auth', () => {
  it('takes a client by its certificate for a consumer, and tells of it in the trace', async () => {
    const { upstream, gateway } = await start();
    const collector = await traced(gateway);
    const headers = { 'x-consumer-username': 'forged', 'x-credential-identifier': 'forged' };
    expect((await gateway.send('/', { tls: { ...B_TEST, servername: 'a.test' }, headers })).status).toBe(200);
    expect(upstream.only.headers).toMatchObject({
      'x-consumer-username': 'b.test',
      'x-consumer-custom-id': 'bee',
    });
    expect(upstream.only.headers).not.toHaveProperty('x-credential-identifier');
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    expect(trace!.spans[0]!.attributes).toMatchObject({
      'tls.client.subject': 'CN=b.test',
      'tls.server.subject': 'CN=a.test',
      'tls.client.server_name': 'a.test',
      'proxy.kong.consumer_id': gateway.worker.runtime.config.consumers[0]!.id,
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'knows the client of a resumed session (%s)',
    async (maxVersion) => {
      const { gateway } = await start();
      const tls = { ...B_TEST, maxVersion };
      expect(await ask(gateway, tls)).toEqual([200]);
      expect(await ask(gateway, tls)).toEqual([200]);
    },
  );

  it('refuses who shows no certificate, one of nobody known, or one it can’t trust', async () => {
    const { upstream, gateway } = await start();
    expect(await ask(gateway, undefined)).toEqual([401, 'No required TLS certificate was sent']);
    expect(await ask(gateway, {})).toEqual([401, 'No required TLS certificate was sent']);
    expect(await ask(gateway, A_TEST)).toEqual([401, 'Unauthorized']);
    expect(upstream.received).toEqual([]);
  });

  it('lets others through as the anonymous consumer', async () => {
    const { upstream, gateway } = await start({ anonymous: 'guest' });
    expect(await ask(gateway, {})).toEqual([200]);
    expect(upstream.only.headers).toMatchObject({
      'x-consumer-username': 'guest',
      'x-anonymous-consumer': 'true',
    });
  });

  it('leaves consumers aside and passes the names on where it is told to', async () => {
    const { upstream, gateway } = await start({ skip_consumer_lookup: true });
    expect(await ask(gateway, A_TEST)).toEqual([200]);
    expect(upstream.only.headers).toMatchObject({
      'x-client-cert-dn': 'CN=a.test',
      'x-client-cert-san': 'DNS:a.test, IP Address:127.0.0.1',
    });
  });

  it('looks consumers up by the fields it is told', async () => {
    const { gateway } = await start({ consumer_by: ['custom_id'] });
    expect(await ask(gateway, B_TEST)).toEqual([401, 'Unauthorized']);
  });

  it.each([
    [{ ca_certificates: [] }, 'expected at least 1 item'],
    [{ ca_certificates: ['22222222-2222-4222-8222-222222222222'] }, 'there is no CA certificate'],
    [{ revocation_check_mode: 'STRICT' }, 'use SKIP'],
    [{ send_ca_dn: true }, 'use false'],
  ])('is refused with %j', async (config, message) => {
    await expect(start(config)).rejects.toThrow(message);
  });

  it('is refused with an authority that is none', async () => {
    const content = { ca_certificates: [{ id: CA, cert: A_TEST.cert }] };
    await expect(TestGateway.start(kongYml(content))).rejects.toThrow('not the certificate of an authority');
  });
});
