import { CLUSTER_PATHS, STENCIL_CAPABILITY } from '@gatescope/protocol';
import { literalElement, STENCIL_CODING, stencilElement } from '@gatescope/trace';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { EventStream } from './support/event-stream.ts';
import { type TelemetryAnswer, TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let nodes: TestNode[];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  nodes = [await controlPlane.node(), await controlPlane.node(), await controlPlane.node()];
});
afterEach(() => controlPlane.deleteSessions());
afterAll(() => controlPlane.close());

const TAKEN: TelemetryAnswer = { status: 200, contentType: 'application/x-protobuf', body: '' };

function refused(status: number, message: string | RegExp): TelemetryAnswer {
  const text = typeof message === 'string' ? JSON.stringify({ message }) : expect.stringMatching(message);
  return { status, contentType: 'application/json', body: text as string };
}

const idsOf = async (session: string) => (await controlPlane.tracesOf(session)).map(({ id }) => id).sort();
const rootOf = ({ spans }: ReturnType<typeof aTrace>) => spans[0]!.span_id;

describe('telemetry', () => {
  it('is stored when it has been acknowledged', async () => {
    const { id } = await controlPlane.session();
    const traces = [aTrace([id]), aTrace([id])];
    expect(await nodes[0]!.send(exportRequest(...traces))).toEqual(TAKEN);
    expect(controlPlane.sql('select count(*) as count from traces where session_id = ?', id)).toEqual([
      { count: 2 },
    ]);
    expect(await idsOf(id)).toEqual(traces.map(rootOf).sort());
  });

  it('is taken in the stencil coding, which the control plane says it takes', async () => {
    const [node] = nodes;
    expect(node!.hello!.capabilities).toContain(STENCIL_CAPABILITY);
    const { id } = await controlPlane.session();
    const traces = [aTrace([id]), aTrace([id])];
    const [first, second] = traces.map((trace) => exportRequest(trace)) as [Buffer, Buffer];
    const end = second.length - 20;
    const body = Buffer.concat([
      literalElement(first),
      stencilElement(Buffer.concat([second.subarray(0, end), Buffer.alloc(20)]), 20, [
        { from: 0, to: end, length: 20 },
      ]),
      Buffer.of(2, 0),
      second.subarray(end),
    ]);
    expect(await node!.send(body, { headers: { 'content-encoding': STENCIL_CODING } })).toEqual(TAKEN);
    expect(await idsOf(id)).toEqual(traces.map(rootOf).sort());
  });

  it('that holds nothing is taken', async () => {
    expect(await nodes[0]!.send(new Uint8Array(0))).toEqual(TAKEN);
    expect(await nodes[0]!.send(exportRequest())).toEqual(TAKEN);
  });

  it('is stored for each of the sessions it is for', async () => {
    const [one, two] = [await controlPlane.session(), await controlPlane.session()];
    const both = aTrace([one.id, two.id]);
    const alone = aTrace([two.id]);
    await nodes[0]!.send(exportRequest(both, alone));
    expect([await idsOf(one.id), await idsOf(two.id)]).toEqual([
      [rootOf(both)],
      [rootOf(both), rootOf(alone)].sort(),
    ]);
  });

  it('that comes again is stored once: in one batch, one after the other, at the same moment, from two nodes', async () => {
    const { id } = await controlPlane.session();
    const trace = aTrace([id], { spans: [{}, {}] });
    const batch = exportRequest(trace, trace, aTrace([id]));
    expect(await nodes[0]!.send(batch)).toEqual(TAKEN);
    expect(await nodes[0]!.send(batch)).toEqual(TAKEN);
    expect(await Promise.all([1, 2, 3].map(() => nodes[0]!.send(batch)))).toEqual([TAKEN, TAKEN, TAKEN]);
    expect(await nodes[1]!.send(batch)).toEqual(TAKEN);
    expect(await idsOf(id)).toHaveLength(2);
    expect((await controlPlane.sessionOf(id)).counts).toMatchObject({ traces: 2, spans: 6 });
  });

  it('of requests that share a trace id is stored for each of them', async () => {
    const { id } = await controlPlane.session();
    const traceId = 'c'.repeat(32);
    await nodes[0]!.send(exportRequest(aTrace([id], { traceId }), aTrace([id], { traceId })));
    expect((await controlPlane.tracesOf(id)).map(({ trace_id }) => trace_id)).toEqual([traceId, traceId]);
  });
});

