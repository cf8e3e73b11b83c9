import type { List, Session } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aLine, aTrace, exportRequest, logsRequest, type SentTrace } from './support/otlp.ts';

let cp: TestControlPlane;
let node: TestNode;
beforeAll(async () => {
  cp = await TestControlPlane.start();
  node = await cp.node();
});
afterEach(async () => await cp.deleteSessions());
afterAll(async () => await cp.close());

/** A trace with one line a microsecond, the first at its start. */
function withLines(session: Session, ...lines: Partial<LogLine>[]): SentTrace {
  const trace = aTrace([session.id], { spans: [{ name: 'kong.phase.access' }] });
  const start = BigInt(trace.spans[0]!.start_unix_nano);
  return {
    ...trace,
    lines: lines.map((fields, index) =>
      aLine({
        trace_id: trace.traceId,
        span_id: trace.spans[0]!.span_id,
        time_unix_nano: String(start + BigInt(index) * 1_000n),
        message: `line ${index}`,
        ...fields,
      }),
    ),
  };
}

async function linesOf(path: string): Promise<readonly LogLine[]> {
  const { status, body } = await cp.call<List<LogLine>>(`${SESSIONS}/${path}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.data;
}

const messages = (lines: readonly LogLine[]) => lines.map(({ message }) => message);

describe('GET …/traces/{trace}/logs', () => {
  it('gives the lines of a trace newest first, by the id of its root or its trace id, with all they say', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const line = {
      level: 'warn',
      type: 'plugin',
      source: 'plugin:key-auth',
      message: 'no key',
      attributes: { tries: 2, deep: { a: ['b'] } },
    } as const;
    const trace = withLines(session, {}, line);
    expect(await node.send(exportRequest(trace))).toMatchObject({ status: 200 });
    const root = trace.spans[0]!.span_id;
    const expected = [trace.lines![1], trace.lines![0]];
    expect(await linesOf(`${session.id}/traces/${root}/logs`)).toEqual(expected);
    expect(await linesOf(`${session.id}/traces/${trace.traceId}/logs`)).toEqual(expected);
    expect((await cp.tracesOf(session.id))[0]).toMatchObject({ log_count: 2, has_payload: false });
    expect((await cp.sessionOf(session.id)).counts).toMatchObject({ traces: 1, logs: 2 });
  });

  it('filters by lowest level, type, source, span, subtree and text', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const trace = withLines(
      session,
      { level: 'debug', type: 'router', message: 'matched Checkout' },
      { level: 'error', type: 'upstream', source: 'upstream', attributes: { host: 'ledger.internal' } },
      { level: 'info', source: 'plugin:key-auth' },
    );
    const [root, router, access] = trace.spans.map(({ span_id }) => span_id);
    const spans = trace.spans.map((span) =>
      span.span_id === access ? { ...span, parent_span_id: router! } : span,
    );
    const lines = trace.lines!.map((line, index) => ({
      ...line,
      span_id: [root!, router!, access!][index]!,
    }));
    await node.send(exportRequest({ ...trace, spans, lines }));
    const query = (text: string) => linesOf(`${session.id}/traces/${root}/logs?${text}`).then(messages);
    expect(await query('level=info')).toEqual(['line 2', 'line 1']);
    expect(await query('level=emerg')).toEqual([]);
    expect(await query('type=router')).toEqual(['matched Checkout']);
    expect(await query('source=plugin:key-auth')).toEqual(['line 2']);
    expect(await query(`span_id=${router}`)).toEqual(['line 1']);
    expect(await query(`span_id=${router}&subtree=true`)).toEqual(['line 2', 'line 1']);
    expect(await query(`subtree=${router}`)).toEqual(['line 2', 'line 1']);
    expect(await query(`subtree=${root}`)).toEqual(['line 2', 'line 1', 'matched Checkout']);
    expect(await query(`span_id=${root}&subtree=false`)).toEqual(['matched Checkout']);
    expect(await query('text=CHECKOUT')).toEqual(['matched Checkout']);
    expect(await query('text=ledger.')).toEqual(['line 1']);
    expect(await query('level=info&type=router')).toEqual([]);
  });

  it('answers in pages', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    // Two lines of the same time are told apart too.
    const trace = withLines(
      session,
      {},
      {},
      { time_unix_nano: '1800000000000000000' },
      {},
      {
        time_unix_nano: '1800000000000000000',
      },
    );
    await node.send(exportRequest(trace));
    const path = `${session.id}/traces/${trace.traceId}/logs`;
    const whole = await linesOf(path);
    const paged: LogLine[] = [];
    let after: string | null = null;
    do {
      const query: string = after === null ? '' : `&after=${after}`;
      const { body } = await cp.call<List<LogLine>>(`${SESSIONS}/${path}?size=2${query}`);
      expect(body.data.length).toBeLessThanOrEqual(2);
      paged.push(...body.data);
      after = body.next;
    } while (after !== null);
    expect(paged).toEqual(whole);
    expect(paged).toHaveLength(5);
  });

  it('refuses what it can not read, and says so of a session that captures no logs', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const silent = await cp.session({});
    const trace = withLines(session, {});
    await node.send(exportRequest(trace, { ...trace, sessions: [silent.id] }));
    const path = `${SESSIONS}/${session.id}/traces/${trace.traceId}/logs`;
    for (const query of ['level=loud', 'span_id=7', 'subtree=true', 'after=xyz', 'size=0', 'order=asc']) {
      const { status, body } = await cp.call(`${path}?${query}`);
      expect([query, status, body.code]).toEqual([query, 400, 'invalid_request']);
    }
    const cursor = Buffer.from('[1,"nothing"]').toString('base64url');
    expect(await cp.call(`${path}?after=${cursor}`)).toMatchObject({ status: 400 });
    const other = await cp.call(`${SESSIONS}/${silent.id}/traces/${trace.traceId}/logs`);
    expect([other.status, other.body.code]).toEqual([404, 'not_captured']);
    expect(await cp.call(`${SESSIONS}/${silent.id}/logs`)).toMatchObject({
      status: 404,
      body: { code: 'not_captured' },
    });
    expect(await cp.call(`${SESSIONS}/${session.id}/traces/${'0'.repeat(32)}/logs`)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect((await cp.tracesOf(silent.id))[0]).toMatchObject({ log_count: 0 });
  });
});

describe('GET …/sessions/{id}/logs', () => {
  it('merges the lines of all traces and those of no request, newest first, in pages that lose none', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const base = 1_800_000_000_000_000_000n;
    const at = (us: number) => String(base + BigInt(us) * 1_000n);
    const traces = Array.from({ length: 70 }, (_, number) =>
      withLines(
        session,
        { message: `t${number} a`, time_unix_nano: at(number * 3) },
        // Every tenth lasts long, so that it lies over all that come after.
        { message: `t${number} b`, time_unix_nano: at(number * 3 + (number % 10 === 0 ? 500 : 1)) },
      ),
    );
    await node.send(exportRequest(...traces));
    await node.send(
      logsRequest([session.id], 'chunk-1', [
        aLine({ message: 'reloaded', type: 'config', time_unix_nano: at(100) }),
        aLine({ message: 'dns', type: 'dns', time_unix_nano: at(50), trace_id: 'a'.repeat(32) }),
      ]),
      { path: '/v1/logs' },
    );
    const whole = await linesOf(`${session.id}/logs`);
    expect(whole).toHaveLength(142);
    const times = whole.map(({ time_unix_nano }) => BigInt(time_unix_nano));
    expect(times).toEqual([...times].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
    expect(whole.filter(({ trace_id }) => trace_id === null).map(({ message }) => message)).toEqual([
      'reloaded',
      'dns',
    ]);
    const paged: LogLine[] = [];
    let after: string | null = null;
    do {
      const query: string = after === null ? '' : `&after=${after}`;
      const { body } = await cp.call<List<LogLine>>(`${SESSIONS}/${session.id}/logs?size=9${query}`);
      paged.push(...body.data);
      after = body.next;
    } while (after !== null);
    expect(paged).toEqual(whole);
    expect(messages(await linesOf(`${session.id}/logs?type=config`))).toEqual(['reloaded']);
    expect((await cp.sessionOf(session.id)).counts.logs).toBe(142);
  });
});

describe('POST /v1/logs', () => {
  const line = aLine({ message: 'reloaded', type: 'config' });

  it('stores a chunk once however often it comes, and only for sessions of the node that want logs', async () => {
    const session = await cp.session({ capture: { logs: 'info' } });
    const silent = await cp.session({});
    const stranger = await cp.node({ hostname: 'stranger.test' });
    const own = await cp.session({ nodes: [stranger.id], capture: { logs: 'info' } });
    const request = logsRequest([session.id, session.id, silent.id, own.id, 'no-session'], 'one', [line]);
    for (let times = 0; times < 3; times++) {
      expect(await node.send(request, { path: '/v1/logs' })).toMatchObject({ status: 200, body: '' });
    }
    expect(await linesOf(`${session.id}/logs`)).toEqual([line]);
    expect(await linesOf(`${own.id}/logs`)).toEqual([]);
    expect(cp.sql('select session_id from logs')).toEqual([{ session_id: session.id }]);
    // Another node's chunk of the same name is another one.
    stranger.close();
    expect((await cp.sessionOf(session.id)).counts.logs).toBe(1);
  });

  it('tells those who watch the session', async () => {
    const session = await cp.session({ capture: { logs: 'info' } });
    await node.send(logsRequest([session.id], 'watched', [line]), { path: '/v1/logs' });
    await until('the count', async () => (await cp.sessionOf(session.id)).counts.logs === 1);
  });

  it('refuses what is no log export request, and stores nothing of a session that has ended', async () => {
    expect(await node.send(Buffer.from([0x0a, 0xff]), { path: '/v1/logs' })).toMatchObject({ status: 400 });
    expect(await node.send(logsRequest(['x'], '', [line]), { path: '/v1/logs' })).toMatchObject({
      status: 400,
    });
    const session = await cp.session({ capture: { logs: 'info' } });
    await cp.call(`${SESSIONS}/${session.id}/stop`, { method: 'POST' });
    await cp.sessionIn('ended', session.id);
    await node.send(logsRequest([session.id], 'late', [line]), { path: '/v1/logs' });
    expect(await linesOf(`${session.id}/logs`)).toEqual([]);
  });
});

describe('the lines of a trace', () => {
  it('are stored with it or not at all: a retry stores them once, a trace beyond the session none', async () => {
    const session = await cp.session({ max_traces: 1, capture: { logs: 'debug' } });
    const trace = withLines(session, {}, {});
    const late = withLines(session, {}, {});
    await node.send(exportRequest(trace));
    await node.send(exportRequest(trace, late));
    await cp.sessionIn('ended', session.id);
    expect(await linesOf(`${session.id}/logs`)).toHaveLength(2);
    expect((await cp.sessionOf(session.id)).counts).toMatchObject({ traces: 1, logs: 2 });
  });

  it('are left out where they name another trace', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const trace = withLines(session, {}, { trace_id: 'b'.repeat(32) }, { trace_id: null });
    await node.send(exportRequest(trace));
    expect(messages(await linesOf(`${session.id}/logs`))).toEqual(['line 0']);
  });

  it('are refused with the trace where they are no log lines', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    const trace = withLines(session, {});
    const request = Buffer.from(exportRequest(trace));
    const at = request.indexOf('line 0');
    request[at - 1] = 0xff;
    expect(await node.send(request)).toMatchObject({ status: 400 });
    expect(await cp.tracesOf(session.id)).toEqual([]);
  });

  it('are sealed, and go with the session', async () => {
    const session = await cp.session({ capture: { logs: 'debug' } });
    await node.send(exportRequest(withLines(session, { message: 'telltale-line' })));
    const [row] = cp.sql<{ sealed_lines: Buffer }>('select sealed_lines from logs');
    expect(Buffer.from(row!.sealed_lines).includes('telltale-line')).toBe(false);
    await cp.call(`${SESSIONS}/${session.id}`, { method: 'DELETE' });
    expect(cp.sql('select * from logs')).toEqual([]);
  });
});
