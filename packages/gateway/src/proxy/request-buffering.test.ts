import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { kongYml, oneRoute } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

/** Of KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE, where nothing else is said. */
const IN_MEMORY_BYTES = 8_192;

/** A folder for bodies, and what of this process is in it. */
function bodyFolder() {
  const path = mkdtempSync(join(tmpdir(), 'gatescope-bodies-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
      } catch {
        // Closed since it was listed.
        return false;
      }
    }).length;
  return { path, openFiles, names: () => readdirSync(path) };
}

/** A gateway with one route that buffers, or as `route` says, and the folder for its bodies. */
async function buffering(
  url: string,
  env: Record<string, string> = {},
  route: object = { request_buffering: true },
) {
  const folder = bodyFolder();
  const gateway = await TestGateway.start(oneRoute(url, route), {
    env: { KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH: folder.path, ...env },
    logLevel: 'debug',
  });
  return { gateway, folder };
}

function targets(ports: readonly number[], service: object = {}): string {
  return kongYml({
    services: [{ name: 's', host: 'pool', ...service, routes: [{ paths: ['/'], request_buffering: true }] }],
    upstreams: [{ name: 'pool', targets: ports.map((port) => ({ target: `127.0.0.1:${port}` })) }],
  });
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A server that answers with the hash of the body it got, which it begins to read when it is told to. */
async function hashingUpstream() {
  const waiting: (() => void)[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const hash = createHash('sha256');
    waiting.push(() => request.on('data', (chunk: Buffer) => hash.update(chunk)));
    request.on('end', () => response.end(`${hash.digest('hex')} ${request.headers['content-length']}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get asked() {
      return waiting.length;
    },
    read: () => waiting.shift()!(),
  };
}

describe('a route with request_buffering', () => {
  it('keeps a large body in a file without a name, and sends it byte for byte', async () => {
    const upstream = await hashingUpstream();
    const { gateway, folder } = await buffering(upstream.url);
    const body = randomBytes(20 * 1_048_576 + 1);
    const answer = gateway.send('/', { method: 'POST', body });
    await until('the upstream to be asked', () => upstream.asked === 1);
    expect([folder.openFiles(), folder.names()]).toEqual([1, []]);
    upstream.read();
    expect(await answer).toMatchObject({ status: 200, body: `${sha256(body)} ${body.length}` });
    expect(gateway.logged('debug')).toContain(
      `the body of the request is whole: ${body.length} bytes, ${body.length - IN_MEMORY_BYTES} of them in a file`,
    );
    await until('the file to be closed', () => folder.openFiles() === 0);
  });

  it('connects to no upstream before the last byte of the body has come', async () => {
    const upstream = await EchoUpstream.start();
    let connections = 0;
    const { gateway } = await buffering(upstream.url);
    const counting = await ScriptedUpstream.start(async (peer) => {
      connections++;
      await peer.holding('whole');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    gateway.worker.apply(oneRoute(`http://127.0.0.1:${counting.target.port}`, { request_buffering: true }));
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await client.holding('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('whol');
    // A request that came later has been answered from end to end meanwhile.
    gateway.worker.apply(oneRoute(upstream.url, { request_buffering: true }));
    expect((await gateway.send('/', { method: 'POST', body: 'other' })).status).toBe(200);
    expect(connections).toBe(0);
    client.send('e');
    await client.holding('\r\n\r\nok');
    expect(connections).toBe(1);
  });

  it('gives a body in chunks a length, and drops its trailers', async () => {
    const upstream = await EchoUpstream.start();
    const { gateway } = await buffering(upstream.url);
    const client = await gateway.connect();
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    client.send(`${head}3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n${head}0\r\n\r\n`);
    await client.holding('\r\n\r\nok', 2);
    const seen = upstream.received.map(({ headers, body, trailers }) => [
      headers['content-length'],
      headers['transfer-encoding'],
      body,
      { ...trailers },
    ]);
    expect(seen).toEqual([
      ['6', undefined, 'onetwo', {}],
      ['0', undefined, '', {}],
    ]);
  });

  it('serves clients by HTTP/2', async () => {
    const upstream = await hashingUpstream();
    const { gateway } = await buffering(upstream.url);
    const client = await Http2Client.connect(gateway);
    const body = randomBytes(300_000);
    const answer = client.send({ ':method': 'POST' }, body);
    await until('the upstream to be asked', () => upstream.asked === 1);
    upstream.read();
    expect((await answer).body).toBe(`${sha256(body)} ${body.length}`);
  });

  it.each([100, 300_000])(
    'sends a body of %i bytes again where the first target is dead or dies',
    async (bytes) => {
      const body = 'x'.repeat(bytes);
      const dying = await ScriptedUpstream.start(async (peer) => {
        await peer.holding('x', bytes);
        peer.destroy();
      });
      const alive = await EchoUpstream.start();
      const gateway = await TestGateway.start(targets([9, dying.target.port, alive.port]));
      expect((await gateway.send('/', { method: 'PUT', body })).status).toBe(200);
      expect([dying.peers.length, alive.only.body === body]).toEqual([1, true]);
    },
  );

  it('does not send again what may have been done, and gives up behind the last retry', async () => {
    const dying = await Promise.all(
      [1, 2, 3, 4].map(() =>
        ScriptedUpstream.start(async (peer) => {
          await peer.holding('body');
          peer.destroy();
        }),
      ),
    );
    const asked = () => dying.reduce((sum, { peers }) => sum + peers.length, 0);
    const ports = dying.map(({ target }) => target.port);
    const gateway = await TestGateway.start(targets(ports, { retries: 2 }));
    expect((await gateway.send('/', { method: 'POST', body: 'body' })).status).toBe(502);
    expect(asked()).toBe(1);
    expect((await gateway.send('/', { method: 'PUT', body: 'body' })).status).toBe(502);
    expect(asked()).toBe(4);
  });

  it('forgets a body whose client goes away in the middle of it', async () => {
    const upstream = await ScriptedUpstream.start(() => undefined);
    const { gateway, folder } = await buffering(`http://127.0.0.1:${upstream.target.port}`);
    const client = await gateway.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n${'x'.repeat(300_000)}`);
    await until('a file', () => folder.openFiles() === 1);
    client.reset();
    await until('the file to be closed', () => folder.openFiles() === 0);
    expect(upstream.peers).toEqual([]);
  });

  it('lets go of the file where the client goes away while the body is sent', async () => {
    const upstream = await hashingUpstream();
    const { gateway, folder } = await buffering(upstream.url);
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n');
    client.send(Buffer.alloc(20_000_000));
    await until('the upstream to be asked', () => upstream.asked === 1);
    expect(folder.openFiles()).toBe(1);
    client.reset();
    await until('the file to be closed', () => folder.openFiles() === 0);
  });

  it('passes on the answer of an upstream that does not want the whole body', async () => {
    const refusing = await ScriptedUpstream.start(async (peer) => {
      await peer.holding('\r\n\r\n');
      peer.send('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!');
      peer.finish();
    });
    const { gateway, folder } = await buffering(`http://127.0.0.1:${refusing.target.port}`);
    const body = Buffer.alloc(2_000_000);
    expect(await gateway.send('/', { method: 'PUT', body })).toMatchObject({ status: 413, body: 'no!' });
    await until('the file to be closed', () => folder.openFiles() === 0);
  });

  it('refuses a body beyond KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE, and keeps nothing of it', async () => {
    const upstream = await ScriptedUpstream.start(() => undefined);
    const url = `http://127.0.0.1:${upstream.target.port}`;
    const { gateway, folder } = await buffering(url, { KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE: '200k' });
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.send(`40000\r\n${'x'.repeat(262_144)}\r\n`);
    expect(await client.holding('HTTP/1.1 413 ')).toContain('Connection: close');
    await until('the file to be closed', () => folder.openFiles() === 0);
    expect(upstream.peers).toEqual([]);
  });

  it('answers 500 where the disk takes nothing, and says why in the log', async () => {
    const upstream = await EchoUpstream.start();
    const { gateway, folder } = await buffering(upstream.url);
    rmSync(folder.path, { recursive: true });
    const answer = await gateway.send('/', { method: 'POST', body: Buffer.alloc(100_000) });
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([500, 'An unexpected error occurred']);
    const [line] = gateway.logged('error');
    expect(line).toMatch(/^the body of the request can't be kept in .*gatescope-bodies-.* \(ENOENT: /);
    expect(line).toContain('set KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH to a directory');
    // What needs no file is served.
    expect((await gateway.send('/', { method: 'POST', body: Buffer.alloc(8_192) })).status).toBe(200);
    expect(upstream.only.body).toHaveLength(8_192);
  });

  it('shows the reading of the body before the upstream, in a trace that adds up', async () => {
    const upstream = await EchoUpstream.start();
    const { gateway } = await buffering(upstream.url);
    const collector = await traced(gateway);
    expect((await gateway.send('/', { method: 'POST', body: Buffer.alloc(200_000) })).status).toBe(200);
    const [trace] = await collector.until(1);
    expectWhole(trace!);
    const span = (wanted: string) => trace!.spans.find(({ name }) => name === wanted)!;
    const read = span('kong.read_client_http_body');
    expect(BigInt(read.end_unix_nano)).toBeLessThanOrEqual(
      BigInt(span('kong.upstream.selection').start_unix_nano),
    );
  });
});

describe('a route that does not buffer requests', () => {
  /** Answers as soon as the head is there, which a client sees alone that is not waited for. */
  const early = () =>
    ScriptedUpstream.start(async (peer) => {
      await peer.holding('first');
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });

  async function isStreamed(port: number, head = ''): Promise<void> {
    const client = await RawPeer.connect(port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${head}Content-Length: 10\r\n\r\nfirst`);
    await client.holding('\r\n\r\nok');
    client.destroy();
  }

  it.each([
    ['says nothing', {}, {}],
    [
      'says false, whatever the setting says',
      { request_buffering: false },
      { KONG_NGINX_PROXY_PROXY_REQUEST_BUFFERING: 'on' },
    ],
  ])('%s', async (_, route, env) => {
    const upstream = await early();
    const { gateway } = await buffering(
      `http://127.0.0.1:${upstream.target.port}`,
      env as Record<string, string>,
      route,
    );
    await isStreamed(gateway.port);
  });

  it('is one that says nothing only while KONG_NGINX_PROXY_PROXY_REQUEST_BUFFERING is off', async () => {
    const upstream = await EchoUpstream.start();
    const { gateway } = await buffering(upstream.url, { KONG_NGINX_PROXY_PROXY_REQUEST_BUFFERING: 'on' }, {});
    await gateway.send('/', { method: 'POST', body: 'body' });
    expect(gateway.logged('debug')).toContain(
      'the body of the request is whole: 4 bytes, 0 of them in a file',
    );
  });

  it('is any, for calls by gRPC', async () => {
    const upstream = await early();
    const { gateway } = await buffering(`http://127.0.0.1:${upstream.target.port}`);
    const client = await Http2Client.connect(gateway);
    const call = client.open(
      { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' },
      false,
    );
    const answered = new Promise((resolve) => call.once('response', resolve));
    call.write('first');
    expect(await answered).toMatchObject({ ':status': 200 });
    call.close();
  });
});

describe('KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH', () => {
  it.each(['/nowhere/at/all', import.meta.filename])('is refused where it is %s', async (path) => {
    await expect(buffering('http://a.test', { KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH: path })).rejects.toThrow(
      `KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH: ${path} can't take request bodies: `,
    );
  });

  it('is taken with the levels that nginx knows behind it', async () => {
    const { path } = bodyFolder();
    const upstream = await EchoUpstream.start();
    const { gateway } = await buffering(upstream.url, {
      KONG_NGINX_HTTP_CLIENT_BODY_TEMP_PATH: `${path} 1 2`,
    });
    expect(gateway.worker.runtime.bodyBuffering).toEqual({
      byDefault: false,
      memoryBytesMax: 8_192,
      directory: path,
    });
  });
});