describe('max_traces', () => {
  it('is reached and never passed while several nodes send at once; then the session ends', async () => {
    const { id } = await controlPlane.session({ max_traces: 137 });
    const stream = await EventStream.open(controlPlane, id);
    const batches = nodes.flatMap((node) =>
      Array.from({ length: 12 }, () =>
        node.send(exportRequest(...Array.from({ length: 7 }, () => aTrace([id])))),
      ),
    );
    expect(new Set((await Promise.all(batches)).map(({ status }) => status))).toEqual(new Set([200]));
    const ended = await controlPlane.sessionIn('ended', id);
    expect([ended.end_reason, ended.counts.traces, ended.counts.spans]).toEqual(['max_traces', 137, 274]);
    expect(new Set(await idsOf(id)).size).toBe(137);
    await stream.end();
    expect(stream.of('trace')).toHaveLength(137);
    expect(nodes.map(({ desired }) => desired)).toEqual([[], [], []]);
  });

  it('of one ends with the first', async () => {
    const { id } = await controlPlane.session({ max_traces: 1 });
    const traces = [aTrace([id]), aTrace([id])];
    await nodes[0]!.send(exportRequest(...traces));
    expect((await controlPlane.sessionIn('ended', id)).counts.traces).toBe(1);
    expect(await idsOf(id)).toEqual([rootOf(traces[0]!)]);
  });

  it('is not used up by what comes again', async () => {
    const { id } = await controlPlane.session({ max_traces: 3 });
    const first = aTrace([id]);
    for (let round = 0; round < 4; round++) await nodes[0]!.send(exportRequest(first));
    expect(await controlPlane.sessionOf(id)).toMatchObject({ state: 'active', counts: { traces: 1 } });
    await nodes[0]!.send(exportRequest(first, aTrace([id]), first, aTrace([id]), aTrace([id])));
    expect(await idsOf(id)).toHaveLength(3);
    await controlPlane.sessionIn('ended', id);
  });
});

describe('a late trace', () => {
  it('is taken while the session drains and not after it has ended', async () => {
    const node = await controlPlane.node({ reportsDisarmed: false });
    const { id } = await controlPlane.session({ nodes: [node.id] });
    await controlPlane.call(`${SESSIONS}/${id}/stop`, { method: 'POST' });
    const late = aTrace([id]);
    expect(await node.send(exportRequest(late))).toEqual(TAKEN);
    expect(await controlPlane.sessionOf(id)).toMatchObject({ state: 'draining', counts: { traces: 1 } });
    await node.report(id, {}, true);
    await controlPlane.sessionIn('ended', id);
    expect(await node.send(exportRequest(aTrace([id])))).toEqual(TAKEN);
    expect(await idsOf(id)).toEqual([rootOf(late)]);
    node.close();
  });
});

describe('a node that was away when its session ended', () => {
  it('hands in what it has, until it has said its last word', async () => {
    const node = await controlPlane.node();
    const { id } = await controlPlane.session({ nodes: [node.id] });
    node.close();
    await until('the node to be lost', async () => !(await controlPlane.isConnected(node.id)));
    await controlPlane.call(`${SESSIONS}/${id}/stop`, { method: 'POST' });
    await controlPlane.sessionIn('ended', id);
    const back = await controlPlane.node({ id: node.id });
    const late = aTrace([id]);
    expect(await back.send(exportRequest(late))).toEqual(TAKEN);
    expect(await controlPlane.sessionOf(id)).toMatchObject({
      state: 'ended',
      counts: { traces: 1 },
      node_states: [{ state: 'lost' }],
    });
    await back.report(id, { seen: 1, matched: 1 }, true);
    expect(await back.send(exportRequest(aTrace([id])))).toEqual(TAKEN);
    expect(await idsOf(id)).toEqual([rootOf(late)]);
    expect(await controlPlane.sessionOf(id)).toMatchObject({
      counts: { traces: 1, matched: 1 },
      node_states: [{ state: 'ended', reason: null }],
    });
    back.close();
  });
});

describe('telemetry that nobody asked for', () => {
  it('is dropped: of no session, an unknown one, one of another node, or none that is still there', async () => {
    const { id } = await controlPlane.session({ nodes: [nodes[0]!.id] });
    const gone = await controlPlane.session();
    await controlPlane.call(`${SESSIONS}/${gone.id}`, { method: 'DELETE' });
    const traces = [aTrace([]), aTrace(['no-such-session']), aTrace([id]), aTrace([gone.id]), aTrace([''])];
    expect(await nodes[1]!.send(exportRequest(...traces))).toEqual(TAKEN);
    expect(controlPlane.sql('select id from traces')).toEqual([]);
  });

  it('is dropped where it has no root', async () => {
    const { id } = await controlPlane.session();
    const { spans, ...trace } = aTrace([id]);
    expect(await nodes[0]!.send(exportRequest({ ...trace, spans: spans.slice(1) }))).toEqual(TAKEN);
    expect(await idsOf(id)).toEqual([]);
  });

  it('is counted as refused', async () => {
    const metric = async () =>
      /^gatescope_traces_refused_total (\d+)$/m.exec(
        await (await controlPlane.fetch('/metrics')).text(),
      )?.[1];
    const before = Number(await metric());
    await nodes[0]!.send(exportRequest(aTrace(['no-such-session'])));
    expect(Number(await metric())).toBe(before + 1);
  });
});

