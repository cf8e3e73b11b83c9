import { describe, expect, it } from 'vitest';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { GONE } from '../testing/gone-target.ts';
import { kongYml } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { session, TraceCollector } from '../testing/trace-collector.ts';

/** What the upstream answers, by what stands in the request's line. */
const ANSWERS: Readonly<Record<string, string>> = {
  length: 'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 4\r\n\r\nbody',
  chunks:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n5;x=y\r\ntwo..\r\n0\r\nX-Sum: 8\r\n\r\n',
  nothing: 'HTTP/1.1 204 No Content\r\n\r\n',
  unchanged: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
  hint: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  broken: 'HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n',
  busy: 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy',
  switch: 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\ntunnel',
};

const line = (method: string, path: string, fields = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${fields}\r\n`;

/** One request of each kind, as bytes. */
const REQUESTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(ANSWERS).map((name) => [name, line('GET', `/plain/${name}`)])),
  head: line('HEAD', '/plain/length'),
  'with a body': `${line('POST', '/plain/length', 'Content-Length: 3\r\n')}abc`,
  'in chunks': `${line('POST', '/plain/length', 'Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n`,
  'of HTTP/1.0': 'GET /plain/chunks HTTP/1.0\r\nHost: a.test\r\n\r\n',
  'through plugins': line('GET', '/plugged/chunks', 'apikey: ann-key\r\n'),
  'refused by a plugin': line('GET', '/plugged/chunks'),
  'through a response phase': line('GET', '/buffered/chunks'),
  'where a plugin fails': line('GET', '/failing/length'),
  'to nowhere': line('GET', '/nowhere'),
  'to the dead': line('GET', '/dead'),
  upgrade: 'GET /plain/switch HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  'that is none': 'GET / HTTP/9\r\n\r\n',
};

async function answersOf(arm: (gateway: TestGateway) => void): Promise<Record<string, string>> {
  const upstream = await ScriptedUpstream.start(async (peer) => {
    const head = await peer.holding('\r\n\r\n');
    const [, kind = ''] = /^\w+ \S*?(\w+) HTTP/.exec(head) ?? [];
    peer.send(ANSWERS[kind] ?? '');
    peer.finish();
  });
  const url = `http://127.0.0.1:${upstream.target.port}`;
  const service = (name: string) => ({
    name,
    url,
    routes: [{ paths: [`/${name}`] }],
  });
  const gateway = await TestGateway.start(
    kongYml({
      services: [
        ...['plain', 'plugged', 'buffered', 'failing'].map(service),
        { name: 'dead', url: 'http://127.0.0.1:9', retries: 1, routes: [{ paths: ['/dead'] }] },
      ],
      plugins: [
        { name: 'key-auth', service: 'plugged', config: {} },
        { name: 'rate-limiting', service: 'plugged', config: { year: 9, hide_client_headers: true } },
        {
          name: 'post-function',
          service: 'plugged',
          config: { body_filter: ['return chunk.toString().toUpperCase()'], log: [''] },
        },
        { name: 'pre-function', service: 'buffered', config: { response: [''] } },
        { name: 'pre-function', service: 'failing', config: { access: ['throw new Error("no")'] } },
      ],
      consumers: [{ username: 'ann', keyauth_credentials: [{ key: 'ann-key' }] }],
    }),
    { env: { KONG_HEADERS: 'off' } },
  );
  arm(gateway);
  const answers: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(REQUESTS)) {
    const client = await gateway.connect();
    client.send(bytes);
    // Ids and dates alone may differ.
    answers[name] = (await client.ended())
      .replaceAll(/[0-9a-f]{32}/gi, '<id>')
      .replaceAll(/Date: [^\r]*/g, 'Date: <date>');
    client.destroy();
  }
  return answers;
}

describe('a session', () => {
  it('changes no byte of any answer, whatever becomes of it', async () => {
    const without = await answersOf(() => {});
    expect(without['length']).toBe(
      'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody',
    );
    expect(without['through plugins']).toContain('ONE');
    const sessions = {
      'of every request': [session()],
      'of none': [session({ rule: 'http.path == "/none"' })],
      'of failures': [session({ rule: 'http.response.status_code >= 500' })],
      'of several': [session({ id: 'a', rate: 0.5 }), session({ id: 'b', rule: 'http.method == "GET"' })],
      'that is spent': [session({ remaining_traces: 0 })],
    };
    for (const [name, armed] of Object.entries(sessions)) {
      expect(await answersOf((gateway) => gateway.worker.syncSessions(armed)), name).toEqual(without);
    }
  });

  it('changes none where the control plane is gone', async () => {
    const without = await answersOf(() => {});
    let traced: TestGateway | null = null;
    const armed = await answersOf((gateway) => {
      traced = gateway;
      gateway.worker.setTelemetryTarget(GONE);
      gateway.worker.syncSessions([session()]);
    });
    expect(armed).toEqual(without);
    // It is back, and nothing was lost meanwhile.
    const collector = await TraceCollector.start();
    collector.attach(traced!);
    await collector.until(Object.keys(REQUESTS).length - 1);
  });
});
