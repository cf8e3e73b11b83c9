import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { HttpServer, type ServerHandler } from './server.ts';
import type { ServerTlsOptions } from './server-tls.ts';
import { A_TEST, AUTHORITY, B_TEST } from './testing/certificates.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { replied, reply } from './testing/test-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const A = tls.createSecureContext({ ...A_TEST, ca: AUTHORITY });
const B = tls.createSecureContext(B_TEST);

/** Answers with the facts of the connection's TLS, times left out. */
async function serve(
  options: Partial<ServerTlsOptions>,
  handler: Partial<ServerHandler> = {},
  handshakeTimeoutMs = 10_000,
) {
  const failed: string[] = [];
  const server = new HttpServer(
    {
      onRequest: (exchange) => {
        const { protocol, resumed, serverName, serverSubject, clientSubject } = exchange.connection.tls!;
        const { startedMs, certificateStartMs, certificateEndMs, endedMs } = exchange.connection.tls!;
        const inOrder =
          Number.isNaN(certificateStartMs) ||
          (startedMs <= certificateStartMs &&
            certificateStartMs <= certificateEndMs &&
            certificateEndMs <= endedMs);
        reply(
          exchange,
          JSON.stringify([protocol, resumed, serverName, serverSubject, clientSubject, inOrder]),
        );
      },
      onHandshakeError: (message, remoteAddress) => failed.push(`${remoteAddress} ${message}`),
      ...handler,
    },
    {
      tls: { selectContext: (name) => (name === 'b.test' ? B : null), defaultContext: () => A, ...options },
      limits: { handshakeTimeoutMs },
    },
  );
  onTestFinished(() => server.close());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, failed };
}

/** A TLS connection to that port whose handshake is done. */
function connect(port: number, options: tls.ConnectionOptions = {}): Promise<RawPeer> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: AUTHORITY, ...options });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(new RawPeer(socket));
    });
  });
}

async function tell(port: number, options: tls.ConnectionOptions = {}): Promise<string> {
  const client = await connect(port, options);
  client.send(GET);
  const answer = await client.ended();
  client.destroy();
  return answer;
}

describe('a TLS listener', () => {
  it('chooses the certificate by server name and client address, at once or later', async () => {
    const asked: unknown[] = [];
    const { port } = await serve({
      selectContext: (name, address) => {
        asked.push([name, address]);
        return new Promise((resolve) => setImmediate(() => resolve(name === 'b.test' ? B : A)));
      },
    });
    expect(await tell(port, { servername: 'b.test' })).toBe(
      replied('["TLSv1.3",false,"b.test","CN=b.test",null,true]', 'close'),
    );
    expect(await tell(port, { servername: 'a.test' })).toBe(
      replied('["TLSv1.3",false,"a.test","CN=a.test",null,true]', 'close'),
    );
    expect(asked).toEqual([
      ['b.test', '127.0.0.1'],
      ['a.test', '127.0.0.1'],
    ]);
  });

  it('shows the default certificate where no name is sent', async () => {
    const { port } = await serve({});
    expect(await tell(port)).toBe(replied('["TLSv1.3",false,null,"CN=a.test",null,true]', 'close'));
  });

  it('tells the client’s certificate', async () => {
    const { port } = await serve({ requestClientCertificate: () => true });
    expect(await tell(port, B_TEST)).toBe(
      replied('["TLSv1.3",false,null,"CN=a.test","CN=b.test",true]', 'close'),
    );
    expect(await tell(port)).toBe(replied('["TLSv1.3",false,null,"CN=a.test",null,true]', 'close'));
  });

  it('resumes a session', async () => {
    const { port } = await serve({});
    const first = await connect(port, { maxVersion: 'TLSv1.2' });
    const session = (first.socket as tls.TLSSocket).getSession()!;
    first.destroy();
    expect(await tell(port, { maxVersion: 'TLSv1.2', session })).toBe(
      replied('["TLSv1.2",true,null,"CN=a.test",null,true]', 'close'),
    );
  });

  it.each([
    ['for which there is no certificate', () => null],
    ['whose look-up rejects', () => Promise.reject(new Error('no'))],
    [
      'whose look-up throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('refuses a server name %s', async (_, selectContext) => {
    const { server, port, failed } = await serve({ selectContext });
    await expect(connect(port, { servername: 'c.test' })).rejects.toThrow();
    await until('the failure', () => failed.length === 1);
    expect(failed).toEqual(['127.0.0.1 no certificate for c.test']);
    expect(server.connections).toBe(0);
  });

  it('lets go of a connection that ends before its handshake does', async () => {
    const { server, port, failed } = await serve({});
    for (const bytes of ['', '\x16\x03\x01']) {
      const ending = await RawPeer.connect(port);
      if (bytes !== '') ending.send(bytes);
      ending.finish();
      await ending.ended();
      const reset = await RawPeer.connect(port);
      if (bytes !== '') reset.send(bytes);
      reset.reset();
    }
    await until('the failures', () => failed.length === 4);
    expect(server.connections).toBe(0);
  });

  it('drops a handshake that takes too long, and what is no handshake', async () => {
    const { port, failed } = await serve({}, {}, 150);
    const silent = await RawPeer.connect(port);
    expect(await silent.ended()).toBe('');
    await until('the failure', () => failed.length === 1);
    expect(failed).toEqual(['127.0.0.1 closed during the handshake']);
    const plain = await RawPeer.connect(port);
    plain.send(GET);
    expect(await plain.ended()).not.toContain('HTTP/1.1');
    await until('the failure', () => failed.length === 2);
    expect(failed[1]).toMatch(/^127\.0\.0\.1 .*(http request|wrong version number)/);
  });

  it('gives a connection that speaks another protocol to its handler', async () => {
    const others: string[] = [];
    const { server, port } = await serve(
      { alpnProtocols: ['h2', 'http/1.1'] },
      {
        onOtherProtocol: (protocol, socket) => {
          others.push(protocol);
          socket.end('other');
        },
      },
    );
    const client = await connect(port, { ALPNProtocols: ['h2'] });
    expect([await client.ended(), others]).toEqual(['other', ['h2']]);
    await until('the connection to be gone', () => server.connections === 0);
    expect(await tell(port, { ALPNProtocols: ['http/1.1'] })).toContain('HTTP/1.1 200 OK');
  });

  it('answers a large body and closes cleanly', async () => {
    const big = 'x'.repeat(5_000_000);
    const { server, port } = await serve({}, { onRequest: (exchange) => reply(exchange, big) });
    const answer = await tell(port);
    expect([answer.length, answer.endsWith(big)]).toEqual([replied(big, 'close').length, true]);
    await server.close(5_000);
    expect(server.connections).toBe(0);
  });
});