describe('a node that is not who it says', () => {
  it.each([
    ['no token', ''],
    ['no bearer token', 'Basic bm9kZTp4'],
    ['a token of nobody', 'Bearer x.y'],
    ["the API's token", 'Bearer contract-admin-token'],
    ['an empty token', 'Bearer .'],
  ])('gets 401 with %s', async (_, authorization) => {
    const { id } = await controlPlane.session();
    expect(await nodes[0]!.send(exportRequest(aTrace([id])), { headers: { authorization } })).toEqual(
      refused(401, 'a node token is needed'),
    );
    expect(await idsOf(id)).toEqual([]);
  });

  it('gets 401 with a token that was changed, or made for another node', async () => {
    const { id } = await controlPlane.session();
    const [name, signature] = nodes[0]!.hello!.telemetry_token.split('.');
    const other = Buffer.from(nodes[1]!.id).toString('base64url');
    for (const token of [
      `${other}.${signature}`,
      `${name}.${signature!.slice(1)}`,
      `${name}.`,
      `${name}.${signature}x`,
    ]) {
      const answer = await nodes[0]!.send(exportRequest(aTrace([id])), {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer).toEqual(refused(401, 'a node token is needed'));
    }
  });

  it('stores nothing with the token of a node that the session is not on', async () => {
    const { id } = await controlPlane.session({ nodes: [nodes[0]!.id] });
    const headers = { authorization: `Bearer ${nodes[1]!.hello!.telemetry_token}` };
    expect(await nodes[0]!.send(exportRequest(aTrace([id])), { headers })).toEqual(TAKEN);
    expect(await idsOf(id)).toEqual([]);
  });

  it('gets 401 with the token of another deployment', async () => {
    const other = await TestControlPlane.start();
    try {
      const stranger = await other.node({ id: nodes[0]!.id });
      const headers = { authorization: `Bearer ${stranger.hello!.telemetry_token}` };
      expect((await nodes[0]!.send(exportRequest(), { headers })).status).toBe(401);
      // Its certificate is of another authority.
      await expect(
        stranger.reconnect({ ...other.identity, port: controlPlane.identity.port }),
      ).rejects.toThrow();
    } finally {
      await other.close();
    }
  });
});

describe('telemetry that is none', () => {
  it.each([
    ['another path', { path: '/v1/nothing' }, refused(404, 'not found')],
    ['another method', { method: 'PUT' }, refused(405, 'POST only')],
    [
      'JSON',
      { headers: { 'content-type': 'application/json' } },
      refused(415, 'application/x-protobuf is expected'),
    ],
    [
      'a coding that is not known',
      { headers: { 'content-encoding': 'gzip' } },
      refused(415, 'content coding gzip is not known: send gatescope-stencil or none'),
    ],
  ])('is refused: %s', async (_, options, answer) => {
    expect(await nodes[0]!.send(exportRequest(), options)).toEqual(answer);
  });

  it.each([
    ['text', Buffer.from('not a protobuf at all')],
    ['a field that is cut off', exportRequest(aTrace(['a'])).subarray(0, -1)],
    ['a length beyond its end', Buffer.of(0x0a, 0xff, 0xff, 0xff, 0x7f)],
    [
      'a length beyond all numbers',
      Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    ],
    ['a span without ids', exportRequest({ ...aTrace(['a']), traceId: '' })],
  ])('is refused as invalid: %s', async (_, body) => {
    expect(await nodes[0]!.send(body)).toEqual(refused(400, 'the body is no OTLP trace export request'));
  });

  it.each([
    ['what is not in it', exportRequest(aTrace(['a'])), 'no element begins with 10'],
    ['what is cut off', Buffer.of(0, 9), 'it ends within an element'],
    [
      'what would be too large',
      Buffer.concat([stencilElement(Buffer.alloc(1_048_576), 0, []), Buffer.alloc(34, Uint8Array.of(2, 0))]),
      'more than 16777216 bytes',
    ],
  ])('is refused as invalid in the stencil coding: %s', async (_, body, message) => {
    const headers = { 'content-encoding': STENCIL_CODING };
    expect(await nodes[0]!.send(body, { headers })).toEqual(
      refused(400, `the body is not gatescope-stencil: ${message}`),
    );
  });

  it('is refused beyond 16 MiB, whether its length is told before or not', async () => {
    const body = Buffer.alloc(24 * 1_048_576);
    expect(await nodes[0]!.send(body)).toEqual(refused(413, 'more than 16777216 bytes'));
    expect(await nodes[0]!.send(body, { headers: { 'transfer-encoding': 'chunked' } })).toEqual(
      refused(413, 'more than 16777216 bytes'),
    );
    expect(await nodes[0]!.send(exportRequest())).toEqual(TAKEN);
  });

  it('that breaks off is forgotten', async () => {
    const { id } = await controlPlane.session();
    const body = exportRequest(aTrace([id]));
    const call = nodes[0]!.open(
      { headers: { 'content-type': 'application/x-protobuf', 'content-length': String(body.length) } },
      () => undefined,
    );
    const closed = new Promise((resolve) => call.on('close', resolve));
    call.on('error', () => undefined);
    call.write(body.subarray(0, 10), () => call.destroy());
    await closed;
    expect(await nodes[0]!.send(exportRequest(aTrace([id])))).toEqual(TAKEN);
    expect(await idsOf(id)).toHaveLength(1);
  });

  it('whatever its bytes, is answered with 200 or 400, and nothing else happens', async () => {
    const { id } = await controlPlane.session();
    const lines = controlPlane.lines.length;
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        expect([200, 400]).toContain((await nodes[0]!.send(body)).status);
      }),
      { numRuns: 100, seed: 7 },
    );
    expect(await idsOf(id)).toEqual([]);
    expect(
      controlPlane.lines
        .slice(lines)
        .filter(({ message }) => !message.includes('no OTLP trace export request')),
    ).toEqual([]);
  });

  it('however a valid batch is damaged, is answered with 200 or 400, and what was stored can be read', async () => {
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const valid = exportRequest(
      aTrace([id], {
        attributes: {
          'proxy.kong.upstream_status_code': 502,
          'proxy.kong.latency.total': 1.5,
          'tls.resumed': true,
          list: ['a', 1],
        },
        spans: [
          {
            name: 'kong.access.plugin.key-auth',
            events: [{ name: 'e', time_unix_nano: '1', attributes: { a: 'b' } }],
            status: { code: 'ERROR', message: 'no' },
          },
        ],
      }),
    );
    const damage = fc.array(
      fc.record({ at: fc.nat({ max: valid.length - 1 }), byte: fc.nat({ max: 255 }) }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const body = Uint8Array.from(valid);
        for (const { at, byte } of changes) body[at] = byte;
        expect([200, 400]).toContain((await nodes[0]!.send(body)).status);
      }),
      { numRuns: 150, seed: 7 },
    );
    for (const trace of await controlPlane.tracesOf(id)) {
      const whole = await controlPlane.call<{ summary: unknown }>(`${SESSIONS}/${id}/traces/${trace.id}`);
      expect([whole.status, whole.body.summary]).toEqual([200, trace]);
      expect((await controlPlane.call(`${SESSIONS}/${id}/traces/${trace.id}/skeleton`)).status).toBe(200);
    }
  });
});

