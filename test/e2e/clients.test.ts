import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Product, productPorts, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const BIG_BYTES = 3_000_000;

let product: Product;
let upstream: Server;
let tlsPort = 0;
let folder = '';

/** Sends back what it was sent, by length or in chunks, as the path says. */
const echo: RequestListener = (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    response.setHeader('x-method', request.method ?? '');
    response.setHeader('x-sent-by', String(request.headers['user-agent'] ?? ''));
    if (request.url?.includes('missing')) response.statusCode = 404;
    if (request.url?.includes('chunked')) response.write('in pieces: ');
    response.end(pieces.length === 0 ? `asked for ${request.url}` : Buffer.concat(pieces));
  });
};

/** What a client is told that is its own every time. */
function normalised(text: string): string {
  return text
    .replaceAll(/^(date|x-kong-request-id|x-kong-[a-z]+-latency): [^\r\n]*/gim, '$1: <any>')
    .replaceAll(/\b[0-9a-f]{32}\b/g, '<id>');
}

/**
 * Runs a client twice, the second time with everything of every request captured, and fails unless it was told the same. Answers what that was.
 * `requests` is how many traces there are at least.
 */
async function both(requests: number, run: () => Promise<string>): Promise<string> {
  const untraced = normalised(await run());
  const { body: session } = await product.api<{ id: string }>('POST', '/control-planes/default/sessions', {
    name: 'all of it',
    max_traces: 10_000,
    capture: { logs: 'debug', headers: true, bodies: true, body_bytes_max: 65_536 },
  });
  const path = `/control-planes/default/sessions/${session.id}`;
  try {
    expect(normalised(await run())).toBe(untraced);
    await until('the traces', async () => {
      const { body } = await product.api<{ counts: { traces: number } }>('GET', path);
      return body.counts.traces >= requests;
    });
  } finally {
    await product.api('POST', `${path}/stop`);
  }
  return untraced;
}

const sumOf = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatescope-clients-'));
  upstream = createServer(echo);
  const sockets = new WebSocketServer({ server: upstream });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (String(data) === 'bye') socket.close(4_001, 'as you wish');
      else socket.send(data, { binary: isBinary });
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  const ports = await productPorts();
  tlsPort = ports.proxyTls;
  product = await startProduct({
    config: JSON.stringify({
      _format_version: '3.0',
      services: [
        {
          name: 'echo',
          url: `http://127.0.0.1:${port}`,
          routes: [{ name: 'echo', paths: ['/'], protocols: ['http', 'https', 'ws', 'wss'] }],
        },
      ],
      plugins: [{ name: 'response-transformer', config: { add: { headers: ['x-added: yes'] } } }],
    }),
    ports,
    env: { KONG_PROXY_LISTEN: `127.0.0.1:${ports.proxy}, 127.0.0.1:${tlsPort} http2 ssl` },
  });
  const setting = '/settings/payload-capture';
  const { body } = await product.api<{ agreement_text: string }>('GET', setting);
  await product.api('PUT', setting, { enabled: true, agreement_text: body.agreement_text });
});

