import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverNameIn } from './client-hello.ts';

/** The first bytes that Node's own client sends. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options });
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return new Promise((resolve) =>
    server.once('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (first) => {
        resolve(first);
        socket.destroy();
      });
    }),
  );
}

describe('serverNameIn()', () => {
  it('reads what a client asks for, by either version', async () => {
    const names = [];
    for (const options of [
      { servername: 'a.test', maxVersion: 'TLSv1.2' },
      { servername: 'api.shop.example', maxVersion: 'TLSv1.3' },
      {},
    ] as const)
      names.push(serverNameIn(await helloOf(options)));
    expect(names).toEqual(['a.test', 'api.shop.example', null]);
  });

  it('takes nothing from a hello that is cut, bent or no hello at all', async () => {
    const hello = await helloOf({ servername: 'a.test' });
    const end = hello.indexOf('a.test') + 'a.test'.length;
    for (let length = 0; length < end; length++) expect(serverNameIn(hello.subarray(0, length))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(serverNameIn(Buffer.from(bytes)) ?? 'none').toMatch(/^[\w.-]+$/);
      }),
    );
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
        const bent = Buffer.from(hello);
        bent[at] = value;
        expect(serverNameIn(bent) ?? 'none').toMatch(/^[\w.-]+$/);
      }),
    );
  });
});
