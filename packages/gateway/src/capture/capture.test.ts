import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { CapturedBody, DesiredSession, SentPayload } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { oneRoute, pluginList, routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { type CollectedTrace, countsOf, traced } from '../testing/trace-collector.ts';

const CARD = '4242424242424242';
const MASKED = '*'.repeat(16);
const WHOLE: DesiredSession['capture'] = {
  logs: false,
  headers: true,
  bodies: true,
  body_bytes_max: 65_536,
  redact: [],
};

const capturing = (capture: Partial<DesiredSession['capture']> = {}) => ({
  capture: { ...WHOLE, ...capture },
});

function payloadOf(trace: CollectedTrace | undefined): SentPayload {
  if (trace?.payload == null) throw new Error('no payload came');
  return trace.payload;
}

function textOf(body: CapturedBody | null | undefined): string {
  if (body == null || !('text' in body)) throw new Error(`no text: ${JSON.stringify(body)}`);
  return body.text;
}

describe('payload capture', () => {
  it('tells the four messages as they were, before and after plugins changed them', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'x-upstream': 'yes', 'content-length': 6 });
      response.end('answer');
    });
    const gateway = await TestGateway.start(
      routeWith(
        upstream.url,
        { name: 'request-transformer', config: { add: { headers: ['x-added:1'] } } },
        { name: 'response-transformer', config: { remove: { headers: ['x-upstream'] } } },
      ),
    );
    const collector = await traced(gateway, capturing());
    await gateway.send('/orders?page=2&apikey=hidden-key', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer abc.def.ghi' },
      body: `{"pan":"${CARD}"}`,
    });
    const [trace] = await collector.until(1);
    const { client_request, upstream_request, upstream_response, client_response, query } = payloadOf(trace);
    const names = (pairs: readonly (readonly [string, string])[]) =>
      pairs.map(([name]) => name.toLowerCase());
    expect(query).toBe('page=2&apikey=****');
    expect(client_request!.headers).toContainEqual(['authorization', 'Bearer ****']);
    expect(names(client_request!.headers)).not.toContain('x-added');
    expect(upstream_request!.headers).toContainEqual(['x-added', '1']);
    expect(names(upstream_request!.headers)).toContain('x-forwarded-for');
    const body = {
      text: `{"pan":"${MASKED}"}`,
      content_type: 'application/json',
      content_encoding: null,
      size_bytes: 26,
      captured_bytes: 26,
      truncated: false,
    };
    expect(client_request!.body).toEqual(body);
    expect(upstream_request!.body).toEqual(body);
    expect(client_request!.redactions).toEqual([
      { where: 'headers.authorization', rule: 'authorization', count: 1 },
      { where: 'body', rule: 'card', count: 1 },
    ]);
    expect(names(upstream_response!.headers)).toContain('x-upstream');
    expect(names(client_response!.headers)).not.toContain('x-upstream');
    expect(names(client_response!.headers)).toContain('x-kong-request-id');
    expect(client_response!.headers).toContainEqual(['Content-Length', '6']);
    expect([textOf(upstream_response!.body), textOf(client_response!.body)]).toEqual(['answer', 'answer']);
    // What was captured is what was sent: nothing was changed on the way.
    expect(upstream.only.body).toBe(`{"pan":"${CARD}"}`);
    expect(upstream.only.headers['authorization']).toBe('Bearer abc.def.ghi');
  });

  it('tells what body filters and the response phase made of an answer', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('plain'));
    const filter = { body_filter: ["return last ? '!' : String(chunk).toUpperCase()"] };
    const respond = { response: ["exchange.response.body = Buffer.from('rewritten')"] };
    for (const [config, sent] of [
      [filter, 'PLAIN!'],
      [respond, 'rewritten'],
    ] as const) {
      const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'post-function', config }));
      const collector = await traced(gateway, capturing());
      expect((await gateway.send('/')).body).toBe(sent);
      const payload = payloadOf((await collector.until(1))[0]);
      expect(textOf(payload.upstream_response!.body)).toBe('plain');
      expect(textOf(payload.client_response!.body)).toBe(sent);
    }
  });

  it('has no upstream where a plugin answered, and no body where there is none', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      routeWith(upstream.url, { name: 'request-termination', config: { status_code: 403, message: 'no' } }),
    );
    const collector = await traced(gateway, capturing());
    await gateway.send('/');
    await gateway.send('/', { method: 'HEAD' });
    const [get, head] = (await collector.until(2)).map(payloadOf);
    expect(get).toMatchObject({ upstream_request: null, upstream_response: null });
    expect(get!.client_request!.body).toBeNull();
    expect(JSON.parse(textOf(get!.client_response!.body))).toMatchObject({ message: 'no' });
    expect(head!.client_response!.body).toBeNull();
  });

  it('asks for headers without bodies and bodies without headers alike', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(
      gateway,
      { id: 'headers', ...capturing({ bodies: false }) },
      { id: 'bodies', ...capturing({ headers: false }) },
      { id: 'spans' },
    );
    await gateway.send('/?a=1', { method: 'POST', body: 'body' });
    const traces = await collector.until(3);
    const of = (id: string) => traces.find(({ sessions }) => sessions.includes(id))!;
    const headers = payloadOf(of('headers'));
    expect(headers.client_request!.headers.length).toBeGreaterThan(0);
    expect([headers.client_request!.body, headers.query]).toEqual([null, 'a=1']);
    const bodies = payloadOf(of('bodies'));
    expect([bodies.client_request!.headers, bodies.query]).toEqual([[], null]);
    expect(textOf(bodies.client_request!.body)).toBe('body');
    expect(of('spans').payload).toBeNull();
  });

  it('takes the first bytes up to what each session asks for, and says how many there were', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('x'.repeat(100_000)));
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(
      gateway,
      { id: 'little', ...capturing({ body_bytes_max: 7 }) },
      { id: 'more', ...capturing({ body_bytes_max: 5_000 }) },
    );
    await gateway.send('/');
    const traces = await collector.until(2);
    for (const [id, bytes] of [
      ['little', 7],
      ['more', 5_000],
    ] as const) {
      const trace = traces.find(({ sessions }) => sessions.includes(id));
      expect(payloadOf(trace).client_response!.body).toMatchObject({
        text: 'x'.repeat(bytes),
        size_bytes: 100_000,
        captured_bytes: bytes,
        truncated: true,
      });
    }
  });

  it('says of a body that nobody read to its end that there was more of it', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'key-auth', config: {} }));
    const collector = await traced(gateway, capturing());
    for (const framing of ['Content-Length: 9', 'Transfer-Encoding: chunked', 'X-Body: none']) {
      const client = await gateway.connect();
      client.send(`POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\n${framing}\r\n\r\n`);
      await client.holding('401');
      client.destroy();
    }
    const bodies = (await collector.until(3)).map((trace) => payloadOf(trace).client_request!.body);
    const unread = { text: '', size_bytes: 0, captured_bytes: 0, truncated: true };
    expect(bodies).toMatchObject([unread, unread, null]);
  });

  it('masks a card wherever chunks of a body part it, in both directions', async () => {
    const text = `{"pan":"${CARD}","n":1}`;
    for (const coding of ['identity', 'gzip', 'br'] as const) {
      const encode = { identity: (body: Buffer) => body, gzip: gzipSync, br: brotliCompressSync }[coding];
      const body = encode(Buffer.from(text));
      const field = coding === 'identity' ? '' : `Content-Encoding: ${coding}\r\n`;
      let cut = 1;
      const upstream = await ScriptedUpstream.start(async (peer) => {
        await peer.holding('\r\n\r\n');
        await peer.holding('0\r\n\r\n');
        const head = `HTTP/1.1 200 OK\r\n${field}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
        peer.send(head + chunked(body.subarray(0, cut)));
        await new Promise(setImmediate);
        peer.send(`${chunked(body.subarray(cut))}0\r\n\r\n`);
        peer.finish();
      });
      const gateway = await TestGateway.start(oneRoute(`http://127.0.0.1:${upstream.target.port}`));
      const collector = await traced(gateway, capturing());
      for (cut = 1; cut < body.length; cut++) {
        const client = await gateway.connect();
        client.send(
          `POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${field}Transfer-Encoding: chunked\r\n\r\n${chunked(body.subarray(0, cut))}`,
        );
        await new Promise(setImmediate);
        client.send(`${chunked(body.subarray(cut))}0\r\n\r\n`);
        const answer = await client.ended();
        expect(answer.includes(chunked(body.subarray(0, cut)).slice(4, -2))).toBe(true);
      }
      const traces = await collector.until(body.length - 1);
      for (const trace of traces) {
        const { client_request, upstream_request, upstream_response, client_response } = payloadOf(trace);
        for (const message of [client_request, upstream_request, upstream_response, client_response])
          expect(textOf(message!.body)).toBe(text.replace(CARD, MASKED));
      }
    }
  });

  it('leaves out what it can not look through, and says so', async () => {
    const upstream = await EchoUpstream.start((_, response) => {
      response.writeHead(200, { 'content-encoding': 'aes128gcm', 'content-type': 'text/plain' });
      response.end(`secret ${CARD}`);
    });
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing());
    await gateway.send('/', {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: `not gzip ${CARD}`,
    });
    const { client_request, client_response } = payloadOf((await collector.until(1))[0]);
    expect(textOf(client_request!.body)).toBe(
      '[not shown, since it could not be scanned: not valid gzip data: incorrect header check]',
    );
    expect(textOf(client_response!.body)).toBe(
      '[not shown, since it could not be scanned: content coding aes128gcm is not known]',
    );
    for (const message of [client_request, client_response])
      expect(message!.redactions).toContainEqual({ where: 'body', rule: 'not_scanned', count: 1 });
  });

  it('tells bytes that are no text as Base64', async () => {
    const bytes = Buffer.from([0, 1, 2, 0xff]);
    const upstream = await EchoUpstream.start((_, response) => response.end(bytes));
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing());
    await gateway.send('/');
    const { client_response } = payloadOf((await collector.until(1))[0]);
    expect(client_response!.body).toMatchObject({ base64: bytes.toString('base64'), size_bytes: 4 });
  });

  it('masks what the rules of a session name, in payload and spans, for that session alone', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const redact = [{ header: 'x-tenant' }, { pattern: 'ssn-\\d+' }];
    const collector = await traced(
      gateway,
      { id: 'strict', ...capturing({ redact }) },
      { id: 'plain', ...capturing() },
    );
    await gateway.send('/people/ssn-123', {
      method: 'POST',
      headers: { 'x-tenant': 'acme' },
      body: 'of ssn-456',
    });
    const traces = await collector.until(2);
    const strict = traces.find(({ sessions }) => sessions.includes('strict'))!;
    expect(payloadOf(strict).client_request!.headers).toContainEqual(['x-tenant', '****']);
    expect(textOf(payloadOf(strict).client_request!.body)).toBe('of ****');
    expect(JSON.stringify(strict.spans)).not.toContain('ssn-123');
    const plain = traces.find(({ sessions }) => sessions.includes('plain'))!;
    expect(textOf(payloadOf(plain).client_request!.body)).toBe('of ssn-456');
    expect(JSON.stringify(plain.spans)).toContain('ssn-123');
  });

  it('masks by the rules that an armed session has got since', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing());
    const [armed] = collector.sessionsArmed;
    const redact = [{ pattern: 'ssn-\\d+' }];
    expect(gateway.worker.syncSessions([{ ...armed!, capture: { ...WHOLE, redact } }])).toMatchObject([
      { state: 'armed', reason: null },
    ]);
    await gateway.send('/people/ssn-123');
    const [trace] = await collector.until(1);
    expect(JSON.stringify(trace)).not.toContain('ssn-123');
  });

  it('holds back no event of a stream, and captures it as it passes', async () => {
    let send: (event: string) => void = () => undefined;
    const upstream = await EchoUpstream.start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      send = (event) => response.write(event);
      send('data: 0\n\n');
    });
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing({ body_bytes_max: 20 }));
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    // Each event is sent when the one before has come through: one held back would be waited for in vain.
    for (let event = 1; event <= 5; event++) {
      await client.holding(`data: ${event - 1}\n\n`);
      send(`data: ${event}\n\n`);
    }
    await client.holding('data: 5\n\n');
    client.destroy();
    const { client_response } = payloadOf((await collector.until(1))[0]);
    expect(client_response!.body).toMatchObject({
      text: expect.stringMatching(/^data: 0\n\ndata: 1\n\nda/),
      truncated: true,
    });
  });

  it('gives its memory back when a request is not wanted, and when it has been sent', async () => {
    const upstream = await EchoUpstream.start((_, response) => response.end('y'.repeat(10_000)));
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, {
      ...capturing(),
      rule: 'http.response.status_code==500 or http.path=="/kept"',
    });
    const body = 'z'.repeat(10_000);
    for (const path of ['/dropped', '/kept', '/dropped']) await gateway.send(path, { method: 'POST', body });
    await collector.until(1);
    await until('the memory to be given back', () => gateway.worker.captureMemory.taken === 0);
    expect(countsOf(gateway)).toMatchObject({ seen: 3, matched: 1, dropped: {} });
  });

  it('says so where there is no memory for a body, and passes it on all the same', async () => {
    const upstream = await EchoUpstream.start((received, response) => response.end(received.body));
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing());
    gateway.worker.captureMemory.take(64 * 1_048_576 - 100);
    const body = 'z'.repeat(1_000);
    expect((await gateway.send('/', { method: 'POST', body })).body).toBe(body);
    const { client_request } = payloadOf((await collector.until(1))[0]);
    expect(client_request!.body).toMatchObject({ size_bytes: 1_000, captured_bytes: 0, truncated: true });
    expect(countsOf(gateway).dropped).toEqual({ payload_memory: 1 });
  });

  it('ends at once when the session may capture no more', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(oneRoute(upstream.url));
    const collector = await traced(gateway, capturing());
    await gateway.send('/one');
    await collector.until(1);
    const [desired] = [collector.sessionsArmed[0]!];
    gateway.worker.syncSessions([{ ...desired, capture: { ...WHOLE, headers: false, bodies: false } }]);
    await gateway.send('/two');
    const traces = await collector.until(2);
    expect(traces.map(({ payload }) => payload === null)).toEqual([false, true]);
  });

  it('masks the values of the names that key-auth takes keys from', async () => {
    const upstream = await EchoUpstream.start();
    const gateway = await TestGateway.start(
      oneRoute(upstream.url) +
        pluginList([{ name: 'key-auth', config: { key_names: ['x-shop-key'] } }]) +
        'consumers:\n- username: ann\n  keyauth_credentials: [{key: ann-key}]\n',
    );
    const collector = await traced(gateway, capturing());
    await gateway.send('/?x-shop-key=ann-key');
    await gateway.send('/', { headers: { 'x-shop-key': 'ann-key' } });
    const traces = await collector.until(2);
    expect(payloadOf(traces[0]).query).toBe('x-shop-key=****');
    expect(JSON.stringify(traces.map(({ payload, spans }) => [payload, spans]))).not.toContain('ann-key');
  });
});

function chunked(bytes: Buffer): string {
  return `${bytes.length.toString(16)}\r\n${bytes.latin1Slice()}\r\n`;
}