afterAll(async () => {
  await product?.close();
  upstream?.close();
  upstream?.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

describeWith('curl', 'curl, traced and not, is told the same', (curl) => {
  const ask = async (...args: readonly string[]) =>
    (await exec(curl, ['-sS', '-k', '-i', ...args], { encoding: 'latin1', maxBuffer: 1e8 })).stdout;

  it.each([
    ['HTTP/1.1', '--http1.1', () => product.proxyUrl, 'HTTP/1.1'],
    ['HTTP/1.1 over TLS', '--http1.1', () => `https://127.0.0.1:${tlsPort}`, 'HTTP/1.1'],
    ['HTTP/1.1 over TLS 1.2', '--tls-max=1.2', () => `https://127.0.0.1:${tlsPort}`, 'HTTP/2'],
    ['HTTP/2', '--http2', () => `https://127.0.0.1:${tlsPort}`, 'HTTP/2'],
  ])('by %s', async (_, option, url, version) => {
    const flags = option.split('=');
    const big = join(folder, 'big');
    writeFileSync(big, Buffer.alloc(BIG_BYTES, 'large body '));
    const told = await both(6, async () => {
      const answers = [
        await ask(...flags, `${url()}/one`, `${url()}/chunked`),
        await ask(...flags, '--head', `${url()}/head`),
        await ask(...flags, `${url()}/missing`),
        await ask(...flags, '-d', 'a=1&b=2', `${url()}/form`),
      ];
      const large = await ask(...flags, '-H', 'Expect:', '-T', big, `${url()}/chunked`);
      return [...answers, large.slice(0, large.indexOf('\r\n\r\n')), sumOf(large.slice(-BIG_BYTES))].join(
        '\n',
      );
    });
    expect(told).toContain(`${version} 200`);
    expect(told).toContain('asked for /one');
    expect(told).toContain('a=1&b=2');
    expect(told).toContain(sumOf(Buffer.alloc(BIG_BYTES, 'large body ').toString('latin1')));
  });

  it('by HTTP/1.1 with a body in chunks and 100-continue', async () => {
    const told = await both(1, () =>
      ask(
        ...['--http1.1', '-H', 'Transfer-Encoding: chunked', '-H', 'Expect: 100-continue'],
        ...['--data-binary', 'in chunks', `${product.proxyUrl}/chunked`],
      ),
    );
    expect(told).toContain('in pieces: in chunks');
  });
});

describeWith('h2load', 'h2load, traced and not, counts the same', (h2load) => {
  it.each([
    ['HTTP/2', []],
    ['HTTP/1.1', ['--h1']],
  ])('by %s', async (_, flags) => {
    const told = await both(60, async () => {
      const args = [...flags, '-n60', '-c4', ...(flags.length === 0 ? ['-m5'] : [])];
      const { stdout } = await exec(h2load, [...args, `https://127.0.0.1:${tlsPort}/load`]);
      // Of the bytes those of bodies alone: how long heads are when compressed depends on the ids in them.
      return stdout
        .split('\n')
        .flatMap((line) => /^(?:requests|status codes): .*|\(\S+\) data$/.exec(line)?.[0] ?? [])
        .join('\n');
    });
    expect(told).toContain('60 total, 60 started, 60 done, 60 succeeded, 0 failed, 0 errored, 0 timeout');
    expect(told).toContain('60 2xx, 0 3xx, 0 4xx, 0 5xx');
  });
});

describeWith('wrk', 'wrk, traced and not, is told the same', (wrk) => {
  it('by HTTP/1.1, with bodies', async () => {
    const script = join(folder, 'wrk.lua');
    writeFileSync(
      script,
      `wrk.method = "POST"
wrk.body = string.rep("sixteen bytes ..", 1024)
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() right = 0; wrong = 0 end
function response(status, headers, body)
  if status == 200 and body == wrk.body and headers["x-added"] == "yes" then right = right + 1 else wrong = wrong + 1 end
end
function done(summary)
  for _, thread in ipairs(threads) do
    print("wrong: " .. thread:get("wrong") .. ", some right: " .. tostring(thread:get("right") > 20))
  end
end
`,
    );
    const told = await both(20, async () => {
      const { stdout } = await exec(wrk, ['-t1', '-c8', '-d1s', '-s', script, `${product.proxyUrl}/load`]);
      return stdout
        .split('\n')
        .filter((line) => /^wrong|Non-2xx|Socket errors/.test(line))
        .join('\n');
    });
    expect(told).toBe('wrong: 0, some right: true');
  });
});

describeWith('openssl', 'openssl s_client, traced and not, is told the same', (openssl) => {
  it.each(['-tls1_2', '-tls1_3'])('with a session that is resumed (%s)', async (version) => {
    const session = join(folder, `session${version}.pem`);
    const ask = (...args: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        const client = execFile(
          openssl,
          ['s_client', '-connect', `127.0.0.1:${tlsPort}`, version, '-ign_eof', ...args],
          { encoding: 'latin1' },
          (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
        );
        client.stdin?.write('GET /ssl HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
      });
    const answerOf = (printed: string) => /HTTP\/1\.1 200[\s\S]*asked for \/ssl/.exec(printed)?.[0];
    const told = await both(2, async () => {
      const [first, second] = [await ask('-sess_out', session), await ask('-sess_in', session)];
      const kinds = [first, second].map((printed) => /^(New|Reused), TLSv1/m.exec(printed)?.[1]);
      return [...kinds, answerOf(first), answerOf(second)].join('\n');
    });
    expect(told).toMatch(/^New\nReused\nHTTP\/1\.1 200 OK\r\n/);
    expect(told.split('asked for /ssl')).toHaveLength(3);
  });
});

it.each(['ws', 'wss'])('a WebSocket client, traced and not, is told the same (%s)', async (scheme) => {
  const url = scheme === 'ws' ? product.proxyUrl.replace('http', 'ws') : `wss://127.0.0.1:${tlsPort}`;
  const told = await both(1, async () => {
    const heard: string[] = [];
    const client = new WebSocket(`${url}/socket`, { rejectUnauthorized: false });
    client.on('upgrade', ({ statusCode, headers }) =>
      heard.push(`${statusCode} ${headers['upgrade']} ${headers['x-added']}`),
    );
    client.on('pong', (data) => heard.push(`pong ${data}`));
    client.on('message', (data: Buffer, isBinary) => {
      heard.push(`${isBinary ? 'binary' : 'text'} ${data.length} ${sumOf(data.latin1Slice())}`);
      if (data.length > 1_000) client.send('bye');
    });
    const closed = new Promise<string>((resolve, reject) => {
      client.on('error', reject);
      client.on('close', (code, reason) => resolve(`${code} ${reason}`));
    });
    await new Promise((resolve) => client.once('open', resolve));
    client.ping('are you there');
    await until('the pong', () => heard.some((line) => line.startsWith('pong')));
    client.send('short');
    client.send(Buffer.alloc(200_000, 7));
    heard.push(await closed);
    return heard.join('\n');
  });
  expect(told.split('\n').map((line) => line.replace(/ [0-9a-f]{64}$/, ''))).toEqual([
    '101 websocket yes',
    'pong are you there',
    'text 5',
    'binary 200000',
    '4001 as you wish',
  ]);
});
