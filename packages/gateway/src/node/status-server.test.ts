import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type NodeStatus, StatusServer } from './status-server.ts';

const READY: NodeStatus = {
  missing: () => null,
  describe: () => ({ version: '1.2.3', workers: 2 }),
  metrics: async () => 'gatescope_workers 2\n',
};

async function start(status: NodeStatus = READY): Promise<{ url: string; address: AddressInfo }> {
  const server = new StatusServer(status);
  onTestFinished(() => server.close());
  const [address] = await server.listen([
    { host: '127.0.0.1', port: 0, path: null, ssl: false, http2: false, backlog: 16 },
  ]);
  return { url: `http://127.0.0.1:${address!.port}`, address: address! };
}

async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  return [response.status, response.headers.get('content-type'), await response.text()];
}

const JSON_TYPE = 'application/json; charset=utf-8';

describe('StatusServer', () => {
  it('tells of the node, whether it is ready, and its metrics', async () => {
    const { url } = await start();
    expect(await ask(`${url}/status`)).toEqual([200, JSON_TYPE, '{"version":"1.2.3","workers":2}\n']);
    expect(await ask(`${url}/status/ready?x`)).toEqual([200, JSON_TYPE, '{"message":"ready"}\n']);
    expect(await ask(`${url}/metrics`)).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'gatescope_workers 2\n',
    ]);
  });

  it('answers 503 with what is missing', async () => {
    const { url } = await start({ ...READY, missing: () => 'no worker listens yet' });
    expect(await ask(`${url}/status/ready`)).toEqual([
      503,
      JSON_TYPE,
      '{"message":"no worker listens yet"}\n',
    ]);
  });

  it('refuses what it does not know', async () => {
    const { url } = await start();
    expect((await ask(`${url}/services`))[0]).toBe(404);
    expect(await ask(`${url}/status`, { method: 'POST' })).toEqual([
      405,
      JSON_TYPE,
      '{"message":"POST is not answered here; ask with GET"}\n',
    ]);
  });

  it('names the address that is taken, and how to mend it', async () => {
    const { address } = await start();
    const server = new StatusServer(READY);
    await expect(
      server.listen([
        { host: '127.0.0.1', port: address.port, path: null, ssl: false, http2: false, backlog: 16 },
      ]),
    ).rejects.toThrow(
      `can't listen on 127.0.0.1:${address.port}: listen EADDRINUSE: address already in use 127.0.0.1:${address.port}. Is another process using the port? Set KONG_STATUS_LISTEN to another one, or to off.`,
    );
  });
});
