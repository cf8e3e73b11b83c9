import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../../../test/support/programs.ts';
import { B_TEST } from '../../../http1/src/testing/certificates.ts';
import { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const KEYS = Buffer.alloc(48, 'k');

/** Makes a request and answers whether its session was resumed, and the session to resume next. */
async function request(
  gateway: TestGateway,
  options: tls.ConnectionOptions,
): Promise<{ resumed: boolean; session: Buffer }> {
  const where = { host: '127.0.0.1', port: gateway.tlsPort, rejectUnauthorized: false };
  const socket = tls.connect({ ...where, ...options });
  let session: Buffer | undefined;
  socket.on('session', (latest: Buffer) => (session = latest));
  const client = new RawPeer(socket);
  client.send(GET);
  await client.ended();
  const resumed = socket.isSessionReused();
  client.destroy();
  return { resumed, session: session ?? options.session! };
}

async function start(): Promise<TestGateway> {
  const upstream = await EchoUpstream.start();
  const certificates = `certificates:\n- ${JSON.stringify({ ...B_TEST, snis: ['b.test'] })}\n`;
  return TestGateway.start(oneRoute(upstream.url) + certificates);
}

describe('TLS sessions', () => {
  it.each([
    ['TLSv1.2', 'a.test'],
    ['TLSv1.2', 'b.test'],
    ['TLSv1.3', 'a.test'],
    ['TLSv1.3', 'b.test'],
    ['TLSv1.2', undefined],
    ['TLSv1.3', undefined],
  ] as const)(
    'of %s with %s are resumed by every worker with the same keys, and traced so',
    async (version, name) => {
      const gateways = [await start(), await start()] as const;
      for (const gateway of gateways) gateway.worker.useTicketKeys(KEYS);
      const collector = await traced(gateways[1]);
      const options = { maxVersion: version, ...(name === undefined ? {} : { servername: name }) };
      const { session } = await request(gateways[0], options);
      expect((await request(gateways[1], { ...options, session })).resumed).toBe(true);
      const [trace] = await collector.until(1);
      expectWhole(trace!);
      expect(trace!.spans[0]!.attributes['tls.resumed']).toBe(true);
      expect(trace!.spans[0]!.attributes['tls.client.server_name']).toBe(name);
      expect(trace!.spans.map((span) => span.name)).toContain('kong.phase.certificate');
    },
  );

  it('are begun anew once the keys have changed', async () => {
    const gateway = await start();
    gateway.worker.useTicketKeys(KEYS);
    const { session } = await request(gateway, {});
    gateway.worker.useTicketKeys(Buffer.alloc(48, 'n'));
    expect((await request(gateway, { session })).resumed).toBe(false);
  });

  it('outlive a change of the configuration', async () => {
    const gateway = await start();
    const { session } = await request(gateway, {});
    gateway.worker.apply(oneRoute('http://127.0.0.1:1'));
    expect((await request(gateway, { session })).resumed).toBe(true);
  });

  it('are of the versions that are allowed', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url), {
      env: { KONG_SSL_PROTOCOLS: 'TLSv1.3' },
    });
    expect((await gateway.send('/', { tls: {} })).status).toBe(200);
    await expect(gateway.send('/', { tls: { maxVersion: 'TLSv1.2' } })).rejects.toThrow();
    await expect(
      TestGateway.start(oneRoute(upstream.url), { env: { KONG_SSL_PROTOCOLS: 'TLSv1.1 TLSv1.2' } }),
    ).rejects.toThrow('TLSv1.1 is not spoken; known: TLSv1.2, TLSv1.3');
  });
});

describeWith('openssl', 'openssl s_client', (openssl) => {
  /** What it prints with these arguments, once the server has closed. */
  function sClient(gateway: TestGateway, ...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const client = execFile(
        openssl,
        ['s_client', '-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', 'b.test', ...args],
        (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(`${error.message} ${stderr}`)),
      );
      client.stdin?.write(args.includes('-reconnect') ? 'Q\n' : GET);
    });
  }

  it('resumes a session five times by -reconnect', async () => {
    const gateway = await start();
    const printed = await sClient(gateway, '-reconnect', '-tls1_2');
    expect(printed.match(/^(New|Reused), TLSv1.2/gm)).toEqual([
      'New, TLSv1.2',
      ...Array<string>(5).fill('Reused, TLSv1.2'),
    ]);
  });

  it.each(['-tls1_2', '-tls1_3'])('resumes a session kept by -sess_out (%s)', async (version) => {
    const gateway = await start();
    const folder = mkdtempSync(join(tmpdir(), 'session-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'session.pem');
    expect(await sClient(gateway, version, '-ign_eof', '-sess_out', file)).toMatch(/^New, TLSv1/m);
    expect(await sClient(gateway, version, '-ign_eof', '-sess_in', file)).toMatch(/^Reused, TLSv1/m);
  });
});
