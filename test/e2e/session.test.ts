import type { List, Session, TraceSummary } from '@gatescope/protocol';
import type { Span } from '@gatescope/trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/until.ts';

const SESSIONS = '/control-planes/default/sessions';

let product: Product;

async function startSession(request: object): Promise<Session> {
  const { status, body } = await product.api<Session>('POST', SESSIONS, request);
  expect({ status, body }).toMatchObject({ status: 201 });
  return await until('the session to be active', async () => {
    const { body: session } = await product.api<Session>('GET', `${SESSIONS}/${body.id}`);
    return session.state === 'active' ? session : null;
  });
}

async function tracesOf(session: Session, query = ''): Promise<readonly TraceSummary[]> {
  return (await product.api<List<TraceSummary>>('GET', `${SESSIONS}/${session.id}/traces?size=1000${query}`))
    .body.data;
}

async function get(path: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(product.proxyUrl + path, { headers });
  await response.arrayBuffer();
  return response.status;
}

describe('a tracing session', () => {
  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(() => product.close());

  it('captures only what its rule matches, and shows it within a second', async () => {
    const session = await startSession({ name: '503s', rule: 'http.response.status_code==503' });
    const statuses = await Promise.all([
      get('/catalog'),
      get('/status/503'),
      get('/status/200'),
      get('/status/503'),
      get('/nowhere-at-all'),
    ]);
    expect(statuses.filter((status) => status === 503)).toHaveLength(2);
    const traces = await until(
      'both traces',
      async () => {
        const rows = await tracesOf(session);
        return rows.length === 2 ? rows : null;
      },
      1_500,
    );
    expect(traces.map((trace) => trace.status_code)).toEqual([503, 503]);
    const counted = await until('the counts', async () => {
      const { body } = await product.api<Session>('GET', `${SESSIONS}/${session.id}`);
      return body.counts.seen === 5 ? body : null;
    });
    expect(counted.counts).toMatchObject({ seen: 5, matched: 2, traces: 2, dropped: {} });
    const stopped = await product.api<Session>('POST', `${SESSIONS}/${session.id}/stop`);
    expect(stopped.status).toBe(200);
    const ended = await until('the end', async () => {
      const { body } = await product.api<Session>('GET', `${SESSIONS}/${session.id}`);
      return body.state === 'ended' ? body : null;
    });
    expect(ended.end_reason).toBe('stopped');
  });

  it('shows the parts of a request, and they add up to the whole', async () => {
    const session = await startSession({ route: 'sample' });
    await get('/sample');
    const [trace] = await until('the trace', async () => {
      const rows = await tracesOf(session);
      return rows.length === 1 ? rows : null;
    });
    expect(trace!.upstream_ms + trace!.gateway_ms + trace!.client_ms + trace!.io_ms).toBeCloseTo(
      trace!.duration_ms,
      3,
    );
    expect(trace!.slowest_plugin).toMatchObject({ name: 'pre-function', phase: 'access' });
    const { body } = await product.api<{ summary: TraceSummary; spans: Span[] }>(
      'GET',
      `${SESSIONS}/${session.id}/traces/${trace!.id}`,
    );
    const names = body.spans.map((span) => span.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'kong',
        'kong.read_client_http_headers',
        'kong.router',
        'kong.phase.access',
        'kong.access.plugin.pre-function',
        'kong.upstream.selection',
        'kong.upstream.find_upstream',
        'kong.send_request_to_upstream',
        'kong.read_headers_from_upstream',
        'kong.wait_for_client_read',
      ]),
    );
    await product.api('POST', `${SESSIONS}/${session.id}/stop`);
  });

  it('ends at exactly its number of traces under concurrent requests, while another runs beside it', async () => {
    const limited = await startSession({ name: 'limited', max_traces: 200 });
    const beside = await startSession({
      name: 'beside',
      rule: 'http.response.status_code==503',
      max_traces: 10_000,
    });
    const rounds = Array.from({ length: 500 }, async (_, index) =>
      get(index % 10 === 0 ? '/status/503' : '/status/200'),
    );
    await Promise.all(rounds);
    const ended = await until('the first session to end', async () => {
      const { body } = await product.api<Session>('GET', `${SESSIONS}/${limited.id}`);
      return body.state === 'ended' ? body : null;
    });
    expect({ reason: ended.end_reason, traces: ended.counts.traces }).toEqual({
      reason: 'max_traces',
      traces: 200,
    });
    expect(await tracesOf(limited)).toHaveLength(200);
    const failures = await until('the 503s of the second', async () => {
      const rows = await tracesOf(beside);
      return rows.length === 50 ? rows : null;
    });
    expect(new Set(failures.map((trace) => trace.status_code))).toEqual(new Set([503]));
    expect((await product.api<Session>('GET', `${SESSIONS}/${beside.id}`)).body.state).toBe('active');
    await product.api('POST', `${SESSIONS}/${beside.id}/stop`);
  });

  it('ends after its duration', async () => {
    const session = await startSession({ duration_seconds: 10 });
    const ended = await until(
      'the session to end',
      async () => {
        const { body } = await product.api<Session>('GET', `${SESSIONS}/${session.id}`);
        return body.state === 'ended' ? body : null;
      },
      15_000,
    );
    expect(ended.end_reason).toBe('duration');
  });
});
