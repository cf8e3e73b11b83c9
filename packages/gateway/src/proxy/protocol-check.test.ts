import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';

async function start(...protocols: string[]): Promise<TestGateway> {
  const upstream = await EchoUpstream.start();
  return TestGateway.start(oneRoute(upstream.url, { protocols }));
}

const GRPC = { ':method': 'POST', 'content-type': 'application/grpc+proto', te: 'trailers' };

describe('a route’s protocols', () => {
  it('want gRPC by HTTP/2, with its content type', async () => {
    const gateway = await start('grpc', 'grpcs');
    const client = await Http2Client.connect(gateway);
    expect((await client.send(GRPC, 'message')).status).toBe(200);
    const plain = await client.send();
    expect([plain.status, plain.body]).toEqual([415, expect.stringContaining('Non-gRPC request')]);
    const old = await gateway.send('/', { method: 'POST', headers: { 'content-type': 'application/grpc' } });
    expect([old.status, old.headers.upgrade, old.body]).toEqual([
      426,
      'HTTP/2',
      expect.stringContaining('Please use HTTP2 protocol'),
    ]);
  });

  it('want a WebSocket handshake', async () => {
    const { status, headers, body } = await (await start('ws', 'wss')).send('/');
    expect([status, headers.upgrade, body]).toEqual([
      426,
      'websocket',
      expect.stringContaining('Please use the WebSocket protocol'),
    ]);
  });

  it('want TLS', async () => {
    const gateway = await start('https');
    const { status, headers } = await gateway.send('/');
    expect([status, headers.upgrade]).toEqual([426, 'TLS/1.2, HTTP/1.1']);
    expect((await gateway.send('/', { tls: {} })).status).toBe(200);
    expect((await (await start('wss')).send('/')).status).toBe(426);
  });
});
