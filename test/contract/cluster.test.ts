import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { CLUSTER_PATHS, RPC_METHODS, RPC_SUBPROTOCOL } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_SERVER_NAME } from '../../packages/cli/src/setup/certificates.ts';
import { TestControlPlane } from './support/control-plane.ts';
import { TestNode } from './support/node.ts';

let controlPlane: TestControlPlane;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
afterAll(() => controlPlane.close());

const HELLO = {
  node_id: 'n',
  hostname: 'h',
  version: '1',
  capabilities: [],
  tracing: { available: false, reason: null },
  config_hash: null,
  workers: 1,
};

/** A WebSocket handshake written by hand; answers the status and, where it was taken, the socket. */
function upgrade(path: string, protocol: string): Promise<{ status: number; socket: Duplex | null }> {
  const { port, cert, key, ca } = controlPlane.identity;
  return new Promise((resolve, reject) => {
    const call = request({
      ...{ host: '127.0.0.1', port, cert, key, ca, servername: CLUSTER_SERVER_NAME, agent: false, path },
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-protocol': protocol,
      },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode!, socket: null });
    });
    call.on('upgrade', (response, socket) => resolve({ status: response.statusCode!, socket }));
    call.end();
  });
}

/** One frame as a client sends it: short and masked with zeros. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0), payload]);
}

describe('the cluster RPC', () => {
  it('greets a node with its token and who it talks to', async () => {
    const node = await controlPlane.node();
    expect(node.hello).toEqual({
      control_plane: 'default',
      version: '0.1.0-test',
      capabilities: ['gatescope.nodes.v1', 'gatescope.sessions.v1', 'gatescope.stencils.v1'],
      telemetry_token: expect.stringMatching(/^[\w-]+\.[\w-]{43}$/) as string,
      time_ms: expect.any(Number) as number,
    });
    expect(Math.abs(node.hello!.time_ms - Date.now())).toBeLessThan(5_000);
  });

  it('is at one path and in one subprotocol alone', async () => {
    expect((await upgrade('/elsewhere', RPC_SUBPROTOCOL)).status).toBe(404);
    expect((await upgrade(CLUSTER_PATHS.rpc, 'something.v9')).status).toBe(400);
    const taken = await upgrade(CLUSTER_PATHS.rpc, `other, ${RPC_SUBPROTOCOL}`);
    expect(taken.status).toBe(101);
    taken.socket!.destroy();
  });

  it.each([
    ['binary frames', frame(2, Buffer.from('{}'))],
    ['no JSON', frame(1, Buffer.from('hello'))],
    ['no JSON-RPC', frame(1, Buffer.from('{"method":1}'))],
    ['no WebSocket', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame without a mask', Buffer.of(0x81, 0x02, 0x7b, 0x7d)],
    ['random bytes', createHash('sha512').update('seed').digest()],
  ])('ends a connection that speaks %s, and no other', async (_, bytes) => {
    const node = await controlPlane.node();
    const { socket } = await upgrade(CLUSTER_PATHS.rpc, RPC_SUBPROTOCOL);
    const over = new Promise<void>((resolve) => {
      // A frame that says goodbye (RFC 6455, 5.5.1), or the end of the connection.
      socket!.on('data', (data: Buffer) => data[0] === 0x88 && resolve());
      socket!.on('error', () => undefined).on('close', () => resolve());
    });
    socket!.write(bytes);
    await over;
    socket!.destroy();
    await node.report('none');
    expect(node.lost).toBeNull();
  });

  it.each([
    ['node_id', { node_id: '' }],
    ['node_id', { node_id: 'x'.repeat(129) }],
    ['hostname', { hostname: null }],
    ['workers', { workers: 0 }],
    ['capabilities', { capabilities: 'all' }],
    ['tracing.available', { tracing: { available: 'yes', reason: null } }],
  ])('takes no hello with a wrong %s, and a right one after it', async (path, change) => {
    const silent = await TestNode.connect(controlPlane.identity, { saysHello: false });
    const call = (params: unknown) => silent.peer.call(RPC_METHODS.hello, params);
    await expect(call({ ...HELLO, ...change })).rejects.toThrow(`not understood: ${path} `);
    await expect(call({ ...HELLO, node_id: 'right' })).resolves.toMatchObject({ control_plane: 'default' });
    silent.close();
  });
});