describe('the cluster listener', () => {
  it('lets in nobody without a certificate of its authority', async () => {
    const { port, ca } = controlPlane.identity;
    const refusals = controlPlane.lines.filter(({ message }) =>
      message.startsWith('a node was refused'),
    ).length;
    await expect(fetch(`https://127.0.0.1:${port}${CLUSTER_PATHS.traces}`)).rejects.toThrow();
    await expect(nodes[0]!.reconnect({ cert: '', key: '', ca, port })).rejects.toThrow(
      'refused (403): it shows no certificate',
    );
    await until(
      'the lines',
      () =>
        controlPlane.lines.filter(({ message }) => message.startsWith('a node was refused')).length >
        refusals,
    );
    await nodes[0]!.reconnect();
  });

  it('answers no call before hello, and hello once', async () => {
    const hello = {
      hostname: 'x',
      version: '1',
      capabilities: [],
      tracing: { available: false, reason: null },
      config_hash: null,
      workers: 1,
    };
    await expect(
      nodes[0]!.peer.call('gatescope.nodes.v1.hello', { ...hello, node_id: 'another' }),
    ).rejects.toThrow('hello was said already');
    await expect(nodes[0]!.peer.call('gatescope.nodes.v1.nothing', {})).rejects.toThrow(
      'is not offered here',
    );
    const report = { epoch: 1, sessions: [] };
    await expect(nodes[0]!.peer.call('gatescope.sessions.v1.report', report)).rejects.toThrow(
      'not understood: epoch must be string',
    );
    const silent = await TestNode.connect(controlPlane.identity, { saysHello: false });
    await expect(silent.peer.call('gatescope.sessions.v1.report', { ...report, epoch: 'e' })).rejects.toThrow(
      'say hello first',
    );
    silent.close();
  });
});
